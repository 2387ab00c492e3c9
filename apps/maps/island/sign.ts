// The signs of places: each kind has a shape of its own, so that nobody has to tell colours, as on the hub's pictures.

/** What kinds have: their ground, what is written on it, and their outline around 0,0 with about 1 to each side. */
interface Look {
  ground: string;
  ink: string;
  line: string; // of their lines and areas
  outline: string;
}

const look = (ground: string, outline: string, ink = "#fff", line = ground): Look => ({ ground, ink, line, outline });

const square = "M-.88-.88H.88V.88H-.88Z";
const looks: { [kind: string]: Look } = {
  shelter: look("#0b4f9c", "M0-1.12 1.05-.3H.9V.9H-.9V-.3H-1.05Z"),
  water: look("#006b75", "M0-1.2 .74-.39A.92.86 0 1 1-.74-.39Z"),
  food: look("#8a4b00", "M-1.15-.85H1.15V-.55A1.15 1.55 0 0 1-1.15-.55Z"),
  medical: look("#a3123f", "M-.62-1.02H.62V-.62H1.02V.62H.62V1.02H-.62V.62H-1.02V-.62H-.62Z"),
  charging: look("#5b2e91", "M0-1.2 1.2 0 0 1.2-1.2 0Z"),
  hazard: look("#ffd000", "M0-1.25 1.36 1H-1.36Z", "#111", "#b35900"), // yellow is no line on white streets
  road: look("#b0101c", "M.4-.97 .97-.4V.4L.4.97H-.4L-.97.4V-.4L-.4-.97Z"),
  notice: look("#9a3d00", square),
};
looks["warmth"] = looks["shelter"]!; // people stay in both
const plain = look("#333", square);

/** How a kind looks; the square for kinds that have no shape of their own. */
export const lookOf = (kind: string): Look => (Object.prototype.hasOwnProperty.call(looks, kind) ? looks[kind]! : plain);

const svgns = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
export function draw(name: string, given: { [attribute: string]: string | number }): SVGElement {
  const e = document.createElementNS(svgns, name);
  for (const a of Object.keys(given)) e.setAttribute(a, String(given[a]));
  return e;
}

/** The drawing of one place, with its number; hollow if it is not confirmed. It says nothing to who cannot see it. */
export function signOf(kind: string, number: number, unsure: boolean): SVGElement {
  const l = lookOf(kind);
  const svg = draw("svg", { viewBox: "-18 -18 36 36", width: 36, height: 36, "aria-hidden": "true", focusable: "false" });
  svg.appendChild(draw("path", { d: l.outline, transform: "scale(12.5)", fill: "#fff", stroke: "#fff", "stroke-width": 0.32, "stroke-linejoin": "round" }));
  const shape = { d: l.outline, transform: "scale(12.5)", fill: unsure ? "#fff" : l.ground, stroke: unsure ? l.line : "none", "stroke-width": 0.16 };
  svg.appendChild(draw("path", unsure ? { ...shape, "stroke-dasharray": ".3 .18" } : shape));
  if (number > 0 || kind === "notice") {
    const text = draw("text", { y: kind === "hazard" ? 9 : 5, "text-anchor": "middle", "font-size": number > 99 ? 10 : 13, "font-weight": 700, fill: unsure ? l.line : l.ink });
    text.textContent = number > 0 ? String(number) : "!";
    svg.appendChild(text);
  }
  return svg;
}

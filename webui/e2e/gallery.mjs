// Every page of pages.mjs as a phone, a desktop, a dark phone and an Arabic one show it,
// in one table, and what a phone shows that has joined the Wi-Fi. Part of "make screenshots".
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { device, found, phone, town } from "./harness.mjs";
import { fill, joined, known, stranger, visit } from "./pages.mjs";
import { write } from "./people.mjs";

const desktop = { width: 1000, height: 640 };
const modes = [
  { name: "phone", size: phone, width: 180, small: true },
  { name: "desktop", size: desktop, width: 280 },
  { name: "dark", size: phone, width: 180, colorScheme: "dark", small: true },
  { name: "arabic", size: phone, width: 180, lang: "ar" },
];

const fileOf = (page, mode) => `${page.replace(/[^a-z]+/g, "-")}-${mode}.webp`;

/** Makes the pictures and the table in a folder; keep(page, path) keeps one. */
export async function gallery(t, folder, keep) {
  const place = await town("Fire Station");
  t.after(place.stop);
  const [hub] = place.hubs;
  await fill(hub);
  const met = await found(["Fire Station"], "--trust-clock", "--portal");
  t.after(met.stop);
  mkdirSync(folder, { recursive: true });
  for (const mode of modes) {
    const look = async (at, pages, ready = () => undefined) => {
      const { browser, page } = await device(t, at);
      await page.setViewportSize(mode.size);
      await page.emulateMedia({ colorScheme: mode.colorScheme ?? "light" });
      await ready(page);
      for (const one of pages) {
        await visit(page, one, mode.lang);
        await keep(page, join(folder, fileOf(one.name, mode.name)));
      }
      await browser.close();
    };
    const inLanguage = async (page) => {
      if (mode.lang) await page.goto(`/~${mode.lang}/`);
    };
    await look(hub, known, async (page) => {
      await write(page, "I can take four people to the clinic at seven.", "Lena");
      await inLanguage(page);
    });
    await look(hub, stranger, inLanguage);
    if (mode.small) await look(met.hubs[0], joined);
  }
  writeFileSync(join(folder, "README.md"), `# Every page

From \`make screenshots\`, of real hubs.

${table([...known, ...stranger], modes)}
In the small window that a phone opens when it joins the Wi-Fi, after the last tap:

${table(joined, modes.filter((m) => m.small))}`);
}

function table(pages, shown) {
  const cell = (name, m) => `<img src="${fileOf(name, m.name)}" width="${m.width}" alt="${name}, ${m.name}">`;
  const rows = pages.map(({ name }) => `| ${name} | ${shown.map((m) => cell(name, m)).join(" | ")} |`);
  return `| page | ${shown.map((m) => m.name).join(" | ")} |
|---|${shown.map(() => "---|").join("")}
${rows.join("\n")}
`;
}

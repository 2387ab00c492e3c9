// What the map says, in the reader's language: the page brings it along.

import { find } from "../../../webui/islands/page";

function brought(template: string, selector: string): HTMLElement | null {
  const words = find("#" + template) as HTMLTemplateElement | null;
  return words && find(selector, words.content);
}

/** A phrase that the page brings along for the map; empty where it does not. */
export function say(name: string): string {
  const one = brought("map-words", `[data-phrase="${name}"]`);
  return ((one && one.textContent) || "").trim();
}

/** A copy of a part that the page brings along for the map. */
export function part(name: string): HTMLElement | null {
  const one = brought("map-" + name, `[data-part="${name}"]`);
  return one && (document.importNode(one, true) as HTMLElement);
}

/** A phrase about so many, of which the page has the forms for 2, 3 and 11: languages differ in how they count. */
export function some(name: string, n: number): string {
  const forms = say(name).split("|");
  const form = forms[n < 3 ? 0 : n < 11 ? 1 : 2] || forms[0]!;
  return form.replace(/\d+/, String(n));
}

/** Several things in one line. */
export const listed = (words: string[]): string => words.filter(Boolean).join(" · ");

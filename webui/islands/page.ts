// What a page says of itself, in data attributes that webui/layout/top.html writes.

/** Lists of one app that the page shows: what the live socket is asked to watch. */
export interface Topics {
  app: string;
  terms: string[];
}

export const root = document.documentElement;

/** The prefix of every link, for browsers that keep no cookies. */
export const prefix = root.getAttribute("data-prefix") || "";

/** The key of who reads the page; empty for nobody. */
export const author = root.getAttribute("data-author") || "";

/** The name that the reader goes by. */
export const authorName = root.getAttribute("data-author-name") || "";

/** Names the program that made the page; another one means that the hub was updated. */
export const build = root.getAttribute("data-build") || "";

export const topics: Topics[] = JSON.parse(root.getAttribute("data-topics") || "[]");

/** One element of the page; null where it has none. */
export function find<E extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): E | null {
  return within.querySelector<E>(selector);
}

/** What the page brings along for scripts. */
function brought(selector: string): HTMLElement | null {
  const words = find("#words") as HTMLTemplateElement | null;
  return words && find(selector, words.content);
}

/** A phrase that the page brings along, in the reader's language. */
export function phrase(name: string): string {
  const one = brought(`[data-phrase="${name}"]`);
  return (one && one.textContent) || "";
}

/** A copy of a part that the page brings along. */
export function part(name: string): HTMLElement | null {
  const one = brought(`[data-part="${name}"]`);
  return one && (one.cloneNode(true) as HTMLElement);
}

/** Fails a request that takes too long: a phone at the edge of the Wi-Fi waits for minutes otherwise. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<T>((_, fail) => setTimeout(fail, ms)),
  ]);
}

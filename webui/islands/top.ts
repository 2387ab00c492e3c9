// Keeps what tops every page as the hub says it: that cannot wait until its reader looks
// at another page.

import { find } from "./page";
import { tell } from "./list";

const inside = (e: Element): string => e.innerHTML.replace(/(<time[^>]*>)[^<]*/g, "$1"); // ages count on by themselves
const loud = (e: Element): HTMLElement | null => find("[data-say]", e);
const said = (e: Element): string => ((loud(e) || {}).textContent || "").trim();

let timer = 0;

/**
 * Takes over what tops the page by now; what somebody reads below it stays where it is. Calls changed when time
 * alone has made the page stale.
 */
export function top(page: Document, changed: () => void): void {
  const mine = find("#banner");
  const theirs = page.getElementById("banner");
  if (!mine || !theirs) return;
  const wait = Number(theirs.getAttribute("data-stale"));
  clearTimeout(timer);
  if (wait) timer = setTimeout(changed, wait * 1_000);
  if (inside(mine) === inside(theirs)) return;
  const heard = said(mine);
  const end = (e: Element): number => e.getBoundingClientRect().bottom;
  const main = mine.parentElement!;
  const below = end(main);
  const away = end(mine) < 0;
  const held = mine.contains(document.activeElement);
  mine.innerHTML = theirs.innerHTML;
  if (held) {
    mine.tabIndex = -1; // Tab goes on from here
    mine.focus();
  }
  if (away) scrollBy(0, end(main) - below);
  const words = said(mine);
  if (!words || words === heard) return;
  if (away) tell(loud(mine)!.getAttribute("data-say")!, () => mine.scrollIntoView());
  else tell(words, undefined, true);
}

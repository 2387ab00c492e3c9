// Keeps what tops every page as the hub says it: that cannot wait until its reader looks
// at another page.

import { find } from "./page";
import { tell } from "./list";

const inside = (e: Element | null): string => (e && e.innerHTML.replace(/(<time[^>]*>)[^<]*/g, "$1")) || ""; // ages count on by themselves
const said = (e: Element): string => ((find("[data-say]", e) || {}).textContent || "").trim();

let timer = 0;

/** Asks for the page again when time alone has made it stale. */
export function alarm(changed: () => void): void {
  const mine = find("#banner");
  const wait = Number((mine && mine.getAttribute("data-stale")) || 0);
  clearTimeout(timer);
  if (wait > 0) timer = setTimeout(changed, wait * 1_000);
}

/** Takes over what tops the page by now. What somebody reads below it stays where it is. */
export function top(fresh: Document): void {
  const mine = find("#banner");
  const theirs = fresh.getElementById("banner");
  if (!mine || !theirs) return;
  const stale = theirs.getAttribute("data-stale");
  if (stale) mine.setAttribute("data-stale", stale);
  else mine.removeAttribute("data-stale");
  if (inside(mine) === inside(theirs)) return;
  const heard = said(mine);
  const away = mine.getBoundingClientRect().bottom;
  const within = mine.contains(document.activeElement);
  mine.innerHTML = theirs.innerHTML;
  if (within) {
    mine.tabIndex = -1; // and Tab goes on from here
    mine.focus();
  }
  if (away < 0) scrollBy(0, mine.getBoundingClientRect().bottom - away);
  const words = said(mine);
  if (!words || words === heard) return;
  if (away > 0) tell(words);
  else tell(words, () => mine.scrollIntoView());
}

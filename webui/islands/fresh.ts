// Keeps what an open page says of time true: ages count on, and a hub that no longer
// answers is told of. It goes by the hub's clock and by how long the page has been
// open, never by this device's clock.

import { find, phrase, prefix, root, within } from "./page";

const pace = 15_000; // between two times that the hub is asked for its time
const silence = 60_000; // without an answer, until the page says so

/** "Just now", then minutes and hours, each as said of 1, 2, 3 and 11: languages differ in how they count. */
const ages = phrase("ages").split("|");

const pattern = (words: string): string => words.replace(/\d+/, "#");

function age(ms: number): string {
  const min = Math.max(0, ms / 60_000) | 0;
  const h = (min / 60) | 0;
  const n = h || min;
  return ages[(h && 4) + (n < 3 ? n : n < 11 ? 3 : 4)]!.replace(/\d+/, "" + n);
}

/** Counts on for as long as the page is open. */
export function fresh(): void {
  const far = find("#far p")!;
  const since = find("#far b")!; // is not read out, as it changes
  const patterns = ages.map(pattern);
  let heard = performance.now();
  let began = Number(root.getAttribute("data-now")) * 1000 - heard; // by the hub's clock; less than 0 where it has none

  const draw = (): void => {
    const now = performance.now();
    if (began > 0) {
      document.querySelectorAll("time").forEach((t) => {
        const was = t.textContent || "";
        if (patterns.indexOf(pattern(was)) < 0) return;
        const words = age(began + now - Date.parse(t.dateTime));
        if (words !== was) t.textContent = words;
      });
    }
    since.textContent = age(now - heard);
    far.hidden = now - heard < silence;
  };
  const ask = (): void => {
    if (document.hidden) return;
    const asked = fetch(prefix + "/api/v1/status").then((r) => r.json() as Promise<{ time: string; plausible: boolean }>);
    const told = asked.then((hub) => {
      heard = performance.now();
      if (hub.plausible) began = Date.parse(hub.time) - heard;
    });
    within(10_000, told).then(draw, draw);
  };
  setInterval(ask, pace);
  document.addEventListener("visibilitychange", ask);
}

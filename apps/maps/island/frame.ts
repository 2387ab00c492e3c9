// What stands over the map: nearer and further away, whose the streets are, and what is wrong.

import { DomEvent, type Map as Streets } from "leaflet";
import { made } from "./card";
import { say } from "./words";

/** Leaves to an element over the map what is done there. */
export function apart(element: HTMLElement): void {
  DomEvent.disableClickPropagation(element);
  DomEvent.disableScrollPropagation(element);
  element.addEventListener("click", (e) => e.stopPropagation()); // also of a button that is gone by then
}

/** Puts the buttons there. */
export function bar(map: Streets): HTMLElement {
  const box = made("div", "streets-bar");
  const button = (sign: string, words: string, does: () => void): HTMLButtonElement => {
    const b = made("button", "", sign);
    b.type = "button";
    b.setAttribute("aria-label", words);
    b.title = words;
    b.onclick = does;
    return box.appendChild(b);
  };
  // Who presses again before the map has got there goes on from where it will be.
  let wanted: number | null = null;
  const go = (by: number): void => {
    wanted = Math.min(map.getMaxZoom(), Math.max(map.getMinZoom(), (wanted === null ? map.getZoom() : wanted) + by));
    map.setZoom(wanted);
  };
  const nearer = button("+", say("nearer"), () => go(1));
  const further = button("−", say("further"), () => go(-1));
  const arrived = (): void => {
    const zoom = map.getZoom();
    // A button that is disabled would lose who has just pressed it.
    nearer.setAttribute("aria-disabled", String(zoom >= map.getMaxZoom()));
    further.setAttribute("aria-disabled", String(zoom <= map.getMinZoom()));
    if (wanted === zoom) wanted = null;
    else if (wanted !== null) setTimeout(() => wanted !== null && map.setZoom(wanted), 0);
  };
  map.on("zoomend", arrived);
  arrived();
  apart(box);
  return map.getContainer().appendChild(box);
}

/** Says whom to thank for the streets, below the map: on a phone it would hide a part of them. Returns what sets it. */
export function credit(map: Streets): (words: string) => void {
  const line = made("p", "streets-credit");
  map.getContainer().insertAdjacentElement("afterend", line);
  return (words) => {
    line.textContent = words;
    line.hidden = !words;
  };
}

/** A line over the map, which is read out. Returns what sets it. */
export function note(map: Streets): (words: string) => void {
  const line = made("p", "streets-note");
  line.setAttribute("role", "status");
  line.dir = document.documentElement.dir;
  map.getContainer().appendChild(line);
  return (words) => {
    if (line.textContent !== words) line.textContent = words;
  };
}

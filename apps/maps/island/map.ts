// The map that can be moved, in place of the picture that a page comes with, or under a form's field.

import { Map as Streets } from "leaflet";
import { find, root } from "../../../webui/islands/page";
import { queryOf } from "./address";
import { Areas } from "./areas";
import { begin, clear, type Box, type Way } from "./begin";
import { Card, made } from "./card";
import { Feed } from "./feed";
import { apart, bar, credit, note } from "./frame";
import { givenBy, type Given, type View } from "./given";
import { Ground } from "./ground";
import { mark, Marks } from "./marks";
import { dark, light } from "./palette";
import { Pick, pin, pointOf } from "./pick";
import type { Place, Position } from "./places";
import { written, type Point } from "./points";
import { draw } from "./sign";
import { Store } from "./store";
import { dress } from "./style";
import { part, say } from "./words";

const deepest = 19; // zoom
const margin = 40; // pixels that a sign needs
const world: View = { lat: 20, lon: 0, zoom: 2 };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const night = matchMedia("(prefers-color-scheme: dark)");

/** The map itself, without anything on it. */
function plain(box: HTMLElement): Streets {
  const animate = !still.matches;
  box.dir = "ltr"; // the earth is not turned round
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", say("map"));
  const map = new Streets(box, {
    attributionControl: false, zoomControl: false, boxZoom: false, scrollWheelZoom: false, minZoom: 1, maxZoom: deepest, worldCopyJump: true,
    zoomAnimation: animate, fadeAnimation: false, inertia: animate, maxBounds: [[-85.06, -Infinity], [85.06, Infinity]],
  });
  // Who scrolls over the page is not caught by the map.
  box.addEventListener("focus", () => map.scrollWheelZoom.enable());
  box.addEventListener("blur", () => map.scrollWheelZoom.disable());
  return map;
}

/** Draws the streets, by day and by night. Says what is wrong where they do not come. */
function streets(map: Streets, given: Given, said: (words: string) => void): void {
  const version = given.version ? "?v=" + encodeURIComponent(given.version) : "";
  const store = new Store((at) => `${given.tiles}${at.z}/${at.x}/${at.y}${version}`, root.lang);
  const colours = () => (night.matches ? dark : light);
  const ground = new Ground(store, given.maps, getComputedStyle(document.body).fontFamily, colours());
  store.onanswer = (good) => said(good ? "" : say("missing"));
  map.on("zoomstart", () => store.drop());
  if ("addEventListener" in night) night.addEventListener("change", () => ground.paintIn(colours()));
  ground.addTo(map);
}

/** From where distances are told. Returns what sets it. */
function rings(map: Streets): (at: Position | null) => void {
  const box = made("div", "here");
  const svg = draw("svg", { viewBox: "-22 -22 44 44", width: 44, height: 44, "aria-hidden": "true" });
  for (const [r, width, color] of [[13, 6, "#fff"], [13, 3, "#c4006a"], [6, 0, "#fff"], [4, 0, "#c4006a"]] as const) {
    svg.appendChild(draw("circle", { r, fill: width ? "none" : color, stroke: width ? color : "none", "stroke-width": width }));
  }
  box.appendChild(svg);
  const marker = mark(box, 0, 0, { interactive: false, zIndexOffset: -100_000 }); // under all signs
  return (at) => {
    if (!at) marker.remove();
    else marker.setLatLng([at[1], at[0]]).addTo(map);
  };
}

/** Moves the map so that a point is not under the card. */
function uncover(map: Streets, card: Card, [lat, lon]: Point): void {
  const free = map.getSize().y - card.element.offsetHeight;
  const { y } = map.latLngToContainerPoint([lat, lon]);
  if (y > free - margin) map.panBy([0, y - free + margin]);
}

/** Where an element over the map is, in the map's pixels. */
function boxOf(map: Streets, element: HTMLElement): Box {
  const box = map.getContainer();
  const inside = box.getBoundingClientRect();
  const r = element.getBoundingClientRect();
  const [left, top] = [r.left - inside.left - box.clientLeft, r.top - inside.top - box.clientTop];
  return { left, top, right: left + r.width, bottom: top + r.height };
}

/**
 * Moves the map so that no place of the list with which it begins is under its buttons, else the buttons to the corner
 * below: those that neighbors have seen may be. It does not go further away, where signs would be put together.
 */
function uncorner(map: Streets, buttons: HTMLElement, places: Place[]): void {
  const size = map.getSize();
  const box = { left: 0, top: 0, right: size.x, bottom: size.y };
  const spots = places.filter((p) => p.number > 0 && !p.unsure).map((p) => map.latLngToContainerPoint([p.at[1], p.at[0]]));
  const seen = spots.filter((s) => s.x >= 0 && s.y >= 0 && s.x <= box.right && s.y <= box.bottom);
  const way = (): Way | null => clear(seen, boxOf(map, buttons), box);
  let by = way();
  if (!by) {
    buttons.classList.add("low");
    by = way();
  }
  if (!by) buttons.classList.remove("low");
  else if (by.x || by.y) map.panBy([-by.x, -by.y], { animate: false });
}

/** A tap asks what is to be done at its point: ways lead to forms that begin there. */
function tapped(map: Streets, card: Card, shown: () => void): void {
  const ask = (at: Point): void => {
    const ways = part("ways");
    if (!ways) return;
    Array.prototype.forEach.call(ways.querySelectorAll("a[data-with]"), (a: HTMLAnchorElement) => {
      a.href += (a.href.indexOf("?") < 0 ? "?" : "&") + a.getAttribute("data-with")! + "=" + encodeURIComponent(written(at));
    });
    const marker = pin(at, true).addTo(map);
    marker.on("dragend", () => ask(pointOf(marker.getLatLng())));
    card.say(say("picked").replace("…", written(at)), [ways], () => marker.remove());
    uncover(map, card, at);
    shown();
  };
  map.on("click", (e) => (card.shut() ? undefined : ask(pointOf(e.latlng))));
}

/** Puts the map in place of what stands in the element. */
function start(box: HTMLElement): void {
  dress();
  const given = givenBy(box);
  while (box.firstChild) box.removeChild(box.firstChild);
  const inside = box.appendChild(made("div", "streets"));
  const map = plain(inside);
  const buttons = bar(map);
  begin(map, given.at || world, given.fit, boxOf(map, buttons));
  const thanks = credit(map);
  thanks(given.credit);
  const said = note(map);
  let wrong = "";
  let told = "";
  const tell = (): void => said(wrong || told);
  streets(map, given, (words) => {
    wrong = words;
    tell();
  });
  const here = rings(map);
  const areas = new Areas(map);
  const card: Card = new Card(inside, (ids) => {
    marks.light([]);
    marks.reach();
    marks.focus(ids);
  });
  apart(card.element);
  const marks: Marks = new Marks(map, (places) => {
    marks.light(places.map((p) => p.id));
    card.open(places);
    const [lon, lat] = places[0]!.at;
    uncover(map, card, [lat, lon]);
    marks.reach();
  }, [buttons, card.element]);
  const { field } = given;
  const pick = field && new Pick(map, field, box.appendChild(made("p", "row")), (words) => {
    told = words;
    tell();
  });
  if (!pick) tapped(map, card, () => marks.reach());

  let fresh = given.fit !== null; // nobody has moved it yet
  map.on("movestart", () => (fresh = false));
  let begun = given.at !== null || (pick !== null && pick.first !== null);
  const query = (): string => {
    const { lat, lng } = map.getCenter().wrap();
    return queryOf(field && field.id !== "point" ? "" : location.search, // forms have no part of the list
      { lat, lon: lng, zoom: map.getZoom() }, inside.clientWidth);
  };
  const listed = (): void => {
    if (field) return;
    // The page's list is that of the same part, also for who comes back to it.
    history.replaceState(history.state, "", location.pathname + "?" + query());
    document.dispatchEvent(new Event("lamppost-moved"));
  };
  const feed = new Feed(
    () => given.feed + (begun ? "?" + query() : ""),
    (a) => {
      if (!begun && a.view) {
        begun = true;
        begin(map, a.view, null, boxOf(map, buttons));
      }
      if (fresh) {
        uncorner(map, buttons, a.places);
        if (fresh) listed(); // it stays where it is, which is another part than the picture's
        fresh = false;
      }
      thanks(a.credit || given.credit);
      here(field ? null : a.here);
      areas.show(a.places, a.picked);
      marks.show(a.places);
      card.freshen(a.places);
    },
  );
  map.on("moveend", () => {
    feed.moved();
    listed();
  });
  document.addEventListener("lamppost-changed", () => feed.changed());
  void feed.run();
}

const box = find("[data-island=map]");
if (box) {
  const picture = Array.prototype.slice.call(box.childNodes) as Node[];
  try {
    start(box);
  } catch (e) {
    // The picture does without.
    box.textContent = "";
    picture.forEach((n) => box.appendChild(n));
    console.error(e);
  }
}

// The colours of maps, by day and by night: those of the hub's own pictures.

import type { Name, Shape } from "./classify";

/** How all of a map is coloured. */
export interface Palette {
  beyond: string; // where there is no map
  fill: { [s in Shape]: string };
  edge: { [s in Shape]?: string }; // of streets
  ink: { [n in Name]: string };
  halo: string; // around letters
}

function inks(plain: string, water: string, green: string, place: string): Palette["ink"] {
  return {
    city: place, state: place, quarter: place, lake: water, park: green,
    street: plain, lane: plain, alley: plain, relief: plain, landmark: plain,
  };
}

/** By day. */
export const light: Palette = {
  beyond: "#edeae4",
  fill: {
    land: "#f6f3ec", built: "#f1ece3", green: "#d3e8c4", wood: "#c2dfb2", sand: "#f4ebc4", care: "#f9dcdc", school: "#f3e9d2", paved: "#ede9e0",
    water: "#a6d2ec", waterline: "#a6d2ec", building: "#dfd6c9", border: "#8a6a9c", tunnel: "#f3efe8", ferry: "#5f93b5", path: "#9c826a", rail: "#7d7d7d",
    service: "#fff", minor: "#fff", medium: "#fff3c4", major: "#fce08a", highway: "#f6b26b",
  },
  edge: { tunnel: "#b9b0a2", service: "#cbc4b8", minor: "#b5ada0", medium: "#b8a36a", major: "#b88f2e", highway: "#a8621c" },
  ink: inks("#1e1e1e", "#0f4a73", "#1f5213", "#3a2a4d"),
  halo: "#fff",
};

/** By night. */
export const dark: Palette = {
  beyond: "#1a1c1f",
  fill: {
    land: "#23262a", built: "#272a2e", green: "#22352a", wood: "#1e3325", sand: "#38352a", care: "#43292c", school: "#33302a", paved: "#2b2e33",
    water: "#17364a", waterline: "#17364a", building: "#34383e", border: "#a98cbd", tunnel: "#2c3035", ferry: "#5f93b5", path: "#8f7b66", rail: "#8b8b8b",
    service: "#4a4f57", minor: "#555b64", medium: "#55513f", major: "#62532e", highway: "#6f4722",
  },
  edge: { tunnel: "#4a4f57", service: "#1a1c1f", minor: "#15171a", medium: "#15171a", major: "#15171a", highway: "#15171a" },
  ink: inks("#f2f2f2", "#a9d8f5", "#b5e0a6", "#e2d4f0"),
  halo: "#101214",
};

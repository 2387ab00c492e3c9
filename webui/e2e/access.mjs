// What a page must be for everybody, beyond what axe looks for.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { desktop, phone } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds against WCAG 2.2 AA, one line a finding, but for the rules of some names. */
export async function violations(page, ...but) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async (but) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
    const found = await window.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    const wrong = found.violations.filter((v) => !but.includes(v.id));
    return wrong.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary.replace(/\s+/g, " ")}`));
  }, but);
}

/** What moves by itself although its reader has asked for less of that. */
export async function moves(page) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const found = await page.evaluate(() => {
    const long = (times) => times.split(",").some((t) => parseFloat(t) > 0);
    const all = [...document.querySelectorAll("html, body *")].filter((e) => {
      const style = getComputedStyle(e);
      return long(style.transitionDuration) || long(style.animationDuration) || style.scrollBehavior === "smooth";
    });
    return all.map((e) => e.outerHTML.slice(0, 120));
  });
  await page.emulateMedia({ reducedMotion: null });
  return found;
}

/** The fields without a label that can be seen; a placeholder is none, as it goes when one types. */
export function unlabelled(page) {
  return page.evaluate(() => {
    const seen = (e) => {
      const r = e.getBoundingClientRect();
      return e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && r.width > 1 && r.height > 1 && r.right > 0 && r.bottom + scrollY > 0;
    };
    const fields = [...document.querySelectorAll("input, textarea, select")].filter((f) => !["hidden", "submit", "button"].includes(f.type) && seen(f));
    return fields.filter((f) => ![...f.labels].some((l) => seen(l) && l.innerText.trim())).map((f) => f.outerHTML.slice(0, 120));
  });
}

/** What is too low for a finger: under 44 px. */
export function small(page) {
  return page.evaluate(() => {
    const what = "button, .button, summary, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea, select, nav a";
    return [...document.querySelectorAll(what)]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
      .map((e) => `${Math.round(e.getBoundingClientRect().height)} px: ${e.outerHTML.slice(0, 120)}`);
  });
}

/** Sets text twice as large, as a browser's own setting does, or as it was. */
export const large = (page, yes) => page.evaluate((size) => (document.documentElement.style.fontSize = size), yes ? "200%" : "");

/** What sticks out of a narrow screen where text is twice as large. */
export async function sticksOut(page) {
  await large(page, true);
  const found = await page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const cut = (e) => e && (getComputedStyle(e).overflowX !== "visible" || cut(e.parentElement));
    const out = [...document.querySelectorAll("body *")].filter((e) => {
      const r = e.getBoundingClientRect();
      return r.width > 0 && r.height > 0 && (r.right > wide + 1 || (r.left < -1 && r.right > 0)) && !cut(e.parentElement);
    });
    const scrolls = document.scrollingElement.scrollWidth > wide + 1;
    return scrolls ? out.map((e) => e.outerHTML.slice(0, 120)) : [];
  });
  await large(page, false);
  return found;
}

/** Looks at a page in every light and on every screen. Returns what is wrong, one line each. */
export async function look(page, name) {
  const wrong = [];
  await page.evaluate(() => scrollTo(0, 0)); // axe takes what lies under the header for covered
  for (const [colorScheme, size] of [["light", desktop], ["light", phone], ["dark", phone], ["dark", desktop]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    for (const v of await violations(page)) wrong.push(`${name}, ${colorScheme}, ${size.width} px: ${v}`);
  }
  await large(page, true);
  for (const v of await violations(page)) wrong.push(`${name}, large text: ${v}`);
  await large(page, false);
  for (const e of await moves(page)) wrong.push(`${name}: moves by itself: ${e}`);
  await page.setViewportSize(phone);
  for (const f of await unlabelled(page)) wrong.push(`${name}: no label that can be seen: ${f}`);
  for (const f of await small(page)) wrong.push(`${name}: too small to touch: ${f}`);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const f of await sticksOut(page)) wrong.push(`${name}: sticks out with large text: ${f}`);
  return wrong;
}

/**
 * Walks through a page with the Tab key. Returns what cannot be reached, what is
 * reached out of the page's order, and what does not show that it has the focus.
 */
export async function walk(page) {
  const all = await page.evaluate(() => {
    const can = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), textarea, select, [tabindex]")];
    const radios = (e) => can.filter((r) => r.type === "radio" && r.name === e.name && r.form === e.form);
    // Tab stops once in a group of radio buttons, the arrows lead on.
    const stops = (e) => e.type !== "radio" || e === (radios(e).find((r) => r.checked) ?? radios(e)[0]);
    const open = can.filter((e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && stops(e));
    window.walked = open;
    document.body.tabIndex = -1; // so that the walk begins at the top
    document.body.focus();
    document.body.removeAttribute("tabindex");
    scrollTo(0, 0);
    return open.map((e) => e.outerHTML.slice(0, 100));
  });
  const reached = [];
  const wrong = [];
  for (let i = 0; i <= all.length + 1; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const r = e.getClientRects()[0];
      const style = getComputedStyle(e);
      const [x, y] = [r.left + r.width / 2, r.top + r.height / 2];
      const top = document.elementFromPoint(x, y);
      return {
        n: window.walked.indexOf(e),
        ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
        seen: top !== null && (e.contains(top) || top.contains(e)),
      };
    });
    if (!at || reached.includes(at.n)) break;
    reached.push(at.n);
    if (!at.ring) wrong.push(`shows no focus: ${all[at.n]}`);
    if (!at.seen) wrong.push(`has the focus and is hidden: ${all[at.n]}`);
  }
  all.forEach((e, i) => reached.includes(i) || wrong.push(`cannot be reached: ${e}`));
  if (reached.some((n, i) => i > 0 && n < reached[i - 1])) wrong.push(`another order than the page's: ${reached}`);
  return wrong;
}

/**
 * What is written and cannot be read to its end: text that reaches out of the screen or of
 * what cuts it off, and in what is pressed, words that are broken in two though they fit.
 * What is meant to be shown in part (.brief, .re, .some), and what only a screen reader gets, is left out.
 */
export function clipped(page) {
  return page.evaluate(() => {
    const out = new Set();
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = words.nextNode(); text; text = words.nextNode()) {
      const e = text.parentElement;
      if (!text.data.trim() || e.closest(".skip, .brief, .re, .some, template, script") || !e.checkVisibility()) continue;
      const what = `"${text.data.trim().slice(0, 60)}"`;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const r of range.getClientRects()) {
        if (r.left < -1 || r.right > innerWidth + 1) out.add(`${what} is off the screen`);
        for (let box = e; box !== document.body; box = box.parentElement) {
          const b = box.getBoundingClientRect();
          if (getComputedStyle(box).overflowX === "visible") continue;
          if (r.left < b.left - 1 || r.right > b.right + 1 || r.bottom > b.bottom + 1) out.add(`${what} is cut off by <${box.localName} class="${box.className}">`);
        }
      }
      const box = e.closest("nav a, .doors a, button, .button");
      if (!box) continue;
      for (const { 0: word, index } of text.data.matchAll(/[\p{L}\p{M}]+/gu)) {
        if (/\p{Script=Han}/u.test(word)) continue;
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        const parts = [...range.getClientRects()].filter((r) => r.width > 0);
        const room = box.clientWidth - parseFloat(getComputedStyle(box).paddingLeft) - parseFloat(getComputedStyle(box).paddingRight);
        const fits = parts.reduce((sum, r) => sum + r.width, 0) <= room;
        if (fits && new Set(parts.map((r) => Math.round(r.top))).size > 1) out.add(`"${word}" is broken in two`);
      }
    }
    return [...out];
  });
}

/** Makes text twice as large, as the settings of a browser do. */
export const enlarge = (page) => page.evaluate(() => void (document.documentElement.style.fontSize = "200%"));

// Brings the lists of a page up to date in place. The hub renders; this only puts
// what is new where it belongs, and never moves what somebody is reading.

import { build, find, phrase, within } from "./page";
import { top } from "./top";

const pace = 300; // least time between two requests, more where the hub is slow
const rest = 5_000; // but at most this: it may have been the Wi-Fi

const most = 200; // items that a list keeps below what can be seen

/** The page's inside by now, and whether it is the page and not one that says what is wrong. */
type Part = { ok: boolean; page: Document };

/** Asks for the page's inside again. */
function fetchPart(): Promise<Part | "updated"> {
  const asked = fetch(location.href, { headers: { "Lamppost-Part": "1" }, credentials: "same-origin" });
  const answer = asked.then(async (r): Promise<Part | "updated"> => {
    const made = r.headers.get("Lamppost-Build");
    if (!r.ok && !made) throw new Error();
    return made !== build ? "updated" : { ok: r.ok, page: new DOMParser().parseFromString(await r.text(), "text/html") };
  });
  return within(10_000, answer);
}

const giveUp = 15_000; // until a page that was to be left counts as staying
let leaving = false;

/**
 * Nothing more is merged into this page, as a form's answer is about to replace it: what would show now
 * would be read, and gone in the middle of it.
 */
export function leave(): void {
  leaving = true;
  setTimeout(() => (leaving = false), giveUp);
}

/**
 * Keeps what tops the page and every element with data-list up to date. Returns what asks for it; with own, as the
 * reader has posted.
 */
export function lists(): (own?: boolean) => void {
  let posted = false; // and does not see it yet
  let running = false;
  let again = false;
  let stale = false;

  const reloads = (): void => tell(phrase(posted ? "posted" : "updated"), () => location.reload());
  const update = async (): Promise<void> => {
    if (leaving) return;
    if (stale) {
      if (posted) reloads();
      return;
    }
    if (running) {
      again = true;
      return;
    }
    running = true;
    const begun = Date.now();
    try {
      const fresh = await fetchPart();
      if (leaving) {
        again = false;
      } else if (fresh === "updated") {
        stale = true;
        reloads();
      } else {
        top(fresh.page, update);
        if (!fresh.ok) throw new Error();
        posted = posted && again;
        document.querySelectorAll<HTMLElement>("[data-list]").forEach((mine) => {
          const theirs = fresh.page.getElementById(mine.id);
          if (theirs) merge(mine, theirs);
        });
      }
    } catch (_) {
      // The hub is out of reach; the next change or poll asks again.
    }
    setTimeout(() => {
      running = false;
      if (again) {
        again = false;
        void update();
      }
    }, Math.min(rest, Math.max(pace, 5 * (Date.now() - begun))));
  };
  top(document, update);
  return (own) => {
    posted = posted || own === true;
    void update();
  };
}

let owed = 0; // px that the browser's rounding has left of a scroll; many would add up

/**
 * Takes over what theirs has and mine has not; both are newest first, and each item has an id.
 * Of items with one id the first counts.
 */
export function merge(mine: HTMLElement, theirs: HTMLElement): void {
  const place = still(mine);
  const before = place ? place() : 0;
  const kept = new Map<string, HTMLElement>();
  const done = new Set<string>();
  for (const li of items(mine)) {
    if (kept.has(li.id)) mine.removeChild(li);
    else kept.set(li.id, li);
  }
  const read = new Set(place ? items(mine).filter(seen) : []);
  let added = 0;
  let loud: HTMLElement | null = null;
  let at: Element | null = mine.firstElementChild;
  for (const fresh of items(theirs)) {
    if (done.has(fresh.id)) continue;
    done.add(fresh.id);
    const old = kept.get(fresh.id);
    if (!old) {
      const li = document.importNode(fresh, true);
      mine.insertBefore(li, at);
      loud = loud || find("[data-say]", li);
      added++;
      continue;
    }
    kept.delete(fresh.id);
    at = old.nextElementSibling;
    // In the middle of the list a post that is read does not grow under the reader's eyes.
    if (old.innerHTML !== fresh.innerHTML && !busy(old) && !read.has(old)) old.innerHTML = fresh.innerHTML;
  }
  // What the hub shows no more was taken away, unless it is only older than its page.
  // A short list keeps what was pushed out of it only while somebody reads that.
  const short = mine.hasAttribute("data-short");
  const all = !short && find("a[rel=next]", theirs.ownerDocument) === null;
  for (const [, li] of kept) {
    const older = !all && at !== null && (at === li || (at.compareDocumentPosition(li) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0) && (!short || read.has(li));
    if (!older && !busy(li)) mine.removeChild(li);
  }
  // A page that stays open for days does not grow for ever.
  for (let last = mine.lastElementChild; mine.childElementCount > most && last; last = mine.lastElementChild) {
    if (last.getBoundingClientRect().top < innerHeight) break;
    mine.removeChild(last);
  }
  if (place) {
    const to = before - owed;
    scrollBy(0, place() - to);
    owed = place() - to;
    if (Math.abs(owed) > 1) owed = 0; // there was no room to scroll
  }
  if (added === 0) return;
  const none = find("[data-empty]");
  if (none) none.hidden = true;
  if (!mine.hasAttribute("data-quiet")) announce(mine, added, loud);
}

function items(list: HTMLElement): HTMLElement[] {
  const out: HTMLElement[] = [];
  for (let e = list.firstElementChild; e; e = e.nextElementSibling) {
    if (e.id) out.push(e as HTMLElement);
  }
  return out;
}

/** Whether somebody is doing something in it. */
function busy(e: HTMLElement): boolean {
  return e.contains(document.activeElement) || find("details[open]", e) !== null;
}

/** Whether some of it can be seen. */
function seen(e: HTMLElement): boolean {
  const r = e.getBoundingClientRect();
  return r.bottom > 0 && r.top < innerHeight;
}

/**
 * Measures what is not to move: the first item that can be seen below the top, or what
 * follows the list, if the list's head cannot be seen.
 */
function still(list: HTMLElement): (() => number) | null {
  if (list.getBoundingClientRect().top >= 0) return null;
  for (const li of items(list)) {
    if (li.getBoundingClientRect().bottom > 0) return () => li.getBoundingClientRect().top;
  }
  return () => list.getBoundingClientRect().bottom;
}

const lull = 30_000; // between two times that what comes into view by itself is read out
let announced = 0;

/**
 * Says that there is something new: at leisure where it can be seen, else with a button that leads to it. What is
 * loud is read out itself, at once.
 */
function announce(list: HTMLElement, added: number, loud: HTMLElement | null): void {
  if (list.getBoundingClientRect().top >= 0) {
    if (loud) return tell(loud.textContent!.trim(), undefined, true);
    if (Date.now() - announced < lull) return;
    announced = Date.now();
    tell(phrase(added === 1 ? "new-one" : "new-some"));
    return;
  }
  const told = find("#said button") !== null;
  tell(loud ? loud.getAttribute("data-say")! : phrase(added === 1 && !told ? "new-one" : "new-some"), () => {
    list.tabIndex = -1; // the button goes away, and Tab goes on from here
    list.focus();
    list.scrollIntoView();
  });
}

/**
 * Says something in the page's status line, which is read out politely. What is said goes away by
 * itself; a button stays until it is pressed, also beside what is said after it. What is read out alone
 * can be seen elsewhere.
 */
export function tell(words: string, go?: () => void, alone?: boolean): void {
  const line = find("#said");
  if (!line || !words) return;
  const there = find("button", line);
  const old = find("span", line);
  if (old) old.remove();
  // Somebody may be about to press what is there, and has heard of it.
  const said = (go && there) || document.createElement(go ? "button" : "span");
  if (said.textContent !== words) said.textContent = words;
  said.className = alone ? "skip" : "";
  line.className = there ? "" : said.className;
  if (said !== there) line.appendChild(said);
  if (go) {
    said.onclick = () => {
      go();
      line.textContent = "";
    };
  } else {
    setTimeout(() => said.remove(), 8_000);
  }
}

/**
 * Has read out what the page says has just been done: what stands in a status line from
 * the beginning is passed over.
 */
export function heard(): void {
  const line = find(".notice[role=status]");
  if (line) setTimeout(() => (line.textContent = line.textContent), 500);
}

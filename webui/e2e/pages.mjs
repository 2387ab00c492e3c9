// Every page that people see, and how to come to it.
import { Neighbor, compose, crowd, upTo } from "./people.mjs";

/**
 * Where somebody who is signed in goes, and what they do there, if anything. A page for all
 * reads no cookie: its address has to name the language.
 */
export const known = [
  { name: "home", path: "/" },
  { name: "talk", path: "/messages/town" },
  { name: "talk, writing", path: "/messages/town", then: (page) => compose(page, "half a thought") },
  { name: "talk, older posts", path: "/messages/town", then: (page) => follow(page, "main a[rel=next]") },
  { name: "channels", path: "/messages/" },
  { name: "thread", path: "/messages/town", then: (page) => follow(page, "#posts .acts a") },
  { name: "changing", path: "/messages/town", then: (page) => follow(page, "#posts a[href$='/edit']") },
  { name: "reporting", path: "/messages/town", then: (page) => follow(page, "#posts .acts a", "a[href$='/report']") },
  { name: "search", path: "/messages/search?q=water" },
  { name: "search, nothing", path: "/messages/search?q=zeppelin" },
  { name: "notices", path: "/notices/" },
  { name: "past notices", path: "/notices/archive" },
  { name: "is it true?", path: "/notices/questions" },
  { name: "where to go", path: "/maps/" },
  { name: "where to go, from no place", path: "/maps/?near=nowhere+at+all" },
  { name: "the map", path: "/maps/map" },
  { name: "the map, picking a point", path: "/maps/map?pick=1" },
  { name: "street maps", path: "/maps/extracts" },
  { name: "saying what one has seen", path: "/maps/report" },
  { name: "what neighbors have seen", path: "/maps/o" },
  { name: "places as files", path: "/maps/export" },
  { name: "you", path: "/you" },
  { name: "return code", path: "/code" },
  { name: "name", path: "/name" },
  { name: "name, refused", path: "/name", then: (page) => refused(page, "The Mayor") },
  { name: "signing out", path: "/signout" },
  { name: "languages", path: "/language" },
  { name: "clock", path: "/clock" },
  { name: "hiding", path: "/messages/town", then: (page) => follow(page, "#posts .acts a", "a[href*='/hide?']") },
  { name: "hidden", path: "/hidden" },
  { name: "for who looks after it", path: "/staff" },
  { name: "a device for official acts", path: "/enrol" },
  { name: "who may speak officially", path: "/coordinators" },
  { name: "stolen words", path: "/stolen" },
  { name: "what moderators did", path: "/moderated" },
  { name: "moderating, without the role", path: "/moderate" },
  { name: "paper", path: "/print", forAll: true },
  { name: "paper, all that is new", path: "/print/new", forAll: true },
  { name: "wall, asked first", path: "/kiosk?stay=1", forAll: true },
  { name: "nothing there", path: "/nowhere" },
];

/** Where somebody goes who is not signed in. */
export const stranger = [
  { name: "home, a stranger's", path: "/" },
  { name: "talk, a stranger's", path: "/messages/town", then: (page) => compose(page, "") },
  { name: "you, a stranger's", path: "/you" },
  { name: "coming back", path: "/return" },
  { name: "coming back, refused", path: "/return", then: (page) => refused(page, "one two three") },
  { name: "return code, a stranger's", path: "/code" },
  { name: "wall", path: "/kiosk?stay=1", forAll: true },
];

/** What is official, for everybody, at a place where coordinators have spoken: see word.mjs. */
export const told = [
  { name: "home, with a notice", path: "/" },
  { name: "notices that hold", path: "/notices/" },
  { name: "a notice", path: "/notices/", then: (page) => follow(page, "#notices > li:first-child h2 a") },
  { name: "a notice that replaces another", path: "/notices/", then: (page) => follow(page, "#notices > li:last-child h2 a") },
  { name: "past notices, some", path: "/notices/archive" },
  { name: "is it true?, asked", path: "/notices/questions" },
  { name: "who may speak officially, some", path: "/coordinators" },
  { name: "what moderators did, some", path: "/moderated" },
  { name: "the page for a door", path: "/print", forAll: true },
];

/** What coordinators do, at the box itself. */
export const speaking = [
  { name: "notices, a coordinator's", path: "/notices/" },
  { name: "a notice, its author's", path: "/notices/", then: (page) => follow(page, "#notices > li:first-child h2 a") },
  { name: "a notice begins", path: "/notices/new" },
  { name: "a notice is written", path: "/notices/new?t=boil-water" },
  { name: "a notice waits for a second signature", path: "/notices/", then: (page) => follow(page, "#waiting a") },
  { name: "templates of notices", path: "/notices/templates" },
  { name: "where to go, a coordinator's", path: "/maps/" },
  { name: "a place begins", path: "/maps/new" },
  { name: "a shelter opens", path: "/maps/open" },
  { name: "where this place is", path: "/maps/here" },
  { name: "street maps, a coordinator's", path: "/maps/extracts" },
  { name: "places from a file", path: "/maps/import" },
  { name: "lists of places", path: "/maps/l" },
  { name: "moderating", path: "/moderate" },
  { name: "deciding about a post", path: "/messages/town", then: (page) => follow(page, "#posts .acts a", "a[href*='/judge?']") },
];

/** What the small window shows that a phone opens when it joins the Wi-Fi, after the last tap; at a place with a portal. */
export const joined = [{ name: "joined", path: "/ok" }];

/** What somebody meets who comes from another place: signed in there alone, or with what they wrote there. */
export const wandered = [
  { name: "talk, known elsewhere", path: "/messages/town", then: (page) => compose(page, "half a thought") },
  { name: "talk, written elsewhere", path: "/messages/town", then: (page) => writtenElsewhere(page, "half a thought") },
];

/** Sends a form as if somebody else had opened it, and the words of it were wrong. */
async function writtenElsewhere(page, text) {
  await compose(page, text);
  await page.locator("[name=as]").evaluate((as) => {
    as.value = "ab".repeat(32);
    as.form.submit();
  });
  await page.locator(".problem").waitFor();
}

/** Follows links, each the last of its kind on its page. */
async function follow(page, ...selectors) {
  for (const selector of selectors) {
    const was = page.url();
    await page.locator(selector).last().click();
    await page.waitForURL((u) => u.href !== was);
  }
}

/** Fills in something that the hub refuses, whatever the language. */
async function refused(page, value) {
  const form = page.locator("main form").first();
  await form.locator("input:not([type=hidden]), textarea").first().fill(value);
  await form.locator("button").first().click();
  await page.locator(".problem").waitFor();
}

/** Writes what a street has to say, so that there is something to see. */
export async function fill(hub) {
  await crowd(hub, upTo(26).map((i) => `Water at the school until six, day ${i}.`));
  await new Neighbor(hub, "Ana").says("A long one.\n" + "It goes on. ".repeat(100));
  await new Neighbor(hub, "حسن").says("الماء في المدرسة حتى السادسة", "elm street");
}

/** Opens a page in a language and does what belongs to it. */
export async function visit(page, { path, forAll, then }, language = "en") {
  await page.goto(forAll ? `/~${language}${path}` : path);
  if (then) await then(page);
  await page.waitForLoadState();
}

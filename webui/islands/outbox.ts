// Sends posts, now or when a hub is in reach again, each under the author it was
// written as and each once: the same client_id is the same post at every hub.

import { author, authorName, find, part, phrase, prefix, within } from "./page";
import { drop, keep, waiting, type Waiting } from "./store";
import { leave, tell } from "./list";

const again = 10_000; // between two tries

function random(bytes: number): string {
  const b = new Uint8Array(bytes);
  crypto.getRandomValues(b);
  let out = "";
  for (let i = 0; i < b.length; i++) out += ("0" + b[i]!.toString(16)).slice(-2);
  return out;
}

type Outcome = "sent" | "new" | "later" | "slowed" | "other" | { refused: string; field: string };

/** The name that somebody new gave with it. */
const given = (w: Waiting): string => (w.fields["name"] || "").trim().replace(/\s+/g, " ");

/** Whether somebody new wrote it, and another may be signed in by now: the reader is asked whose it is. */
const unclear = (w: Waiting): boolean => !w.author && author !== "" && given(w) !== authorName;

/** Tries to send one. */
function send(w: Waiting): Promise<Outcome> {
  if ((w.author && w.author !== author) || unclear(w)) return Promise.resolve<Outcome>("other");
  const asked = fetch(prefix + "/api/v1/" + w.call, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "Idempotency-Key": w.secret, "Lamppost-Author": author },
    body: JSON.stringify(w.fields),
  });
  return within(15_000, asked.then(meaning)).catch((): Outcome => "later");
}

/** What an answer means for the post. */
function meaning(r: Response): Outcome | Promise<Outcome> {
  if (r.ok) return author ? "sent" : "new";
  if (r.status >= 500 || r.status === 421) return "later";
  if (r.status === 401) return "other";
  if (r.status === 429) return "slowed";
  return r
    .json()
    .catch(() => ({}))
    .then((said: { detail?: string; field?: string }) => ({ refused: said.detail || phrase("refused"), field: said.field || "" }));
}

/** Whether the hub answers just now. */
function reachable(): Promise<boolean> {
  return within(3_000, fetch(location.href, { method: "HEAD", credentials: "same-origin" })).then(
    (r) => r.ok,
    () => false,
  );
}

/** Leaves a post to its form, whose answer is the next page. */
export function plainly(form: HTMLFormElement): void {
  leave();
  form.submit();
}

/** Loads the page again, for somebody who was new: with the reader's name, and the return code. */
function reload(): void {
  leave();
  location.reload();
}

/** Takes a form's post: it is sent, or waits. */
export async function post(form: HTMLFormElement, done: () => void, sent: () => void): Promise<void> {
  const fields: Record<string, string> = {};
  const data = new FormData(form);
  data.forEach((v, k) => {
    if (typeof v === "string" && !/^(csrf|as|code)$/.test(k) && (k !== "name" || v)) fields[k] = v;
  });
  const w: Waiting = {
    id: fields["client_id"] || random(16),
    call: form.getAttribute("data-call") || "",
    fields,
    author,
    name: authorName,
    secret: random(16),
    since: Date.now(),
  };
  const where = await keep(w);
  if (where === "full") return tell(phrase("full"));
  if (!author && (await reachable())) {
    // The plain form also signs in browsers that keep no cookies.
    await drop(w.id);
    return plainly(form);
  }
  const outcome = await send(w);
  if (typeof outcome === "object") {
    // The plain form comes back with what is wrong beside its field.
    await drop(w.id);
    return plainly(form);
  }
  if (where === "device") done();
  fresh(form);
  if (outcome === "sent" || outcome === "new") {
    await drop(w.id);
    if (outcome === "new") return reload();
    done();
    return sent();
  }
  note(w, outcome);
  tell(outcome === "other" ? phrase("refused") : why(w));
  await show();
}

const strange = new Set<string>(); // ids of what this page's reader may not send
const whys: Record<string, string> = {}; // why one was not taken, by id

/** Remembers what became of a try. */
function note(w: Waiting, outcome: Outcome): void {
  if (outcome === "other") strange.add(w.id);
  if (typeof outcome === "object") whys[w.id] = outcome.refused;
  else if (outcome === "slowed" && !w.fleeting) whys[w.id] = phrase("slowed");
  else delete whys[w.id];
}

/** Why one still waits. */
function why(w: Waiting): string {
  return whys[w.id] || phrase(w.fleeting ? "fleeting" : "waits");
}

/** Readies a form for the next post, by the same person. */
function fresh(form: HTMLFormElement): void {
  const name = find<HTMLInputElement>("input[name=name]", form);
  const typed = name && name.value;
  form.reset();
  if (name && typed) name.value = typed;
  const text = find<HTMLTextAreaElement>("textarea[name=text]", form);
  if (text) text.value = "";
  const id = find<HTMLInputElement>("input[name=client_id]", form);
  if (id) id.value = random(16);
  const folded = form.closest("details");
  if (!folded) return;
  const inside = folded.contains(document.activeElement);
  folded.open = false;
  const handle = find("summary", folded);
  if (inside && handle) handle.focus();
}

const rows = new Map<string, HTMLElement>(); // what is shown of what waits, by id

function hide(li: HTMLElement, what: string, hidden: boolean): void {
  const el = find(what, li);
  if (el) el.hidden = hidden;
}

function put(li: HTMLElement, what: string, text: string): void {
  const el = find(what, li);
  if (el && el.textContent !== text) el.textContent = text;
}

/** Shows what waits. What is shown already stays, as somebody may be about to discard it. */
async function show(): Promise<void> {
  const all = await waiting();
  const box = find("#outbox");
  const list = box && find("ol", box);
  if (!box || !list) return;
  const at = Array.prototype.findIndex.call(list.children, (li: Element) => li.contains(document.activeElement));
  rows.forEach((li, id) => {
    if (all.some((w) => w.id === id)) return;
    list.removeChild(li);
    rows.delete(id);
  });
  for (const w of all) {
    const li = rows.get(w.id) || row(w);
    if (!li) return;
    if (!rows.has(w.id)) list.appendChild(li);
    rows.set(w.id, li);
    const asked = unclear(w);
    const stays = asked || strange.has(w.id) || (w.author !== "" && w.author !== author); // until the reader does something
    put(li, "[data-why]", why(w));
    hide(li, "[data-why]", stays && !w.fleeting);
    hide(li, "[data-other]", !stays || (asked && !given(w)));
    hide(li, "[data-other] a", asked);
    hide(li, "[data-claim]", !asked);
  }
  box.hidden = all.length === 0;
  if (at < 0 || list.contains(document.activeElement)) return;
  const next = list.children[Math.min(at, all.length - 1)];
  const on = next ? find("button:not([hidden])", next) : find("details.write > summary");
  if (on) on.focus();
}

/** One that waits, with what stays the same of it. */
function row(w: Waiting): HTMLElement | null {
  const li = part("waiting");
  if (!li) return null;
  put(li, "[data-text]", w.fields["text"] || "");
  put(li, "[data-name]", w.author ? w.name : given(w));
  const claim = find("[data-claim]", li);
  if (claim) {
    claim.onclick = () => {
      w.author = author;
      w.name = authorName;
      delete w.fields["name"];
      void keep(w).then(flush);
    };
  }
  const discard = find("[data-discard]", li);
  if (discard) {
    discard.onclick = () => {
      void drop(w.id).then(show);
    };
  }
  return li;
}

let flush = show; // what sends all that waits

/** Sends what waits whenever that is possible. Never ends. */
export function outbox(sent: () => void): void {
  let running = false;
  const refused = new Set<string>(); // not asked for again from this page
  flush = async (): Promise<void> => {
    if (running) return;
    running = true;
    let news = false;
    for (const w of await waiting()) {
      if (refused.has(w.id)) continue;
      let outcome = await send(w);
      if (typeof outcome === "object" && outcome.field === "sure") {
        // It was written before the other talk was heard of here, and is not to be lost.
        w.fields["sure"] = "yes";
        outcome = await send(w);
      }
      note(w, outcome);
      if (outcome === "later" || outcome === "slowed") break;
      if (outcome === "sent" || outcome === "new") {
        await drop(w.id);
        news = true;
        if (outcome === "new") return reload();
      } else if (typeof outcome === "object") {
        refused.add(w.id);
        tell(outcome.refused);
      }
    }
    running = false;
    await show();
    if (news) sent();
  };
  void flush();
  setInterval(() => void flush(), again);
  window.addEventListener("online", () => void flush());
}

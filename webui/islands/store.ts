// What waits on this device: unsent posts and drafts. Storage may be full,
// forbidden, or gone with the sheet that it was opened in; then memory has to do.

import { within } from "./page";

/** A post that is not sent yet. */
export interface Waiting {
  id: string; // its client_id: a repetition is the same post
  call: string; // where it goes, below /api/v1/
  fields: Record<string, string>;
  author: string; // key of who wrote it; empty for somebody new
  name: string; // of the author, for people
  secret: string; // the same at each try, so that a lost answer makes no second person
  since: number; // when it was written, by this device; only the order counts
  fleeting?: boolean; // it is gone with the page: nothing could be stored
}

/** Most posts that wait on one device. */
export const most = 50;

const name = "lamppost";
const table = "outbox";
let memory: Waiting[] = [];
let opened: Promise<IDBDatabase> | undefined;
const patience = 1_000; // until the storage answers: some browsers never do
const last = 3_000; // the same, where nothing is to be left behind
const brief = 50; // the same, while it has just been silent: it is asked, and hardly waited for
let wait = patience;

function open(): Promise<IDBDatabase> {
  if (!opened) {
    opened = new Promise((done, fail) => {
      const ask = indexedDB.open(name, 1);
      ask.onupgradeneeded = () => ask.result.createObjectStore(table, { keyPath: "id" });
      ask.onsuccess = () => done(ask.result);
      ask.onerror = ask.onblocked = fail;
    });
  }
  return opened;
}

/** What the storage answers; nothing if it fails, or is silent for too long: what was asked of it may still be done then. */
function run<T>(mode: IDBTransactionMode, work: (t: IDBObjectStore) => IDBRequest<T>, ms = wait): Promise<T | undefined> {
  const asked = open()
    .then(
      (db) =>
        new Promise<T>((done, fail) => {
          const t = db.transaction(table, mode);
          const ask = work(t.objectStore(table));
          t.oncomplete = () => done(ask.result);
          t.onerror = t.onabort = fail;
        }),
    )
    .catch(() => undefined);
  void asked.then(() => (wait = patience));
  return within(ms, asked).catch(() => {
    wait = brief;
    return undefined;
  });
}

/** Everything that waits, in the order in which it was written. */
export async function waiting(): Promise<Waiting[]> {
  const kept = (await run<Waiting[]>("readonly", (t) => t.getAll())) || [];
  const all = kept.concat(memory.filter((m) => !kept.some((k) => k.id === m.id)));
  return all.sort((a, b) => (a.since || 0) - (b.since || 0));
}

/** Keeps one, and reports where: on the device, in this page only, or nowhere as there are too many. */
export async function keep(w: Waiting): Promise<"device" | "page" | "full"> {
  const all = await waiting();
  if (all.length >= most && !all.some((o) => o.id === w.id)) return "full";
  const now = Object.assign({}, w);
  if ((await run("readwrite", (t) => t.put(now))) !== undefined) return "device";
  w.fleeting = true;
  memory = memory.filter((m) => m.id !== w.id).concat(w);
  return "page";
}

export async function drop(id: string): Promise<void> {
  memory = memory.filter((m) => m.id !== id);
  await run("readwrite", (t) => t.delete(id));
}

/** Forgets all that this device keeps. */
export async function forget(): Promise<void> {
  memory = [];
  try {
    localStorage.clear();
  } catch (_) {
    // there is nothing to forget
  }
  await run("readwrite", (t) => t.clear(), last);
}

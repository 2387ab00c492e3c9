// What waits on this device: unsent posts and drafts. Storage may be full,
// forbidden, or gone with the sheet that it was opened in; then memory has to do.

import { within } from "./page";

/** A post that is not sent yet. */
export interface Waiting {
  id: string; // its client_id: a repetition is the same post
  call: string; // where it goes, below /api/v1/
  page: string; // where it shows
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
let opened: Promise<IDBDatabase | null> | undefined; // null if there is none
const patience = 1_000; // until the storage answers: some browsers never do
const last = 3_000; // the same, where nothing is to be left behind
const brief = 50; // the same, while it has just been silent: it is asked, and hardly waited for
let wait = patience;

/** What the storage answers, or nothing if it is silent for too long; what was asked of it may still be done then. */
function answered<T>(asked: Promise<T>, ms = wait): Promise<T | undefined> {
  const late = within(ms, asked);
  void asked.then(() => (wait = patience));
  return late.catch(() => {
    wait = brief;
    return undefined;
  });
}

function open(): Promise<IDBDatabase | null> {
  if (!opened) {
    opened = new Promise<IDBDatabase | null>((done) => {
      try {
        const ask = indexedDB.open(name, 1);
        ask.onupgradeneeded = () => ask.result.createObjectStore(table, { keyPath: "id" });
        ask.onsuccess = () => done(ask.result);
        ask.onerror = () => done(null);
        ask.onblocked = () => done(null);
      } catch (_) {
        done(null);
      }
    });
  }
  return opened;
}

function run<T>(mode: IDBTransactionMode, work: (t: IDBObjectStore) => IDBRequest<T>, ms?: number): Promise<T | undefined> {
  const asked = open().then(
    (db) =>
      new Promise<T | undefined>((done) => {
        if (!db) return done(undefined);
        try {
          const t = db.transaction(table, mode);
          const ask = work(t.objectStore(table));
          t.oncomplete = () => done(ask.result);
          t.onerror = () => done(undefined);
          t.onabort = () => done(undefined);
        } catch (_) {
          done(undefined);
        }
      }),
  );
  return answered(asked, ms);
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
  const now = { ...w };
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

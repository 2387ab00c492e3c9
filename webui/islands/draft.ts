// Keeps what is typed into a form, so that it survives a lost Wi-Fi, a reload and
// an empty battery.

const lasting = "draft:";
const base = ":of"; // behind a draft's key: the version that it changes
const sent = "draft-sent"; // the key of the draft that was sent last as a change

function get(key: string): string {
  try {
    return localStorage.getItem(key) || "";
  } catch (_) {
    return "";
  }
}

function set(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch (_) {
    // Storage is full or forbidden: the page itself still has it.
  }
}

/** Keeps the draft of a form's text field under the page's path. Returns what forgets it. */
export function draft(form: HTMLFormElement): () => void {
  const field = form.querySelector<HTMLTextAreaElement>("textarea[name=text]");
  if (!field) return () => undefined;
  const key = lasting + form.getAttribute("data-draft");
  const edits = form.querySelector<HTMLInputElement>("input[name=edits]");
  if (edits) return changes(field, edits, key);
  if (/^#p-/.test(location.hash) && document.getElementById(location.hash.slice(1))) set(key, ""); // it was posted
  if (!field.value) {
    field.value = get(key);
    const folded = field.value ? form.closest("details") : null;
    if (folded) folded.open = true;
  }
  field.addEventListener("input", () => set(key, field.value));
  return () => set(key, "");
}

/**
 * Does the same for a form that changes a post. The draft goes with the version that it
 * was begun on, so that the hub can tell if the post was changed meanwhile elsewhere.
 */
function changes(field: HTMLTextAreaElement, edits: HTMLInputElement, key: string): () => void {
  const forget = (): void => {
    set(key, "");
    set(key + base, "");
  };
  let saved = field.value;
  const kept = get(key);
  if (kept && kept === field.value) { // it was refused and is shown again, below what it changes
    set(key + base, edits.value);
    saved = "";
  } else if (kept) {
    field.value = kept;
    edits.value = get(key + base) || edits.value;
  }
  field.addEventListener("input", () => {
    if (field.value === saved) return forget();
    set(key, field.value);
    set(key + base, edits.value);
  });
  const all = document.querySelectorAll<HTMLFormElement>("form");
  for (let i = 0; i < all.length; i++) all[i]!.addEventListener("submit", () => set(sent, key)); // taking it back, too
  return forget;
}

/** Forgets the draft of a change that this page says has been made. */
export function made(): void {
  if (!/[?&]done=(changed|withdrawn)\b/.test(location.search)) return;
  const key = get(sent);
  if (!key) return;
  for (const one of [key, key + base, sent]) set(one, "");
}

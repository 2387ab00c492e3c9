// Keeps what is typed into a form, so that it survives a lost Wi-Fi, a reload and
// an empty battery.

import { find, prefix } from "./page";

const lasting = "draft:";

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
  const field = find<HTMLTextAreaElement>("textarea[name=text]", form);
  if (!field) return () => undefined;
  const key = lasting + form.getAttribute("data-draft");
  const forget = (): void => set(key, "");
  // A change is kept with the version that it was begun on, so that the hub can tell if
  // the post was changed meanwhile elsewhere.
  const edits = find<HTMLInputElement>("input[name=edits]", form);
  if (edits) {
    const kept = get(key);
    const at = kept.indexOf("\n");
    if (at > 0 && kept.slice(at + 1) !== field.value) {
      edits.value = kept.slice(0, at);
      field.value = kept.slice(at + 1);
    }
    const back = find<HTMLInputElement>("input[name=withdraws]");
    if (back && back.form) back.form.onsubmit = forget;
  } else {
    if (/^#p-/.test(location.hash) && document.getElementById(location.hash.slice(1))) {
      forget(); // it was posted
      history.replaceState(null, "", location.pathname + location.search); // a reload is not to forget what is typed next
    }
    if (!field.value) {
      field.value = get(key);
      const folded = field.value ? form.closest("details") : null;
      if (folded) folded.open = true;
    }
  }
  field.addEventListener("input", () => set(key, field.value && (edits ? edits.value + "\n" : "") + field.value));
  return forget;
}

/** Forgets the draft of a change that this page says has been made. */
export function made(): void {
  if (/done=changed/.test(location.search) && find(".notice[role=status]")) set(lasting + location.pathname.slice(prefix.length) + "/edit", "");
}

// Keeps what is typed into a form, so that it survives a lost Wi-Fi, a reload and
// an empty battery.

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
  const field = form.querySelector<HTMLTextAreaElement>("textarea[name=text]");
  if (!field) return () => undefined;
  const key = lasting + form.getAttribute("data-draft");
  if (/^#p-/.test(location.hash) && document.getElementById(location.hash.slice(1))) set(key, ""); // it was posted
  if (!field.value) {
    field.value = get(key);
    const folded = field.value ? form.closest("details") : null;
    if (folded) folded.open = true;
  }
  field.addEventListener("input", () => set(key, field.value));
  return () => set(key, "");
}

// The island of the talk: posts go out by script where there is one, so that they
// can wait on the device, and lists keep themselves up to date.

import { draft, made } from "../../webui/islands/draft";
import { fresh } from "../../webui/islands/fresh";
import { heard, lists } from "../../webui/islands/list";
import { live } from "../../webui/islands/live";
import { outbox, plainly, post } from "../../webui/islands/outbox";
import { find } from "../../webui/islands/page";

const update = lists();
const own = (): void => update(true);
live(update);
outbox(own);
fresh();
heard();
made();

document.querySelectorAll<HTMLFormElement>("form[data-draft]").forEach((form) => {
  const forget = draft(form);
  if (!form.hasAttribute("data-call")) return; // a change is sent by the plain form
  let sending = false;
  form.addEventListener("submit", (e) => {
    const words = find<HTMLInputElement>("[name=code]", form);
    if (words && words.value) return; // they are kept nowhere
    e.preventDefault();
    if (sending) return;
    sending = true;
    post(form, forget, own)
      .catch(() => plainly(form)) // the plain form does it too
      .then(() => (sending = false));
  });
});

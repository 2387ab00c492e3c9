// The island of pages that no app has: home, names, codes.

import { lists } from "./list";
import { live } from "./live";
import { outbox } from "./outbox";
import { find } from "./page";
import { forget } from "./store";

live(lists());
outbox(() => undefined);

// "Forget me on this phone": what the browser keeps goes before the session does.
const leave = find("form[data-forget]") as HTMLFormElement | null;
if (leave) {
  leave.addEventListener("submit", (e) => {
    e.preventDefault();
    void forget().then(() => leave.submit());
  });
}

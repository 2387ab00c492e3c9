// The island of pages that no app has: home, names, codes.

import { fresh } from "./fresh";
import { heard, lists } from "./list";
import { live } from "./live";
import { outbox } from "./outbox";
import { find } from "./page";
import { forget } from "./store";

live(lists());
outbox(() => undefined);
heard();
fresh();

// Without a script the browser's own menu prints.
document.querySelectorAll<HTMLButtonElement>("[data-print]").forEach((b) => {
  b.hidden = false;
  b.onclick = () => print();
});

// "Forget me on this phone": what the browser keeps goes before the session does.
const leave = find("form[data-forget]") as HTMLFormElement | null;
if (leave) {
  leave.addEventListener("submit", (e) => {
    e.preventDefault();
    const go = (): void => leave.submit();
    forget().then(go, go);
  });
}

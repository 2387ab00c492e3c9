// The island of all pages with places: lists keep themselves up to date. The map is a script of its own, which only the
// page that shows it loads.

import { fresh } from "../../../webui/islands/fresh";
import { heard, lists } from "../../../webui/islands/list";
import { live } from "../../../webui/islands/live";
import { outbox } from "../../../webui/islands/outbox";
import { find } from "../../../webui/islands/page";

const update = lists();
live(() => {
  update();
  document.dispatchEvent(new Event("lamppost-changed")); // the map listens
});
outbox(() => undefined);
fresh();
heard();

document.addEventListener("lamppost-moved", () => update()); // the map says so: the list is that of the same part

// A form's link to the page with the map opens one below itself, which fills the field.
const link = find("a[data-field][data-script]");
if (link) {
  const line = link.parentElement!;
  line.hidden = false;
  const plain = find("[data-plain]"); // does the same without a script
  if (plain) plain.hidden = true;
  link.addEventListener("click", (e) => {
    e.preventDefault();
    if (find("[data-island=map]")) return;
    const box = document.createElement("div");
    box.setAttribute("data-island", "map");
    box.setAttribute("data-field", link.getAttribute("data-field")!);
    line.insertAdjacentElement("afterend", box);
    const script = document.createElement("script");
    script.src = link.getAttribute("data-script")!;
    document.head.appendChild(script);
  });
}

// Every page of pages.mjs as a phone, a desktop, a dark phone and an Arabic one show it,
// in one table. Part of "make screenshots".
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { device, found, phone, town } from "./harness.mjs";
import { fill, joined, known, speaking, stranger, told, visit } from "./pages.mjs";
import { write } from "./people.mjs";
import { speak } from "./word.mjs";

const desktop = { width: 1000, height: 640 };
const modes = [
  { name: "phone", size: phone, width: 180 },
  { name: "desktop", size: desktop, width: 280 },
  { name: "dark", size: phone, width: 180, colorScheme: "dark" },
  { name: "arabic", size: phone, width: 180, lang: "ar" },
];

const fileOf = (page, mode) => `${page.replace(/[^a-z]+/g, "-")}-${mode}.webp`;

/** Makes the pictures and the table in a folder; keep(page, path) keeps one. */
export async function gallery(t, folder, keep) {
  const place = await town("Fire Station");
  t.after(place.stop);
  const [hub] = place.hubs;
  await fill(hub);
  const warned = await town("Fire Station");
  t.after(warned.stop);
  await fill(warned.hubs[0]);
  const maria = await speak(t, warned.hubs[0]);
  const met = await found(["Fire Station"], "--trust-clock", "--portal");
  t.after(met.stop);
  mkdirSync(folder, { recursive: true });
  for (const mode of modes) {
    const take = async (page, pages) => {
      await page.setViewportSize(mode.size);
      await page.emulateMedia({ colorScheme: mode.colorScheme ?? "light" });
      await page.goto(`/~${mode.lang ?? "en"}/`);
      for (const one of pages) {
        await visit(page, one, mode.lang);
        await keep(page, join(folder, fileOf(one.name, mode.name)));
      }
    };
    for (const [at, pages, signedIn] of [[hub, known, true], [hub, stranger, false], [warned.hubs[0], told, true], [met.hubs[0], joined, false]]) {
      const { browser, page } = await device(t, at);
      await page.goto("/");
      if (signedIn) await write(page, "I can take four people to the clinic at seven.", "Lena");
      await take(page, pages);
      await browser.close();
    }
    await take(maria, speaking);
  }
  writeFileSync(join(folder, "README.md"), table([...known, ...stranger, ...told, ...speaking, ...joined].map((p) => p.name)));
}

function table(names) {
  const rows = names.map((name) => `| ${name} | ${modes.map((m) => `<img src="${fileOf(name, m.name)}" width="${m.width}" alt="${name}, ${m.name}">`).join(" | ")} |`);
  return `# Every page

From \`make screenshots\`, of real hubs.

| page | ${modes.map((m) => m.name).join(" | ")} |
|---|${modes.map(() => "---|").join("")}
${rows.join("\n")}
`;
}

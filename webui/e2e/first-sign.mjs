// When the first sign stands on the map, in a browser that has nothing of it yet. The benchmarks run it:
//
//   node first-sign.mjs URL SLOWER VISITS
//
// SLOWER is how many times slower the processor is than this machine's. It prints for each visit the milliseconds since it
// began, and the bytes and the number of answers that had come until then, as JSON.
import { launch, patience, phone } from "./harness.mjs";

const [url, slower, visits] = process.argv.slice(2);
const browser = await launch();
try {
  const all = [];
  for (let i = 0; i < Number(visits); i++) all.push(await visit());
  console.log(JSON.stringify(all));
} finally {
  await browser.close();
}

async function visit() {
  const context = await browser.newContext({ viewport: phone, locale: "en-US" });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const inside = await context.newCDPSession(page);
  let bytes = 0;
  let answers = 0;
  let done = false;
  inside.on("Network.loadingFinished", ({ encodedDataLength }) => {
    if (done) return;
    bytes += encodedDataLength;
    answers++;
  });
  await inside.send("Network.enable");
  await inside.send("Emulation.setCPUThrottlingRate", { rate: Number(slower) });
  await page.addInitScript(() => {
    const look = () => {
      if (!document.querySelector(".sign")) return;
      seen.disconnect();
      requestAnimationFrame(() => (window.signAt = performance.now()));
    };
    const seen = new MutationObserver(look);
    seen.observe(document, { childList: true, subtree: true });
  });
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(() => window.signAt > 0);
  done = true;
  const sign = await page.evaluate(() => window.signAt);
  await context.close();
  return { sign, bytes, answers };
}

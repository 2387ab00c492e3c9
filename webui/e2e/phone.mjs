// A browser on a phone that has joined the Wi-Fi of a hub. The field test runs it in the phone's own network, where
// the hub answers all names:
//
//   node phone.mjs stay|post with-scripts|without-scripts
import assert from "node:assert/strict";
import { launch, patience, phone, site } from "./harness.mjs";
import { write } from "./people.mjs";

const visits = {
  /** What the small window does that a system opens: it is led to the page, and its owner makes the last tap. */
  async stay(page) {
    await page.goto("http://detectportal.firefox.com/canonical.html");
    assert.equal(page.url(), `${site}/`);
    const headings = await page.locator("h2:visible").allTextContents();
    assert.deepEqual(headings.slice(0, 2), ["How to come back", "Stay on this Wi-Fi"]);
    await page.getByText(`${site}/`).first().waitFor();
    await page.locator(".qr svg").waitFor();
    await page.getByRole("button", { name: "Stay on this Wi-Fi and close this window" }).click();
    await page.waitForURL("**/ok");
    await page.getByText("Tap “Done”").waitFor();
  },

  /** What their own browser does afterwards. */
  async post(page) {
    await page.goto(`${site}/`);
    assert.equal(await page.getByText("Stay on this Wi-Fi").count(), 0);
    await write(page, `Hello from ${way}`, "Ana");
  },
};

const [visit, way] = process.argv.slice(2);
assert.ok(visits[visit], `no visit is called ${visit}`);
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: phone, baseURL: site, locale: "en-US", javaScriptEnabled: way === "with-scripts" });
  context.setDefaultTimeout(patience);
  await visits[visit](await context.newPage());
} finally {
  await browser.close();
}

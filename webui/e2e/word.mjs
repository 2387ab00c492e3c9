// People who speak officially, and what they have said by the time somebody looks.
import { grant, launch, patience, phone } from "./harness.mjs";
import { Neighbor, openThread, write } from "./people.mjs";

/** A page at the box itself, of somebody whom the root sheets have let do something. */
export async function coordinator(t, hub, name, roles, area, options = {}) {
  const browser = await launch();
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: phone, baseURL: `http://localhost:${hub.http}`, locale: "en-US", ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await write(page, `I am ${name}, and at this place until midnight.`, name);
  await grant(hub, name, roles, ...(area ? [`--area=${area}`] : []));
  return page;
}

/** Releases a notice from a template, or signs one that waits for somebody else; more are fields that are seldom needed. */
export async function release(page, template, text, more = {}) {
  await page.goto(`/notices/new?t=${template}`);
  await page.locator("#text").fill(text);
  for (const one of await page.locator("main form summary").all()) await one.click();
  for (const [id, value] of Object.entries(more)) {
    const field = page.locator(`#${id}`);
    await ((await field.evaluate((f) => f.localName)) === "select" ? field.selectOption(value) : field.fill(value));
  }
  await press(page, "Release it now");
}

/** Presses a button that leads elsewhere. */
export async function press(page, button) {
  const was = page.url();
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.waitForURL((u) => u.href !== was);
}

/** What two coordinators of a hub have said. Returns the page of one of them. */
export async function speak(t, hub, options) {
  const maria = await coordinator(t, hub, "Maria Ortiz", "notices,moderate", "fire district", options);
  const john = await coordinator(t, hub, "John Park", "notices", "school board");
  await release(maria, "road", "The bridge at the mill is closed.", { area: "Mill Bridge" });
  await maria.getByRole("link", { name: "Update it" }).click();
  await maria.locator("#text").fill("The bridge is closed, and so is the road below it.");
  await press(maria, "Release it now");
  await release(maria, "meeting", "At the school, tomorrow at ten.");
  await maria.getByText("Cancel it", { exact: true }).click();
  await maria.getByLabel("Why does it not hold any more?").fill("The hall is needed for beds.");
  await press(maria, "Cancel it now");
  await release(john, "shelter", "In the school, from six on. Enter from Oak Lane.", { area: "The school", contact: "John at the front desk" });
  await release(john, "storm", "Go through your steps as if it were tonight.", { status: "Exercise" });
  await release(maria, "boil-water", "It is brown on Elm Street and on Oak Lane.", { area: "Elm Street and Oak Lane", text_es: "Sale marrón en la calle Elm y en Oak Lane." });
  await release(john, "evacuate", "The levee at the mill gives way.", { area: "Everything below Mill Road" });

  const ana = new Neighbor(hub, "Ana");
  await ana.asks("the school closes at eight?");
  await ana.asks("the water at the church is bad too?");
  await maria.goto("/notices/questions");
  await maria.locator("#asked > li").last().getByRole("link", { name: "Open" }).click();
  await maria.getByLabel("Not true").check();
  await maria.getByLabel("One sentence").fill("It stays open all night.");
  await press(maria, "Answer");

  await ana.says("I heard the chief has opened the dam!");
  await maria.goto("/messages/town");
  await openThread(maria, "the chief has opened the dam");
  await maria.getByRole("link", { name: "Hide this for everybody" }).click();
  await maria.locator("main form [name=why]").first().check();
  await press(maria, "Hide this post from everybody");
  return maria;
}

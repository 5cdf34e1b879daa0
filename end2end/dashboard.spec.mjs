// What scripts add to the dashboard, and what works without them: actions on many refunds, keys, the palette, news as they come.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertAccessible } from "./lib/browser.mjs";
import { TRON_ADDRESS, claimByForm, newInvoice, text } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ width: "d" });
const { visit } = sandbox;

/** Somebody of a merchant's staff, signed in and on a page. */
async function staffOn(email, path, title, options) {
  const staff = await visit(options);
  await staff.goto(path);
  await signIn(staff, email);
  await arriveAt(staff, path, title);
  return staff;
}

/** Refunds of overpaid invoices; returns them, oldest first. */
async function overpaid(merchant, count, prefix = "HA") {
  for (let number = 1; number <= count; number += 1) {
    const invoice = await newInvoice(merchant, `${prefix}-${number}`);
    await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150" });
  }
  const { data } = await merchant.rest.until("/refunds?limit=100", ({ data }) => data.length >= count);
  return data.reverse();
}

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const look = (staff, name) => (javaScript ? staff.look(name) : staff.calm());

  test(`staff cancel what they ticked, then all that match, ${mode}`, async () => {
    const email = `many-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "manager", `Many ${mode}`);
    await overpaid(merchant, 30);
    const staff = await staffOn(email, "/refunds", "Refunds", { javaScript });
    const { page } = staff;
    const bar = page.getByRole("toolbar", { name: "Selected refunds" });
    assert.equal(await bar.isVisible(), false, "nothing is ticked");
    await page.getByRole("checkbox", { name: "Select REFUND-HA-30" }).check();
    await page.getByRole("checkbox", { name: "Select REFUND-HA-28" }).check();
    await bar.waitFor();
    if (javaScript) {
      await bar.getByText("2 selected").waitFor();
      await bar.getByText("97.795792 USDT").waitFor();
    }
    await look(staff, "refunds-ticked");
    const download = page.waitForEvent("download");
    await bar.getByRole("button", { name: "Export" }).click();
    const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\r\n");
    assert.deepEqual(lines.slice(1).map((line) => line.split(",")[1]), ["REFUND-HA-30", "REFUND-HA-28"]);

    await bar.getByRole("button", { name: "Cancel refunds" }).click();
    await page.getByRole("heading", { name: "Cancel refunds: 2 refunds" }).waitFor();
    await staff.ready();
    await look(staff, "refunds-selected");
    staff.expectConsole(/status of 422/);
    await page.getByRole("button", { name: "Cancel 2 refunds" }).click();
    await page.getByText("Choose why you are cancelling").first().waitFor();
    await staff.ready();
    await page.getByText("The payer did not request it").click();
    await page.getByRole("button", { name: "Cancel 2 refunds" }).click();
    await page.getByText("2 cancelled").waitFor();
    await staff.ready();
    await page.getByRole("link", { name: "Back to refunds" }).click();
    await arriveAt(staff, "/refunds", "Refunds");

    await page.getByRole("link", { name: /^Awaiting claim/ }).click();
    await page.waitForURL(/status=awaiting_claim/);
    await staff.ready();
    await page.getByRole("checkbox", { name: "Select REFUND-HA-29" }).check();
    await page.getByRole("checkbox", { name: "All that match" }).check();
    await bar.getByRole("button", { name: "Cancel refunds" }).click();
    await page.getByRole("heading", { name: "Cancel refunds: 28 refunds" }).waitFor();
    await staff.ready();
    await page.getByText("The payer did not request it").click();
    await page.getByRole("button", { name: "Cancel 28 refunds" }).click();
    // With scripts it goes on by itself; without, a button does.
    await page.getByText("20 of 28: 20 cancelled").waitFor();
    if (!javaScript) await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("28 cancelled", { exact: true }).waitFor();
    await staff.ready();
    await look(staff, "refunds-selected-done");
    const { data } = await merchant.rest.get("/refunds?limit=100");
    assert.ok(data.every(({ state }) => state === "canceled"));
    staff.calm();
  });
}

test("keys move, tick and go, and nothing fires while somebody types (DESIGN 9)", async () => {
  const merchant = await merchantWith(sandbox.server, "keys@example.com", "manager", "Keys");
  await overpaid(merchant, 3, "K");
  const staff = await staffOn("keys@example.com", "/refunds", "Refunds");
  const { page } = staff;
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("j", "j", "k", "j", "x");
  await page.getByText("1 selected").waitFor();
  assert.ok(await page.getByRole("checkbox", { name: "Select REFUND-K-2" }).isChecked());
  assert.equal(await page.locator("tr[aria-current]").count(), 1);
  await press("j", "Shift+X");
  await page.getByText("2 selected").waitFor();
  await press("/");
  await press("x", "j", "g", "i", "?");
  assert.equal(await page.getByRole("searchbox", { name: "Search all refunds" }).inputValue(), "xjgi?");
  assert.equal(await page.locator("dialog").count(), 0);
  await page.locator("main h1").click();
  await press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await staff.look("shortcuts");
  await page.getByRole("switch", { name: "Single-key shortcuts" }).click();
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await press("g", "i");
  await press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/refunds", "single keys are off");
  await page.getByRole("switch", { name: "Single-key shortcuts" }).click();
  await press("Escape");
  await press("g", "i");
  await arriveAt(staff, "/invoices", "Invoices");
  await press("g", "r");
  await arriveAt(staff, "/refunds", "Refunds");
  await press("j", "Enter");
  await page.waitForURL(/\/refunds\/[0-9a-f-]{36}$/);
  await staff.ready();
  staff.calm();
});

test("an owner chooses a logo, which payers see; one that is too large is not sent", async () => {
  const merchant = await merchantWith(sandbox.server, "logo@example.com", "owner", "Logo");
  const staff = await staffOn("logo@example.com", "/settings/brand", "Settings");
  const { page } = staff;
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const choose = (buffer) => page.getByLabel("New logo").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer });
  await choose(Buffer.concat([png, Buffer.alloc(8192)]));
  await page.getByRole("button", { name: "Save brand" }).click();
  assert.match(await page.getByLabel("New logo").evaluate((input) => input.validationMessage), /Choose one of up to 8192/);
  staff.expectConsole(/status of 422/);
  await choose(Buffer.from("not a picture"));
  await page.waitForFunction(() => document.querySelector("input[type=hidden][name=logo]").value !== "");
  await page.getByRole("button", { name: "Save brand" }).click();
  await page.locator("#logo-msg").getByText("Use a PNG or WebP picture").waitFor();
  await staff.ready();
  await staff.look("settings-brand-logo-error");
  await choose(png);
  await page.waitForFunction(() => document.querySelector("input[type=hidden][name=logo]").value !== "");
  await page.getByRole("button", { name: "Save brand" }).click();
  await page.getByRole("img", { name: "Your logo" }).waitFor();
  await staff.ready();
  const payer = await visit();
  await payer.goto(`/pay/${(await newInvoice(merchant, "HA-logo")).id}`);
  assert.ok(await payer.page.locator("img.logo").evaluate((image) => image.naturalWidth === 1));
  staff.calm();
});

test("Ctrl K goes to pages, and to what the lists find", async () => {
  const merchant = await merchantWith(sandbox.server, "palette@example.com", "owner", "Palette");
  const [refund] = await overpaid(merchant, 1, "P");
  const staff = await staffOn("palette@example.com", "/", "Overview");
  const { page } = staff;
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Search, or go to a page" });
  await field.waitFor();
  assert.ok(await field.evaluate((input) => input === document.activeElement));
  await staff.look("command-palette-pages");
  await field.fill("P-1");
  const option = page.getByRole("option", { name: "Refund REFUND-P-1 48.897896 USDT, Awaiting claim" });
  await option.waitFor();
  await page.getByRole("option", { name: /^Invoice P-1/ }).waitFor();
  await staff.look("command-palette");
  assert.equal(await option.getAttribute("aria-selected"), "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/refunds/${refund.id}`);
  await staff.ready();
  await page.keyboard.press("Control+k");
  await field.fill("invoi");
  await page.getByRole("option", { name: "Invoices", exact: true }).click();
  await arriveAt(staff, "/invoices", "Invoices");
  staff.calm();
});

test("lists and refunds show what happened meanwhile, keep what is ticked, and say when nobody tells them", async () => {
  const merchant = await merchantWith(sandbox.server, "live@example.com", "manager", "Live");
  const [first] = await overpaid(merchant, 1, "L");
  const staff = await staffOn("live@example.com", "/refunds", "Refunds");
  const { page } = staff;
  await page.getByRole("checkbox", { name: "Select REFUND-L-1" }).check();
  await overpaid(merchant, 2, "M");
  await page.getByRole("link", { name: "REFUND-M-2" }).waitFor();
  assert.ok(await page.getByRole("checkbox", { name: "Select REFUND-L-1" }).isChecked(), "what was ticked stays");
  await page.getByText("1 selected").waitFor();

  await staff.goto(`/refunds/${first.id}`);
  await staff.ready();
  await claimByForm(sandbox.server.url, first.claim_url, TRON_ADDRESS);
  await page.locator(".pill", { hasText: "Scheduled" }).first().waitFor();
  assert.match(await text(staff), /By the payer/);
  // Whoever is in the midst of something keeps it, and is told.
  await page.getByText("Cancel refund", { exact: true }).click();
  await page.getByLabel(/^Note/).fill("half a sentence");
  await merchant.rest.post(`/refunds/${first.id}/hold`);
  await page.getByText("This page changed meanwhile.").waitFor();
  await staff.look("refund-changed");
  assert.equal(await page.getByLabel(/^Note/).inputValue(), "half a sentence");
  await page.getByRole("button", { name: "Show it" }).click();
  await page.locator(".pill", { hasText: "On hold" }).first().waitFor();

  await staff.goto("/refunds");
  await staff.ready();
  staff.calm();
  await page.route("**/live/**", (route) => route.abort());
  await page.reload();
  const stale = page.getByText(/Shown as of \d\d:\d\d UTC. Reconnecting…/);
  await stale.waitFor();
  await assertAccessible(page);
  await staff.screenshot("refunds-stale");
  await overpaid(merchant, 1, "N");
  await page.unroute("**/live/**");
  await stale.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "REFUND-N-1" }).waitFor();
  // The news come, the page does not: it is asked for until it does.
  const isList = (url) => new URL(url).pathname === "/refunds";
  await page.route(isList, (route) => route.fulfill({ status: 503 }));
  const asked = page.waitForRequest((request) => isList(request.url()));
  await overpaid(merchant, 1, "P");
  await asked;
  await page.unroute(isList);
  await page.getByRole("link", { name: "REFUND-P-1" }).waitFor();
});

test("whoever has several MIDs looks at one, and at a period; approvals that wait are counted beside the list", async () => {
  const merchant = await merchantWith(sandbox.server, "overview@example.com", "manager", "Several");
  const other = await sandbox.server.ask(["mid", "add", "--merchant", "Several", "--name", "US store"]);
  await overpaid(merchant, 2, "O");
  await merchant.rest.put(`/mids/${merchant.mid}/policy`, { approval_above: { USD: "10" } });
  const invoice = await newInvoice(merchant, "O-exact");
  await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "101.102104" });
  await merchant.rest.until(`/invoices/${invoice.id}`, ({ status }) => status === "complete");
  await merchant.rest.post("/refunds", { invoice: invoice.id, rate_rule: "coin_exact" });
  const staff = await staffOn("overview@example.com", "/", "Overview");
  const { page } = staff;
  const navigation = page.getByRole("navigation", { name: "Main" });
  await navigation.getByRole("link", { name: "Refunds 1 waits for approval" }).waitFor();
  await page.getByText("3 in 30 days").waitFor();
  await staff.look("overview-several");
  await page.getByRole("combobox", { name: "Period" }).selectOption("Last 7 days");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("3 in 7 days").waitFor();
  await staff.ready();
  await page.locator(".switch-mid summary").click();
  await page.getByRole("link", { name: "US store" }).click();
  await page.waitForURL(new RegExp(`mid=${other.mid}`));
  await page.getByText("None in 7 days.").waitFor();
  await staff.ready();
  await staff.look("overview-one-mid");
  await navigation.getByRole("link", { name: /^Refunds/ }).click();
  await arriveAt(staff, "/refunds", "Refunds");
  staff.calm();
});

test("what is held fits its box, however much it is", async () => {
  for (const [name, amount] of [["Wide", "1234668.225558"], ["Widest", "123456790123.225558"]]) {
    const email = `${name.toLowerCase()}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "viewer", name);
    const invoice = await newInvoice(merchant, "O-much");
    await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount });
    await merchant.rest.until("/refunds", ({ data }) => data.length === 1);
    for (const width of ["d", "m", "s"]) {
      const staff = await staffOn(email, "/", "Overview", { width });
      const box = staff.page.getByRole("region", { name: "Held for refunds" });
      const { room, needed } = await box.evaluate(({ clientWidth: room, scrollWidth: needed }) => ({ room, needed }));
      assert.ok(needed <= room, `${name}, ${width}: ${needed} px in ${room}`);
      // Where there are no columns a row says its reason too.
      await staff.page.getByRole("region", { name: "Refunds", exact: true }).getByText("Overpaid").filter({ visible: true }).waitFor();
      if (width !== "s") await staff.look(`overview-held-${name.toLowerCase()}`);
      staff.calm();
    }
  }
});

test("on paper an overview has its charts' tables, in the light colours, and nothing to press", async () => {
  const merchant = await merchantWith(sandbox.server, "paper@example.com", "viewer", "Paper");
  await overpaid(merchant, 1, "P");
  const staff = await staffOn("paper@example.com", "/", "Overview", { dark: true });
  const { page } = staff;
  const table = page.locator("details:has(summary:text-is(\"Show as table\")) table").first();
  assert.ok(!(await table.isVisible()), "on the screen it opens when somebody wants it");
  await page.emulateMedia({ media: "print" });
  await table.waitFor();
  for (const hidden of [".side", ".top"]) assert.ok(!(await page.locator(hidden).isVisible()), hidden);
  assert.equal(await page.locator("main :is(button, .btn):visible").count(), 0);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "light");
  await staff.screenshot("overview-printed");
  staff.calm();
});

// What the operator of an installation does in its pages before anything is there: the first shop, the next one, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newInvoice } from "./lib/journey.mjs";
import { paidOnChain } from "./lib/rows.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { PASSWORD, addStaff, arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox();
const { visit } = sandbox;

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const name = (page) => `${page}${javaScript ? "" : "-plain"}`;

  test(`the operator adds a shop and its merchant, ${mode}`, async () => {
    const email = `operator-${javaScript}@example.com`;
    await sandbox.server.ask(["user", "add", "--email", email, "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
    const staff = await visit({ javaScript });
    staff.expectConsole(/status of 422/);
    await staff.goto("/admin/mids");
    await signIn(staff, email);
    await arriveAt(staff, "/admin/mids", "Merchant IDs");
    const { page } = staff;
    if (javaScript) {
      await page.getByRole("heading", { name: "There is no MID yet" }).waitFor();
      await staff.look("admin-mids-none");
    }
    const merchant = `Halden ${mode}`;
    const add = async (fields) => {
      if (!(await page.getByRole("button", { name: "Add the MID" }).isVisible())) await page.getByText("New MID", { exact: true }).click();
      for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
      await page.getByRole("button", { name: "Add the MID" }).click();
    };
    await add({ Merchant: " ", MID: "EU store", "Settles in": "" });
    await page.locator("#merchant-msg").getByText("Use 1 to 100 characters").waitFor();
    assert.equal(await page.getByLabel("MID", { exact: true }).inputValue(), "EU store");
    await staff.ready();
    await add({ Merchant: merchant, "Settles in": "EU" });
    await page.locator("#settles_in-msg").getByText("Use a currency’s code of three letters").waitFor();
    await staff.ready();
    await staff.look(name("admin-mid-new-error"));
    await add({ "Settles in": "eur" });
    // The list shows what was added.
    await page.waitForURL(/\/admin\/mids\?q=[0-9a-f-]{36}$/);
    await page.getByRole("row").filter({ hasText: merchant }).getByText("Open", { exact: true }).waitFor();
    await staff.ready();

    // The merchant is there already: the name proposes it, and its other shop needs another name.
    await add({ Merchant: merchant, MID: "EU store" });
    await page.locator("#name-msg").getByText("The merchant has a MID of this name").waitFor();
    await staff.ready();
    assert.ok((await page.locator("datalist option").evaluateAll((options) => options.map(({ value }) => value))).includes(merchant));
    await add({ MID: "US store" });
    await page.getByRole("row").filter({ hasText: "US store" }).waitFor();
    await staff.goto("/admin/mids");
    assert.equal(await page.getByRole("row").filter({ hasText: merchant }).count(), 2);
    await staff.ready();
    await staff.look(name("admin-mids-added"));
    // Nobody owns the shop yet: its owner is invited, joins and is named.
    const shop = page.getByRole("row").filter({ hasText: merchant }).first();
    await shop.locator("summary").filter({ hasText: "Invite owner" }).click();
    await shop.getByLabel("Email of the owner").fill("ann");
    await shop.locator("form").filter({ hasText: "Email of the owner" }).evaluate((form) => { form.noValidate = true; });
    await shop.getByRole("button", { name: "Send invitation" }).click();
    await page.getByText("Enter an email address").first().waitFor();
    await staff.ready();
    await shop.getByLabel("Email of the owner").fill(`ann-${javaScript}@example.com`);
    await shop.getByRole("button", { name: "Send invitation" }).click();
    await page.getByRole("heading", { name: `Invitation for ann-${javaScript}@example.com` }).waitFor();
    await staff.ready();
    await staff.look(name("admin-owner-invited"));
    const link = /https?:\/\/\S+\/invite\/[\w-]+/.exec(await page.locator("body").innerText())[0];
    const ann = await visit({ javaScript });
    await ann.page.goto(link);
    await ann.ready();
    await ann.look(name("invite-owner"));
    await ann.page.getByLabel("Your name").fill("Ann Lee");
    await ann.page.getByLabel("Choose a password", { exact: true }).fill(PASSWORD);
    await ann.page.getByRole("button", { name: "Join" }).click();
    await ann.page.locator(".who").getByText("Ann Lee").waitFor({ state: "attached" });
    await ann.goto("/settings/team");
    await ann.page.getByRole("row").filter({ hasText: "Ann Lee" }).getByText("Owner").waitFor();
    await ann.ready();
    await ann.look(name("settings-team-named"));
    await ann.goto("/settings/security");
    await ann.page.getByLabel("Your name").fill("Ann B. Lee");
    await ann.page.getByRole("button", { name: "Change name" }).click();
    await ann.page.getByText("Your name is changed.").waitFor();
    await ann.page.locator(".who").getByText("Ann B. Lee").waitFor({ state: "attached" });
    ann.calm();
    await ann.close();
    await staff.goto("/admin/mids");
    assert.equal(await page.getByRole("row").filter({ hasText: merchant }).getByText("No owner").count(), 0);
    // It stands in the merchant's own chain.
    await staff.goto("/admin/audit?action=mid.added");
    await page.getByLabel("Merchant", { exact: true }).selectOption(merchant);
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("row").filter({ hasText: "Added MID" }).filter({ hasText: "You" }).first().waitFor();
    staff.calm();
  });
}

test("the search of the list of MIDs stands beside its field, and below it where there is no room", async () => {
  await sandbox.server.ask(["user", "add", "--email", "finder@example.com", "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
  const staff = await visit();
  await staff.goto("/admin/mids");
  await signIn(staff, "finder@example.com");
  await arriveAt(staff, "/admin/mids", "Merchant IDs");
  const { page } = staff;
  for (const [width, isBeside] of [[1280, true], [600, true], [320, false]]) {
    await page.setViewportSize({ width, height: 800 });
    const [field, button] = [page.getByRole("searchbox", { name: "Find a MID" }), page.getByRole("button", { name: "Find", exact: true })];
    const [of, find] = [await field.boundingBox(), await button.boundingBox()];
    assert.equal(find.y < of.y + of.height && find.x > of.x, isBeside, `${width} px`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, `${width} px scrolls sideways`);
  }
  staff.calm();
});

test("nobody but the operator adds a shop", async () => {
  const merchant = await merchantWith(sandbox.server, "shopkeeper@example.com", "owner", "Not the operator");
  await addStaff(sandbox.server, merchant, "shop-manager@example.com", "manager");
  for (const email of ["shopkeeper@example.com", "shop-manager@example.com"]) {
    const staff = await visit();
    await staff.goto("/refunds");
    await signIn(staff, email);
    await arriveAt(staff, "/refunds", "Refunds");
    staff.expectConsole(/status of (403|404)/);
    const status = await staff.page.evaluate(async () => {
      const body = new URLSearchParams({ merchant: "Eve", name: "Eve's own", settles_in: "" });
      return (await fetch("/fn/add_mid", { method: "POST", headers: { accept: "text/html" }, body, redirect: "manual" })).status;
    });
    assert.ok([403, 404].includes(status), `${email}: ${status}`);
    staff.calm();
  }
  assert.equal((await merchant.rest.get("/mids")).data.length, 1);
});

test("the overview says when a rail holds less than the books say, or does not answer, and that it is over", async () => {
  const [owner, operator] = ["books@example.com", "books-operator@example.com"];
  const merchant = await merchantWith(sandbox.server, owner, "owner", "Books");
  await sandbox.server.ask(["user", "add", "--email", operator, "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
  const { rest } = merchant;
  const invoice = await newInvoice(merchant, "HA-books");
  await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150" });
  await rest.until("/refunds", ({ data }) => data.length === 1);
  const paid = paidOnChain(sandbox.server);
  const [[txid, units]] = Object.entries(paid);
  /** What the chain says from now on, as the next hour's comparison finds it. */
  const compare = (amount) => {
    paidOnChain(sandbox.server, { [txid]: amount });
    return rest.post("/sandbox/clock", { advance: "PT1H" });
  };
  const less = String(BigInt(units) - 50_000_000n).padStart(units.length, "0");
  const on = async (email) => {
    const staff = await visit({ width: "d" });
    await staff.goto("/");
    await signIn(staff, email);
    await arriveAt(staff, "/", "Overview");
    return staff;
  };

  await compare(less);
  const [staff, admin] = [await on(owner), await on(operator)];
  const health = ({ page }) => page.locator("main").locator('a[href="/admin/health"]');
  const again = (visitor) => visitor.goto("/").then(() => visitor.ready());
  await staff.page.getByText("The rails hold less than the books say").waitFor();
  await staff.page.getByText("The operator of this installation looks into it.").waitFor();
  await staff.page.getByText("Being checked").waitFor();
  assert.doesNotMatch(await staff.page.locator("main").innerText(), /Off by|Rails in sync.*balanced/s, "how much is the operator's to know");
  assert.equal(await health(staff).count(), 0);
  await admin.page.getByRole("link", { name: "The rails hold less than the books say", exact: true }).waitFor();
  await health(admin).getByText("Off by 50.000000 USDT").waitFor();
  await staff.look("overview-books-short");

  await compare("?");
  await again(staff);
  await again(admin);
  await staff.page.getByText("No answer from Tron").waitFor();
  await staff.page.getByText("Nothing is lost: payouts there wait until it answers.").waitFor();
  assert.doesNotMatch(await staff.page.locator("main").innerText(), /hold less|in sync|balanced|Matches rails/);
  assert.equal(await health(staff).count(), 0);
  await admin.page.getByRole("link", { name: "No answer from Tron", exact: true }).waitFor();
  await staff.look("overview-rail-away");

  await compare(units);
  await again(staff);
  await staff.page.getByText("Rails in sync").waitFor();
  await staff.page.getByText("Matches rails").waitFor();
  assert.doesNotMatch(await staff.page.locator("main").innerText(), /hold less|No answer/);
  staff.calm();
  admin.calm();
});

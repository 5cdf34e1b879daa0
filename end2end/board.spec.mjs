// The dashboard as a merchant's people use it, with JavaScript on and off: a refund of their own making that a colleague approves, and
// what they set up. Every page is silent, accessible and photographed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { TRON_ADDRESS, claimByForm, heading, newInvoice, payOut, text, untilState } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { PASSWORD, addStaff, arriveAt, merchantWith, signIn, twice } from "./lib/staff.mjs";

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

/** An invoice that was paid exactly. */
async function paidInvoice(merchant, reference) {
  const invoice = await newInvoice(merchant, reference);
  await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "101.102104" });
  return merchant.rest.until(`/invoices/${invoice.id}`, ({ status }) => status === "complete");
}

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const look = (staff, name) => (javaScript ? staff.look(name) : staff.calm());

  test(`staff refund part of an invoice, a colleague approves it, and it is paid (CM-01, BP-04), ${mode}`, async () => {
    const [maker, checker] = [`maker-${javaScript}@example.com`, `checker-${javaScript}@example.com`];
    const merchant = await merchantWith(sandbox.server, maker, "owner", `Own refunds ${mode}`);
    const { rest, mid } = merchant;
    await addStaff(sandbox.server, merchant, checker, "manager");
    await rest.put(`/mids/${mid}/policy`, { approval_above: { USD: "10" } });
    const invoice = await paidInvoice(merchant, "HA-part");

    const staff = await staffOn(maker, `/invoices/${invoice.id}`, "Invoice HA-part", { javaScript });
    const { page } = staff;
    await page.getByRole("link", { name: "Refund", exact: true }).click();
    await arriveAt(staff, `/refunds/new?invoice=${invoice.id}`, "Refund an invoice");
    await look(staff, "refund-new");

    staff.expectConsole(/status of 422/);
    await page.getByText("Part", { exact: true }).click();
    await page.getByLabel("Amount to refund").fill("100.01");
    await page.getByLabel("Rate when they paid").check();
    await page.getByLabel("We pay").check();
    await page.getByRole("button", { name: "Show preview" }).click();
    await page.getByRole("alert").getByText("The most you can refund is 100.00 USD").waitFor();
    await staff.ready();
    assert.equal(await page.getByLabel("Amount to refund").inputValue(), "100.01");
    await look(staff, "refund-new-error");

    await page.getByLabel("Amount to refund").fill("50.00");
    await page.getByRole("button", { name: "Show preview" }).click();
    await page.getByText("Payer receives", { exact: true }).waitFor();
    await staff.ready();
    await page.getByText("Needs a second person.").waitFor();
    assert.match(await text(staff), /50\.551052/, "the same share of the coins they sent");
    await look(staff, "refund-new-preview");

    // What was changed after the preview is shown again before anything is made.
    await page.getByLabel("Amount to refund").fill("60.00");
    await page.getByRole("button", { name: "Ask for approval" }).click();
    await page.getByText("The refund changed. Check the new preview.").waitFor();
    await staff.ready();
    assert.equal((await rest.get("/refunds")).data.length, 0);
    await page.getByRole("button", { name: "Ask for approval" }).click();
    await page.waitForURL(/\/refunds\/[0-9a-f-]{36}$/);
    await page.getByText("You created this refund, so someone else has to approve it.").waitFor();
    await staff.ready();
    // One way to take it back, not two.
    assert.equal(await page.locator("summary").filter({ hasText: /^Cancel refund$/ }).count(), 1);
    assert.equal(await page.locator("summary").filter({ hasText: /^Decline$/ }).count(), 0);
    const [made] = (await rest.get("/refunds")).data;
    assert.equal(made.state, "awaiting_approval");
    assert.equal(made.amount, "60.661263");

    const colleague = await staffOn(checker, `/refunds/${made.id}`, /^Refund of/, { javaScript });
    await twice(colleague.page, "Approve", "Approve the refund");
    await colleague.page.getByText("Awaiting claim").first().waitFor();
    const refund = await untilState(rest, made, "awaiting_claim");
    await claimByForm(sandbox.server.url, refund.claim_url, TRON_ADDRESS, { email: "mara@example.com" });
    await payOut(rest, refund);
    await staff.goto(`/refunds/${refund.id}`);
    await staff.ready();
    assert.equal(await page.getByRole("link", { name: "Refund again" }).getAttribute("href"), `/refunds/new?invoice=${invoice.id}`);
    staff.calm();
    colleague.calm();
  });

  test(`staff look for the invoice to refund by its order, ${mode}`, async () => {
    const email = `order-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "manager", `Orders ${mode}`);
    const invoice = await newInvoice(merchant, "HA-unpaid");
    const staff = await staffOn(email, "/refunds/new", "Refund an invoice", { javaScript });
    await staff.page.getByLabel("Order").fill("HA-nowhere");
    await staff.page.getByRole("button", { name: "Find invoice" }).click();
    await staff.page.getByText("Invoice not found").waitFor();
    await staff.ready();
    await look(staff, "refund-new-not-found");
    await staff.page.getByLabel("Order").fill("HA-unpaid");
    await staff.page.getByRole("button", { name: "Find invoice" }).click();
    await staff.page.waitForURL(`**/refunds/new?invoice=${invoice.id}`);
    await staff.page.getByText("Refunds work only for completed payments. Nothing was paid on this invoice yet.").waitFor();
    staff.calm();
  });

  test(`an owner adds a webhook, replaces its secret, moves and removes it (CM-09), ${mode}`, async () => {
    const email = `webhooks-${javaScript}@example.com`;
    await merchantWith(sandbox.server, email, "owner", `Webhooks ${mode}`);
    const staff = await staffOn(email, "/settings/webhooks", "Settings", { javaScript });
    const { page } = staff;
    await page.getByRole("heading", { name: "No endpoint yet" }).waitFor();
    await look(staff, "settings-webhooks-none");
    staff.expectConsole(/status of 422/);
    await page.getByLabel("URL").fill("ftp://shop.example/hooks");
    await page.getByRole("button", { name: "Add endpoint" }).click();
    await page.locator("#url-msg").waitFor();
    await staff.ready();
    await page.getByLabel("URL").fill("https://shop.example/hooks/refundry");
    await page.getByLabel("Written as").selectOption("BVNK");
    await page.getByRole("button", { name: "Add endpoint" }).click();
    await page.getByRole("heading", { name: "Copy the signing secret now" }).waitFor();
    await staff.ready();
    const told = async () => (await text(staff)).match(/whsec_[A-Za-z0-9+/=]+/)[0];
    const first = await told();
    await page.locator("dd", { hasText: "BVNK" }).waitFor();
    await look(staff, "settings-webhooks-secret");
    await staff.goto("/settings/webhooks");
    await staff.ready();
    assert.ok(!(await text(staff)).includes("whsec_"), "a secret is shown once");

    await page.getByText("Replace secret", { exact: true }).click();
    await page.getByRole("button", { name: "Replace the secret" }).click();
    await page.getByText("Two secrets sign until").waitFor();
    await staff.ready();
    assert.notEqual(await told(), first);
    await staff.goto("/settings/webhooks");
    await staff.ready();
    await page.getByText("Change URL", { exact: true }).click();
    await page.getByLabel("New URL").fill("https://shop.example/other");
    await page.getByRole("button", { name: "Change the URL" }).click();
    await page.getByRole("heading", { name: "https://shop.example/other" }).waitFor();
    await staff.ready();
    await look(staff, "settings-webhooks");
    await page.getByText("Remove", { exact: true }).click();
    await page.getByRole("button", { name: "Remove the endpoint" }).click();
    await page.getByRole("heading", { name: "No endpoint yet" }).waitFor();
    staff.calm();
  });

  test(`an owner tests a webhook, reads what was sent and what was answered, and changes how it is told, ${mode}`, async () => {
    const email = `deliveries-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Deliveries ${mode}`);
    const endpoint = await merchant.rest.post("/webhook_endpoints", { url: sandbox.sink.url });
    const invoice = await newInvoice(merchant, "HA-told");
    await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150" });
    const isTold = ({ data }) => data.length >= 3 && data.every(({ status }) => status === "delivered");
    await merchant.rest.until(`/webhook_deliveries?endpoint=${endpoint.id}`, isTold);
    const path = `/settings/webhooks/${endpoint.id}`;
    const staff = await staffOn(email, "/settings/webhooks", "Settings", { javaScript });
    const { page } = staff;
    await page.getByRole("link", { name: "Deliveries and tests" }).click();
    await arriveAt(staff, path, "Settings");
    await page.getByRole("button", { name: "Send test event" }).click();
    await page.getByText(/answered 204 after \d+ ms/).waitFor();
    await staff.ready();
    await look(staff, "settings-webhook");
    await page.getByRole("link", { name: "refund.claim_available" }).click();
    await page.getByRole("heading", { name: "Body, without claim links" }).waitFor();
    await staff.ready();
    const shown = await text(staff);
    assert.match(shown, /"sequence":2/);
    assert.doesNotMatch(shown, /\/claim\//);
    await look(staff, "settings-webhook-delivery");
    await page.getByRole("button", { name: "Resend refund.created number 1" }).click();
    await arriveAt(staff, path, "Settings");
    const events = page.locator("#events");
    await events.getByText("27 of 27 on").waitFor();
    for (const box of await events.getByRole("checkbox").all()) await box.uncheck();
    staff.expectConsole(/status of 422/);
    await events.getByRole("button", { name: "Save events" }).click();
    await page.locator("#events-msg").getByText("Choose at least one event").waitFor();
    await staff.ready();
    for (const box of await events.getByRole("checkbox").all()) await box.check();
    for (const one of ["invoice.complete", "refund.delayed"]) await events.getByRole("checkbox", { name: one }).uncheck();
    await events.getByRole("button", { name: "Save events" }).click();
    await events.getByText("25 of 27 on").waitFor();
    await staff.ready();
    await look(staff, "settings-webhook-events");
    const { events: chosen } = await merchant.rest.get(`/webhook_endpoints/${endpoint.id}`);
    assert.equal(chosen.length, 25);
    await page.getByText("Change how it is told", { exact: true }).click();
    await page.getByLabel("Written as").selectOption("BVNK");
    await page.getByLabel("Signatures").selectOption("A key pair (v1a)");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("dd", { hasText: "BVNK" }).waitFor();
    await staff.ready();
    assert.match(await text(staff), /whpk_/);
    await page.getByText("In BVNK’s words it is told what that system tells.").waitFor();
    // From the refund's own page: sent once more, and the page is there again.
    const [refund] = (await merchant.rest.get("/refunds")).data;
    const created = ({ data }) => data.find(({ event, sequence }) => event === "refund.created" && sequence === 1);
    const before = created(await merchant.rest.get(`/webhook_deliveries?endpoint=${endpoint.id}`));
    await staff.goto(`/refunds/${refund.id}`);
    await page.getByRole("region", { name: "Ledger postings" }).locator("tbody tr").first().getByText("Payment in").waitFor();
    await page.getByRole("button", { name: "Resend refund.created number 1" }).click();
    await arriveAt(staff, `/refunds/${refund.id}`, /^Refund of/);
    const isSentAgain = (log) => created(log).status === "delivered" && created(log).attempted_at > before.attempted_at;
    await merchant.rest.until(`/webhook_deliveries?endpoint=${endpoint.id}`, isSentAgain);
    await look(staff, "refund-webhooks");
    staff.calm();
  });

  test(`an owner makes a key, which is shown once and works until it is revoked, ${mode}`, async () => {
    const email = `keys-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Keys ${mode}`);
    const staff = await staffOn(email, "/settings/keys", "Settings", { javaScript });
    const { page } = staff;
    await page.getByLabel("Name", { exact: true }).fill("Shop backend");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("heading", { name: "Copy your new key now" }).waitFor();
    await page.getByRole("row").filter({ hasText: "Shop backend" }).getByText("Never").waitFor();
    await staff.ready();
    const key = (await text(staff)).match(/rk_[A-Za-z0-9_-]+/)[0];
    await look(staff, "settings-keys");
    const asked = () => fetch(`${sandbox.server.url}/api/v1/mids`, { headers: { authorization: `Bearer ${key}` } });
    assert.equal((await asked()).status, 200);
    await merchant.rest.get("/mids");
    // Loaded again, the page makes no other key.
    if (javaScript) await page.reload();
    else await staff.goto("/settings/keys");
    await staff.ready();
    assert.equal(await page.getByText("Never", { exact: true }).count(), 0, "both were used");
    assert.equal(await page.getByRole("row").count(), 3, "a head, the key of the shop's program and this one");
    await page.getByText("Revoke", { exact: true }).last().click();
    await page.getByRole("button", { name: "Revoke the key" }).last().click();
    await page.getByRole("row").nth(2).waitFor({ state: "detached" });
    assert.equal((await asked()).status, 401);
    await merchant.rest.get("/mids");
    staff.calm();
  });

  test(`people change their password and email, and payers see another name, ${mode}`, async () => {
    const email = `security-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Security ${mode}`);
    await paidInvoice(merchant, "HA-paid-before");
    const staff = await staffOn(email, "/settings/security", "Settings", { javaScript });
    const { page } = staff;
    staff.expectConsole(/status of 422/);
    await page.getByLabel("Your password now").fill("something else");
    await page.getByLabel("New password").fill("another horse battery");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("This is not your password").waitFor();
    await staff.ready();
    await look(staff, "settings-security-error");
    await page.getByLabel("Your password now").fill(PASSWORD);
    await page.getByLabel("New password").fill("another horse battery");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Your password is changed.").waitFor();
    await page.getByText("Payouts are locked until").waitFor();
    await staff.ready();
    await look(staff, "settings-security");

    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Brand" }).click();
    await arriveAt(staff, "/settings/brand", "Settings");
    await page.getByRole("link", { name: "EU store" }).click();
    await page.getByText("How payers of EU store see you.").waitFor();
    await staff.ready();
    await page.getByLabel("Name payers read").fill("Halden & Sons");
    await page.getByLabel("Colour of buttons").fill("#fefefe");
    await page.getByRole("button", { name: "Save brand" }).click();
    await page.locator("#colour-msg").waitFor();
    await staff.ready();
    await look(staff, "settings-brand-error");
    await page.getByLabel("Colour of buttons").fill("#0b5a54");
    await page.getByRole("button", { name: "Save brand" }).click();
    await page.locator("#colour-msg").waitFor({ state: "detached" });
    await staff.ready();
    assert.equal(await page.getByLabel("Name payers read").inputValue(), "Halden & Sons");
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Email" }).click();
    await arriveAt(staff, "/settings/email", "Settings");
    await page.getByText("No mail server is set.").waitFor();
    await page.getByRole("link", { name: "EU store" }).click();
    await page.getByLabel("Alerts go to").fill("money@example.com");
    await page.getByRole("button", { name: "Save email" }).click();
    await staff.ready();
    assert.equal(await page.getByLabel("Alerts go to").inputValue(), "money@example.com");
    await look(staff, "settings-email-mid");
    const payer = await visit({ javaScript });
    const open = await newInvoice(merchant, "HA-branded");
    await payer.goto(`/pay/${open.id}`);
    assert.match(await text(payer), /Halden & Sons/);
    staff.calm();
  });
}

test("who may not change settings sees no form", async () => {
  await merchantWith(sandbox.server, "support@example.com", "support", "Settings looked at");
  const staff = await staffOn("support@example.com", "/settings/webhooks", "Settings");
  assert.equal(await staff.page.locator("main form").count(), 0);
  staff.expectConsole(/status of 403/);
  await staff.goto("/refunds/new");
  await heading(staff, "You can see this but not change it");
  staff.calm();
});

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const look = (staff, name) => (javaScript ? staff.look(name) : staff.calm());

  test(`staff find refunds by what they know, turn pages and take a file with them, ${mode}`, async () => {
    const email = `lists-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "manager", `Lists ${mode}`);
    const { rest } = merchant;
    for (let number = 1; number <= 27; number += 1) {
      const invoice = await newInvoice(merchant, `=HA-${number}`);
      await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: `${150 + number}` });
    }
    await rest.until("/refunds?limit=100", ({ data }) => data.length === 27);
    const staff = await staffOn(email, "/", "Overview", { javaScript });
    const { page } = staff;
    await page.getByText("Nothing needs you.").waitFor();
    await page.getByText("27 in 30 days").waitFor();
    await page.getByText("Show as table").click();
    await look(staff, "overview");
    await page.getByRole("link", { name: "See all" }).click();
    await arriveAt(staff, "/refunds", "Refunds");
    assert.equal(await page.getByRole("row").count(), 26, "a head and a page");
    await look(staff, "refunds-many");
    await page.getByRole("link", { name: "Older" }).click();
    await page.getByRole("link", { name: "Newer" }).waitFor();
    await staff.ready();
    assert.equal(await page.getByRole("row").count(), 3);
    await page.getByRole("link", { name: "Newer" }).click();
    await page.getByRole("link", { name: "Older" }).waitFor();
    await staff.ready();
    assert.equal(await page.getByRole("row").count(), 26);

    await page.getByRole("searchbox", { name: "Search refunds", exact: true }).fill("=HA-7");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/q=%3DHA-7/);
    await staff.ready();
    assert.equal(await page.getByRole("row").count(), 2);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export CSV" }).click();
    const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\r\n");
    assert.equal(lines.length, 2);
    assert.match(lines[0], /^refund,reference,order,/);
    assert.match(lines[1], /,"'=HA-7",/, "no cell is a formula");

    await staff.goto("/refunds");
    await staff.ready();
    await page.locator("summary", { hasText: "Status" }).click();
    for (const state of ["Awaiting claim", "Payout failed"]) await page.getByRole("checkbox", { name: state }).check();
    await look(staff, "refunds-filter");
    await page.locator(".pop").getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/status=awaiting_claim&status=payout_failed/);
    await page.locator("summary", { hasText: "Status 2 chosen" }).click();
    await page.getByRole("link", { name: "Clear", exact: true }).first().click();
    await page.waitForURL((url) => !url.searchParams.has("status"));
    await page.locator("summary", { hasText: "Period" }).click();
    await page.getByRole("link", { name: "Last 7 days" }).click();
    await page.locator("summary", { hasText: "Last 7 days" }).waitFor();

    await staff.goto("/refunds?reason=late&from=2020-01-01");
    await page.getByRole("heading", { name: "No refunds match these filters" }).waitFor();
    await look(staff, "refunds-no-match");
    await page.getByRole("link", { name: "Search all time" }).click();
    await page.waitForURL(/refunds\?reason=late$/);
    await page.getByRole("link", { name: "Clear filters" }).click();
    await arriveAt(staff, "/refunds", "Refunds");
    await staff.goto("/invoices?status=complete");
    await staff.ready();
    assert.equal(await page.getByRole("row").count(), 26);
    await look(staff, "invoices-many");
    staff.calm();
  });

  test(`a manager tries a policy on real payments and saves it, a colleague agrees (3.5), ${mode}`, async () => {
    const [author, checker] = [`author-${javaScript}@example.com`, `agrees-${javaScript}@example.com`];
    const merchant = await merchantWith(sandbox.server, author, "manager", `Policies ${mode}`);
    const { rest, mid } = merchant;
    await addStaff(sandbox.server, merchant, checker, "owner");
    await rest.put(`/mids/${mid}/policy`, { approval_above: { USD: "10" } });
    const invoice = await newInvoice(merchant, "HA-kept");
    await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150" });
    await rest.until(`/invoices/${invoice.id}`, ({ refunds }) => refunds.length > 0);

    const staff = await staffOn(author, `/policies/${mid}`, "Refund policy, EU store", { javaScript });
    const { page } = staff;
    await look(staff, "policy");
    // A length of time is a number and its unit; whatever is wrong is said at once, and what was typed stays.
    assert.deepEqual([await page.getByLabel("Claim link works for", { exact: true }).inputValue(), await page.locator("[name=claim_ttl-unit]").inputValue()], ["90", "days"]);
    assert.doesNotMatch(await page.locator("main").innerText(), /\bP\d+[DM]|PT\d|[a-z]_[a-z]/, "in the words of programs");
    await page.getByLabel("Keep everything").check();
    await page.getByLabel("Security delay after a claim", { exact: true }).fill("31");
    await page.locator("[name=security_delay-unit]").selectOption("days");
    await page.getByLabel("Claim link works for", { exact: true }).fill("soon");
    await page.getByLabel("Ignore differences up to (%)").fill("51");
    // With scripts it is tried while it is filled in, too.
    staff.expectConsole(/status of 422/);
    await page.getByRole("button", { name: "Save version 3" }).click();
    await page.getByRole("alert").getByRole("link", { name: "Ignore differences up to (%): Enter 0 to 50 percent" }).waitFor();
    await staff.ready();
    assert.deepEqual(await page.getByRole("alert").getByRole("link").allInnerTexts(), [
      "Ignore differences up to (%): Enter 0 to 50 percent", "Claim link works for: Enter 1 to 365 days", "Security delay after a claim: Enter 0 to 30 days",
    ]);
    assert.equal(await page.getByLabel("Claim link works for", { exact: true }).inputValue(), "soon");
    await look(staff, "policy-mistakes");
    await page.getByLabel("Ignore differences up to (%)").fill("0");
    await page.getByLabel("Claim link works for", { exact: true }).fill("90");
    await page.getByLabel("Security delay after a claim", { exact: true }).fill("24");
    await page.locator("[name=security_delay-unit]").selectOption("hours");
    if (!javaScript) await page.getByRole("button", { name: "Try it on the last 30 days" }).click();
    await page.getByText("invoice would stand elsewhere", { exact: true }).waitFor();
    await staff.ready();
    await page.getByRole("complementary", { name: "Policy simulator" }).getByRole("link", { name: "HA-kept" }).waitFor();
    assert.equal((await rest.get(`/mids/${mid}/policy`)).version, 2, "nothing was saved");
    await look(staff, "policy-tried");
    await page.getByRole("button", { name: "Save version 3" }).click();
    await page.getByText("it loosens a guard, so a second person has to agree to it below.").waitFor();
    await staff.ready();
    await page.getByText("You wrote this version, so someone else has to agree to it.").waitFor();
    await look(staff, "policy-waits");
    assert.equal((await rest.get(`/mids/${mid}/policy`)).policy.on_over, "settle_and_refund_excess");

    const colleague = await staffOn(checker, "/", "Overview", { javaScript });
    await colleague.page.getByRole("link", { name: "A policy waits for a second person", exact: true }).click();
    await colleague.page.getByText("Version 3 waits for a second person.").waitFor();
    await colleague.page.getByText(`By ${author}`).first().waitFor();
    await colleague.ready();
    await look(colleague, "policy-to-approve");
    await colleague.page.getByRole("button", { name: "Agree to it" }).click();
    await colleague.page.getByText("Version 3 live").waitFor();
    const { policy } = await rest.get(`/mids/${mid}/policy`);
    assert.deepEqual([policy.on_over, policy.security_delay, policy.approval_above], ["credit_all", "PT24H", { USD: "10" }]);
    staff.calm();
    colleague.calm();
  });
}

test("a draft is asked about before it is lost, and a length of time keeps its units", async () => {
  const merchant = await merchantWith(sandbox.server, "draft@example.com", "owner", "Drafts");
  const { rest, mid } = merchant;
  await addStaff(sandbox.server, merchant, "looks@example.com", "viewer");
  await rest.put(`/mids/${mid}/policy`, { claim_ttl: "P3M", security_delay: "P1DT12H", refundable_states: ["complete", "expired"] });
  const staff = await staffOn("draft@example.com", `/policies/${mid}`, "Refund policy, EU store");
  const { page } = staff;
  const delay = page.locator("[name=security_delay-unit]");
  assert.equal(await delay.locator("option:checked").innerText(), "1 day and 12 hours");
  await page.getByText("Unsaved changes").waitFor({ state: "hidden" });
  await page.getByLabel("Keep everything").check();
  await page.getByText("Unsaved changes: 1").waitFor();
  await page.getByText("With this draft 0 invoices would stand elsewhere.").waitFor();
  await staff.look("policy-draft");
  // Leaving is asked about, and staying keeps what was chosen.
  const asked = new Promise((resolve) => page.once("dialog", (dialog) => resolve(dialog.dismiss().then(() => dialog.type()))));
  await page.getByRole("link", { name: "Invoices" }).first().click();
  assert.equal(await asked, "beforeunload");
  assert.ok(await page.getByLabel("Keep everything").isChecked());
  await page.getByRole("link", { name: "Discard" }).click();
  await page.getByText("Unsaved changes").waitFor({ state: "hidden" });
  await staff.ready();
  // A draft that was tried is in the fields of the page that answers. What is put back there by hand is saved already.
  await page.getByLabel("Keep everything").check();
  await page.getByRole("button", { name: "Try it on the last 30 days" }).click();
  await page.locator("form[data-unsaved=on_over]").waitFor();
  await staff.ready();
  await page.getByText("Unsaved changes: 1").waitFor();
  await page.locator("[name=on_over][value=settle_and_refund_excess]").check();
  await page.getByText("Unsaved changes").waitFor({ state: "hidden" });
  await page.getByLabel("Keep everything").check();
  await page.getByRole("button", { name: "Save version 3" }).click();
  await page.getByText("Saved. It is live.").waitFor();
  await staff.ready();
  const { policy } = await rest.get(`/mids/${mid}/policy`);
  assert.deepEqual([policy.on_over, policy.claim_ttl, policy.security_delay], ["credit_all", "P3M", "P1DT12H"]);
  assert.deepEqual(policy.refundable_states, ["complete", "expired"]);
  // Who may only look reads it in words.
  const viewer = await staffOn("looks@example.com", `/policies/${mid}`, "Refund policy, EU store");
  await viewer.page.locator("#policy").getByText("3 months", { exact: true }).waitFor();
  await viewer.page.locator("#policy").getByText("1 day and 12 hours", { exact: true }).waitFor();
  assert.equal(await viewer.page.locator("main").getByRole("radio").count(), 0);
  await viewer.look("policy-viewer");
  staff.calm();
  viewer.calm();
});

test("an owner says what is different for one asset, and takes it back", async () => {
  const merchant = await merchantWith(sandbox.server, "assets@example.com", "owner", "Assets");
  const page_of = (asset) => `/policies/${merchant.mid}${asset ? `/${asset}` : ""}`;
  const staff = await staffOn("assets@example.com", page_of(), "Refund policy, EU store");
  const { page } = staff;
  await page.getByRole("link", { name: "Change: USDT on Tron" }).click();
  await arriveAt(staff, page_of("USDT-TRON"), "Refund policy for USDT on Tron, EU store");
  const [smallest, currency] = [page.getByLabel("Smallest refund", { exact: true }), page.getByLabel("Smallest refund, currency", { exact: true })];
  await smallest.fill("five");
  await page.getByText("Unsaved changes: 1").waitFor();
  staff.expectConsole(/status of 422/);
  await page.getByRole("button", { name: "Save version 2" }).click();
  await page.locator("#claim_floor-msg").getByText("Enter amounts of at least 0").waitFor();
  await staff.ready();
  await smallest.fill("5");
  await currency.first().fill("usd");
  await page.getByRole("button", { name: "Try it on the last 30 days" }).click();
  await page.getByText("invoices would stand elsewhere", { exact: true }).waitFor();
  await staff.ready();
  await page.getByRole("button", { name: "Save version 2" }).click();
  await page.getByText("Saved. It is live.").waitFor();
  await staff.ready();
  await page.getByText("Without a change for this asset it is not set.").waitFor();
  await page.getByText("USDT on Tron, Smallest refund: As for all assets").waitFor();
  await staff.look("policy-asset");
  await page.getByRole("link", { name: "Policy for all assets" }).click();
  await arriveAt(staff, page_of(), "Refund policy, EU store");
  await page.getByRole("row").filter({ hasText: "USDT on Tron" }).getByText("Smallest refund: 5 USD").waitFor();
  assert.deepEqual((await merchant.rest.get(`/mids/${merchant.mid}/policy`)).policy.claim_floor, {}, "other assets go on as they did");
  await staff.look("policy-assets");
  // It counts: a difference of less than five dollars is kept apart.
  const invoice = await newInvoice(merchant, "HA-small");
  await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "104" });
  const paid = await merchant.rest.until(`/invoices/${invoice.id}`, ({ status }) => status === "complete");
  assert.deepEqual(paid.refunds, []);
  await page.getByRole("link", { name: "Change: USDT on Tron" }).click();
  await arriveAt(staff, page_of("USDT-TRON"), "Refund policy for USDT on Tron, EU store");
  await page.getByRole("button", { name: "As for all assets again" }).click();
  await page.getByText("Saved. It is live.").waitFor();
  await staff.ready();
  assert.equal(await page.getByRole("button", { name: "As for all assets again" }).count(), 0);
  staff.calm();
});

test("the operator suspends a shop, stops payouts, and reads who did it", async () => {
  const merchant = await merchantWith(sandbox.server, "shop@example.com", "owner", "Suspended");
  await sandbox.server.ask(["user", "add", "--email", "operator@example.com", "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
  const staff = await staffOn("operator@example.com", "/admin/mids", "Merchant IDs");
  const { page } = staff;
  await staff.look("admin-mids");
  await page.getByRole("searchbox", { name: "Find a MID" }).fill("no such shop");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.getByRole("heading", { name: /^No MID has that/ }).waitFor();
  await staff.ready();
  await page.getByRole("link", { name: "Show all" }).click();
  await page.getByRole("searchbox", { name: "Find a MID" }).fill("SUSPENDED");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.waitForURL(/q=SUSPENDED/);
  await staff.ready();
  assert.equal(await page.getByRole("row").count(), 2, "a head and the one whose merchant is called so");
  const row = page.getByRole("row").filter({ hasText: "Suspended" });
  await row.getByText("Suspend", { exact: true }).click();
  await row.getByRole("button", { name: "Suspend the MID" }).click();
  await page.getByRole("button", { name: "Open EU store" }).waitFor();
  await staff.ready();
  const [mid] = (await merchant.rest.get("/mids")).data;
  assert.equal(mid.guard, "suspended");
  await page.getByRole("button", { name: "Open EU store" }).click();
  await page.getByRole("button", { name: "Open EU store" }).waitFor({ state: "detached" });

  await staff.goto("/admin/health");
  await staff.ready();
  await page.getByText("Stop all payouts", { exact: true }).click();
  await page.getByRole("button", { name: "Stop payouts" }).click();
  await page.getByText("Payouts are stopped.").waitFor();
  await staff.ready();
  await staff.look("admin-health");
  await page.getByRole("button", { name: "Let payouts go" }).click();
  await page.getByText("Stop all payouts", { exact: true }).waitFor();
  await staff.ready();

  await staff.goto(`/admin/audit?merchant=${merchant.merchant}&action=mid.guarded`);
  await staff.ready();
  assert.equal(await page.getByRole("row").count(), 3, "a head, suspended, opened");
  await staff.look("admin-audit");
  staff.calm();

  const shop = await staffOn("shop@example.com", "/admin/audit", "Audit log");
  assert.ok((await text(shop)).includes("mid.guarded"), "a merchant reads its own");
  shop.expectConsole(/status of 404/);
  await shop.goto("/admin/mids");
  await heading(shop, "We cannot find this page");
  shop.calm();
});

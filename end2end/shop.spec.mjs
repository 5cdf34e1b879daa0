// A shop's first days, as its two people live them: they set it up, refund a customer, and put right what goes wrong. One story: each
// test begins where the one before ended.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { TRON_ADDRESS, claimByForm, heading, newInvoice, payOut, payWrongly, text, untilMailed, untilState } from "./lib/journey.mjs";
import { leaveSessionsOpen } from "./lib/rows.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { linkIn } from "./lib/smtp.mjs";
import { PASSWORD, arriveAt, merchantWith, signIn, twice, withAuthenticator } from "./lib/staff.mjs";

// Browsers know no passkeys of an address; this machine has a name.
const sandbox = openSandbox({ mails: true, width: "d", host: "localhost", lasts: true });
const [OWNER, COLLEAGUE] = ["mira@shop.example", "jo@shop.example"];
let shop, mira, jo;

const button = ({ page }, name) => page.getByRole("button", { name, exact: true });
const pill = ({ page }, words) => page.locator("h1 ~ .pill, .head .pill", { hasText: words }).first().waitFor();
const advance = (time) => shop.rest.post("/sandbox/clock", { advance: time });

/** Goes from the overview to the page of one of the first steps. */
async function step(title) {
  await mira.goto("/");
  await heading(mira, "Overview");
  await mira.ready();
  await mira.page.getByRole("link", { name: title }).click();
  await mira.page.waitForURL((url) => url.pathname !== "/");
  await mira.ready();
}

async function addPasskey(person, device) {
  await person.page.getByLabel("Name", { exact: true }).fill(device);
  await button(person, "Add passkey").click();
  await person.page.getByRole("cell", { name: device }).waitFor();
  await person.ready();
}

test("first run: the owner is led through the first steps", async () => {
  shop = await merchantWith(sandbox.server, OWNER, "owner", "Halden Audio");
  [mira, jo] = [await sandbox.visit(), await sandbox.visit()];
  for (const person of [mira, jo]) await withAuthenticator(person);
  await mira.goto("/");
  await signIn(mira, OWNER);
  await arriveAt(mira, "/", "Overview");
  await mira.page.getByRole("heading", { name: "Set up your shop" }).waitFor();
  await mira.look("shop-first-steps");

  await step("Say how payers see you");
  await mira.page.getByLabel("Name payers read").fill("Halden Audio");
  await mira.page.getByLabel("Colour of buttons").fill("#0b5a54");
  await button(mira, "Save brand").click();
  await mira.page.waitForLoadState();
  await step("Hear of every refund");
  await mira.page.getByLabel("URL").fill(sandbox.sink.url);
  await button(mira, "Add endpoint").click();
  await mira.page.getByRole("heading", { name: "Copy the signing secret now" }).waitFor();
  sandbox.sink.believe((await text(mira)).match(/whsec_[A-Za-z0-9+/=]+/)[0]);
  await step("Protect your own sign-in");
  await addPasskey(mira, "Mira's phone");
});

test("the owner invites a colleague, who joins and adds a passkey", async () => {
  await step("Invite a colleague");
  await mira.page.getByLabel("Email").fill(COLLEAGUE);
  await mira.page.getByLabel("Role", { exact: true }).selectOption("manager");
  await button(mira, "Invite").click();
  const invitation = await sandbox.mail.expect(COLLEAGUE, /^Join Halden Audio/);
  await jo.page.goto(linkIn(invitation, "/invite/"));
  await heading(jo, "Join Halden Audio");
  await jo.ready();
  await jo.page.getByLabel("Choose a password").fill(PASSWORD);
  await button(jo, "Join").click();
  await jo.page.waitForURL((url) => url.pathname === "/");
  await jo.goto("/settings/security");
  await jo.ready();
  await addPasskey(jo, "Jo's laptop");
});

test("the owner changes the policy after trying it on what was paid; then nothing is left to set up", async () => {
  const { refund } = await payWrongly(shop, "over", "HA-tried");
  await step("Choose what happens when a payment differs");
  const { page } = mira;
  await page.getByLabel("Second approval above", { exact: true }).fill("20");
  await page.getByLabel("Second approval above, currency").first().fill("USD");
  await page.getByRole("radio", { name: "Keep everything" }).first().check();
  await button(mira, "Try it on the last 30 days").click();
  await page.getByText("invoice would stand elsewhere", { exact: true }).waitFor();
  await mira.ready();
  await page.getByRole("complementary", { name: "Policy simulator" }).getByRole("link", { name: "HA-tried" }).waitFor();
  await page.getByRole("radio", { name: "Refund the extra" }).first().check();
  await button(mira, "Save version 2").click();
  await page.getByText("Version 2 live").waitFor();
  await mira.ready();
  assert.deepEqual((await shop.rest.get(`/mids/${shop.mid}/policy`)).policy.approval_above, { USD: "20" });
  assert.equal((await shop.rest.get(`/refunds/${refund.id}`)).state, "awaiting_claim", "what was judged stays judged");

  await mira.goto("/");
  await heading(mira, "Overview");
  assert.equal(await page.getByRole("heading", { name: "Set up your shop" }).count(), 0);
});

test("the owner refunds part of an invoice, the colleague approves it with a passkey, and both watch it being paid", async () => {
  // What was changed locks payouts for a day.
  await advance("P1DT1H");
  const invoice = await newInvoice(shop, "HA-part");
  await shop.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "101.102104" });
  await shop.rest.until(`/invoices/${invoice.id}`, ({ status }) => status === "complete");
  await mira.goto("/invoices");
  await mira.ready();
  await mira.page.getByRole("link", { name: "HA-part" }).click();
  await mira.page.getByRole("link", { name: "Refund", exact: true }).click();
  await heading(mira, "Refund an invoice");
  await mira.ready();
  await mira.page.getByText("Part", { exact: true }).click();
  await mira.page.getByLabel("Amount to refund").fill("50.00");
  await mira.page.getByLabel("Rate when they paid").check();
  await button(mira, "Show preview").click();
  await mira.page.getByText("Needs a second person.").waitFor();
  await mira.ready();
  await button(mira, "Ask for approval").click();
  await mira.page.getByText("You created this refund, so someone else has to approve it.").waitFor();
  await mira.ready();
  const [made] = (await shop.rest.get("/refunds")).data;

  await jo.goto("/");
  await jo.ready();
  await jo.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Refunds 1 waits for approval" }).click();
  await heading(jo, "Refunds");
  await jo.ready();
  await jo.page.getByRole("link", { name: made.reference }).click();
  await heading(jo, /^Refund of/);
  await jo.ready();
  leaveSessionsOpen(sandbox.server);
  await twice(jo.page, "Approve", "Approve the refund");
  await heading(jo, "Is it still you?");
  await jo.ready();
  await button(jo, "Continue with a passkey").click();
  const { claim_url: link } = await untilState(shop.rest, made, "awaiting_claim");
  await heading(jo, /^Refund of/);

  // Nobody loads the owner's page again.
  await pill(mira, "Awaiting claim");
  assert.equal((await claimByForm(sandbox.server.url, link, TRON_ADDRESS, { email: "mara@example.com" })).status, 200);
  await pill(mira, "Scheduled");
  const paid = await payOut(shop.rest, made);
  await pill(mira, "Paid");
  await mira.ready();
  assert.ok((await text(mira)).includes(paid.txid.slice(0, 6)));
  await mira.look("shop-paid");
});

test("a payout that fails is tried again, an offer that expired is made again", async () => {
  const { refund } = await payWrongly(shop, "over", "HA-fails");
  await claimByForm(sandbox.server.url, refund.claim_url, TRON_ADDRESS, { email: "kim@example.com" });
  await untilMailed(shop.rest, refund);
  await shop.rest.post("/sandbox/rail", { network: "tron", mode: "fail" });
  await advance("PT72H");
  await shop.rest.until(`/refunds/${refund.id}`, ({ state, txid }) => state === "payout_failed" || txid);
  await advance("PT1M");
  await untilState(shop.rest, refund, "payout_failed");
  await shop.rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  await jo.goto(`/refunds/${refund.id}`);
  await jo.ready();
  await jo.page.locator("summary", { hasText: "Retry payout" }).click();
  await button(jo, "Order it again").click();
  await shop.rest.until(`/refunds/${refund.id}`, ({ state, txid }) => (state === "sending" && txid) || state === "paid");
  await advance("PT1M");
  await pill(jo, "Paid");

  const { refund: late } = await payWrongly(shop, "over", "HA-expires");
  await advance("P91D");
  await untilState(shop.rest, late, "expired");
  await jo.goto(`/refunds/${late.id}`);
  await jo.ready();
  await twice(jo.page, "Reissue link", "Make a new link");
  const again = await untilState(shop.rest, late, "awaiting_claim");
  assert.notEqual(again.claim_url, late.claim_url);
  await pill(jo, "Awaiting claim");
  assert.equal((await claimByForm(sandbox.server.url, again.claim_url, TRON_ADDRESS, { email: "ann@example.com" })).status, 200);
});

test("the owner replaces a webhook's secret, and what comes is signed with both", async () => {
  await mira.goto("/settings/webhooks");
  await mira.ready();
  await mira.page.getByText("Replace secret", { exact: true }).click();
  await button(mira, "Replace the secret").click();
  await heading(mira, "Is it still you?");
  await mira.ready();
  await button(mira, "Continue with a passkey").click();
  await mira.page.getByText("Two secrets sign until").waitFor();
  await mira.ready();
  const secret = (await text(mira)).match(/whsec_[A-Za-z0-9+/=]+/)[0];
  sandbox.sink.forget();
  const { refund } = await payWrongly(shop, "over", "HA-rotated");
  await sandbox.sink.expect(refund.id, ["refund.created", "refund.claim_available"]);
  sandbox.sink.believe(secret);
  await sandbox.sink.expect(refund.id, ["refund.created", "refund.claim_available"]);
});

test("the owner takes the refunds home and finds the trail in the audit log", async () => {
  await mira.goto("/refunds");
  await mira.ready();
  const download = mira.page.waitForEvent("download");
  await mira.page.getByRole("link", { name: "Export CSV" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\r\n");
  const { data } = await shop.rest.get("/refunds?limit=100");
  assert.deepEqual(lines.slice(1).map((line) => line.split(",")[1]).sort(), data.map(({ reference }) => reference).sort());

  await mira.goto("/admin/audit");
  await mira.ready();
  const deeds = {
    "policy.changed": ["Saved policy", "You", "EU store"],
    "invitation.made": ["Invited person", "You", COLLEAGUE],
    "user.joined": ["Joined", COLLEAGUE, COLLEAGUE],
    "refund.awaiting_approval": ["Asked for approval", "You", "REFUND-HA-part"],
    "refund.payout_failed": ["Payout failed", "Refundry", "REFUND-HA-fails"],
    "refund.paid": ["Paid refund", "Refundry", "REFUND-HA-part"],
  };
  for (const [action, words] of Object.entries(deeds)) {
    await mira.page.getByLabel("What", { exact: true }).selectOption(action);
    await button(mira, "Show").click();
    await mira.page.waitForURL((url) => url.searchParams.get("action") === action);
    await mira.ready();
    let row = mira.page.getByRole("row");
    for (const word of words) row = row.filter({ hasText: word });
    await row.first().waitFor();
  }
  await mira.page.getByRole("link", { name: "REFUND-HA-part" }).click();
  await mira.page.waitForURL(/subject=/);
  await mira.ready();
  await mira.page.getByRole("row").filter({ hasText: "Approved refund" }).filter({ hasText: COLLEAGUE }).waitFor();
  const log = mira.page.waitForEvent("download");
  await mira.page.getByRole("link", { name: "Export" }).click();
  const rows = (await readFile(await (await log).path(), "utf8")).trimEnd().split("\r\n");
  assert.match(rows[0], /^number,at,action,actor,who,subject,name,detail,hash$/);
  assert.deepEqual(rows.slice(1).map((line) => line.split(",")[2]), [
    "refund.paid", "refund.sending", "refund.scheduled", "refund.awaiting_claim", "refund.awaiting_approval",
  ]);
  await mira.look("shop-audit");
  const verified = await sandbox.server.ask(["audit", "verify"]);
  assert.ok(verified.ok, JSON.stringify(verified));
  for (const person of [mira, jo]) person.calm();
});

// CP-01 to CP-13 as one payer lives them: the widget asks where to write to, the payment goes wrong, a mail comes, its button leads to the
// claim; then three days, and the money arrives or the payer cancels. And looking at a mailed link, however often, changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { SCENARIOS, TRON_ADDRESS, claimByForm, confirm, heading, newInvoice, newMid, refundOf, review, untilState } from "./lib/journey.mjs";
import { rowsOf } from "./lib/rows.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { addStaff, arriveAt, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ mails: true });
const { visit } = sandbox;

const advance = ({ rest }, time) => rest.post("/sandbox/clock", { advance: time });

/** The widget's first screen: nothing goes on without address and consent (CP-03, CP-04). */
async function agree(payer, invoice, email) {
  await payer.page.goto(invoice.hosted_page_url);
  await payer.ready();
  payer.expectConsole(/status of 422/);
  await payer.page.getByRole("button", { name: "Continue to payment" }).click();
  await payer.page.getByRole("alert").getByText("Agree to the privacy policy to continue").waitFor();
  await payer.ready();
  await payer.page.locator("#email").fill(email);
  await payer.page.locator("#consent").check();
  await payer.page.getByRole("button", { name: "Continue to payment" }).click();
  await payer.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
}

/** Pays in the sandbox, in one of the ways that go wrong. */
async function pay(merchant, scenario, invoice) {
  if (scenario === "late") await advance(merchant, "PT21M");
  await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: SCENARIOS[scenario].pays });
  if (scenario === "under") await advance(merchant, "PT21M");
  return (await refundOf(merchant.rest, invoice)).refund;
}

/** Opens a mail as a mail program does, and follows its button in the payer's browser. */
async function press(payer, { html }, button) {
  const reader = await visit();
  await reader.page.setContent(html);
  await payer.page.goto(await reader.page.getByRole("link", { name: button }).getAttribute("href"));
}

/** From the payment to the confirmed claim, by the mail's button (CP-06, CP-07); CP-08: nothing is asked again. Returns the mail with the cancel link. */
async function claimFromMail(payer, email) {
  await press(payer, await sandbox.mail.expect(email, /to claim from Halden Audio$/), "Claim your refund");
  await payer.ready();
  assert.equal(await payer.page.locator("#email, #consent").count(), 0, "CP-08: consent was given at the payment");
  await review(payer, TRON_ADDRESS);
  await confirm(payer);
  await heading(payer, /^Your refund leaves on/);
  return sandbox.mail.expect(email, /^Your refund leaves on/);
}

for (const scenario of ["over", "under", "late"]) {
  test(`CP-01 to CP-09: ${scenario}, from the widget to the arrival`, async () => {
    const merchant = await newMid(sandbox.server, `Cryptopay ${scenario}`);
    const email = `arrives-${scenario}@example.com`;
    const invoice = await newInvoice(merchant, `CP-${scenario}`);
    const payer = await visit({ javaScript: scenario !== "late" });
    await agree(payer, invoice, email);
    const refund = await pay(merchant, scenario, invoice);
    assert.equal(refund.amount, SCENARIOS[scenario].refunded);
    await claimFromMail(payer, email);
    const scheduled = await merchant.rest.get(`/refunds/${refund.id}`);
    const confirmed = scheduled.timeline.find(({ state }) => state === "scheduled").at;
    assert.equal(Date.parse(scheduled.release_at) - Date.parse(confirmed), 72 * 3600 * 1000, "CP-09: three days after it was confirmed");
    await advance(merchant, "PT71H58M");
    assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "scheduled", "CP-09: not before");
    await advance(merchant, "PT2M");
    await merchant.rest.until(`/refunds/${refund.id}`, ({ state, txid }) => (state === "sending" && txid) || state === "paid");
    await advance(merchant, "PT1M");
    const paid = await untilState(merchant.rest, refund, "paid");
    assert.deepEqual([paid.net_amount, paid.destination.address], [SCENARIOS[scenario].arrives, TRON_ADDRESS]);
    await sandbox.mail.expect(email, /^Your refund was sent$/);
    await press(payer, await sandbox.mail.expect(email, /^Your refund has arrived$/), "See the refund");
    await heading(payer, "Your refund has arrived");
    payer.calm();
  });
}

test("CP-10 to CP-13: the payer cancels with a reason, and only the merchant starts again", async () => {
  const merchant = await newMid(sandbox.server, "Cryptopay cancels");
  const { rest } = merchant;
  const invoice = await newInvoice(merchant, "CP-cancel");
  const payer = await visit();
  await agree(payer, invoice, "cancels@example.com");
  const refund = await pay(merchant, "over", invoice);
  const scheduled = await claimFromMail(payer, "cancels@example.com");
  await press(payer, scheduled, "Cancel this refund");
  await heading(payer, "Cancel this refund?");
  await payer.ready();
  await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
  await payer.page.getByRole("alert").getByText("Choose why you are cancelling").waitFor();
  await payer.ready();
  await payer.page.getByLabel(/^The address is wrong/).check();
  await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
  await heading(payer, "You cancelled this refund");
  assert.equal((await untilState(rest, refund, "canceled")).cancel.reason, "wrong_address");
  await sandbox.mail.expect("cancels@example.com", /^Your refund was cancelled$/);

  await payer.page.goto(refund.claim_url);
  await heading(payer, "You cancelled this refund");
  assert.equal((await claimByForm(sandbox.server.url, refund.claim_url, TRON_ADDRESS)).status, 409, "CP-13: the payer cannot start again");
  assert.equal((await rest.get(`/refunds/${refund.id}`)).state, "canceled");
  await advance(merchant, "PT80H");
  assert.equal((await rest.get(`/refunds/${refund.id}`)).state, "canceled", "nothing is sent");
  const again = await rest.post(`/refunds/${refund.id}/reissue`);
  assert.equal(again.state, "awaiting_claim");
  assert.notEqual(again.claim_url, refund.claim_url);
  payer.calm();
});

test("CP-05, CP-08: an invoice of the API brings the address, and its claim asks for the consent alone", async () => {
  const { rest, mid } = await newMid(sandbox.server, "Cryptopay API");
  const asked = { mid, reference: "CP-api", amount: "100.00", currency: "USD", asset: "USDT-TRON", rate: "0.9890991", payer_email: "api@example.com" };
  const invoice = await rest.post("/invoices", asked);
  const payer = await visit();
  await payer.page.goto(invoice.hosted_page_url);
  await payer.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
  await pay({ rest }, "over", invoice);
  await press(payer, await sandbox.mail.expect("api@example.com", /to claim/), "Claim your refund");
  await payer.ready();
  assert.deepEqual([await payer.page.locator("#email").count(), await payer.page.locator("#consent").count()], [0, 1]);
  await payer.page.locator("#address").fill(TRON_ADDRESS);
  payer.expectConsole(/status of 422/);
  await payer.page.getByRole("button", { name: "Review refund" }).click();
  await payer.page.getByRole("alert").getByText("Agree to the privacy policy to continue").waitFor();
  await review(payer, TRON_ADDRESS);
  await confirm(payer);
  await heading(payer, /^Your refund leaves on/);
  payer.calm();
});

for (const javaScript of [true, false]) {
  test(`who finds the refund claimed gets the cancel link again, always with the same answer, ${javaScript ? "with" : "without"} JavaScript`, async () => {
    const merchant = await newMid(sandbox.server, `Again ${javaScript}`);
    const email = `again-${javaScript}@example.com`;
    const invoice = await newInvoice(merchant, `CP-again-${javaScript}`);
    const payer = await visit({ javaScript });
    await agree(payer, invoice, email);
    const refund = await pay(merchant, "over", invoice);
    await claimFromMail(payer, email);
    const other = await visit({ javaScript });
    const ask = async () => {
      await other.page.goto(refund.claim_url);
      await heading(other, "This refund has already been claimed");
      await other.ready();
      await other.page.getByRole("button", { name: "Email me the cancel link again" }).click();
      await other.page.getByText("If we know an email address for this refund").waitFor();
      assert.ok(!(await other.page.content()).includes(email));
    };
    await ask();
    const sent = () => sandbox.mail.mails.filter((one) => one.to === email && one.text.includes("/cancel/"));
    assert.equal(sent().length, 1, "not within minutes of the first");
    await advance(merchant, "PT6M");
    await ask();
    for (let tries = 0; sent().length < 2 && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(sent().length, 2);
    assert.match(sent()[1].text, /the cancel link that was asked for/);
    await other.ready();
    if (javaScript) await other.look("claim-claimed-mailed");
    await press(other, sent()[1], "Cancel this refund");
    await heading(other, "Cancel this refund?");
    other.calm();
  });
}

test("looking at a mailed link changes no row, by GET, by HEAD and with scripts, whomever it was written to", async () => {
  const merchant = await newMid(sandbox.server, "Looks");
  const { rest } = merchant;
  const [email, alerts, owner, colleague] = ["payer", "alerts", "owner", "colleague"].map((name) => `looks-${name}@example.com`);
  await sandbox.server.ask(["mid", "writing", "--mid", merchant.mid, "--alert", alerts]);
  await addStaff(sandbox.server, merchant, owner, "owner");
  const looked = new Set();

  /** Opens every link of every mail so far three times in three ways, as scanners do. */
  const look = async (...kinds) => {
    const mails = sandbox.mail.mails.filter((one) => one.to.startsWith("looks-"));
    const links = new Set(mails.flatMap(({ html, text }) => [...`${html} ${text}`.matchAll(/https?:\/\/[^\s"'<>]+/g)].map(([url]) => url)));
    for (const link of links) looked.add(new URL(link).pathname.split("/")[1]);
    for (const kind of kinds) assert.ok(looked.has(kind), `no link to /${kind}/ in ${[...links]}`);
    const before = await rowsAtRest();
    for (const link of links) {
      for (let times = 0; times < 3; times++) {
        await (await fetch(link)).text();
        await fetch(link, { method: "HEAD" });
        const scanner = await visit();
        await scanner.page.goto(link);
        await scanner.ready();
        await scanner.close();
      }
    }
    assert.deepEqual(rowsOf(sandbox.server), before);
  };

  // The offer, its reminder, the cancel link twice, a payout that fails, the arrival.
  const payer = await visit();
  const invoice = await newInvoice(merchant, "CP-looks");
  await agree(payer, invoice, email);
  const refund = await pay(merchant, "over", invoice);
  await untilSent(merchant, refund, "claim");
  await advance(merchant, "P60D");
  await untilSent(merchant, refund, "expiring");
  await look("claim");
  await claimFromMail(payer, email);
  await untilSent(merchant, refund, "scheduled");
  await advance(merchant, "PT6M");
  const again = { method: "POST", headers: { origin: sandbox.server.url }, body: new URLSearchParams({ token: refund.claim_url.split("/").pop() }) };
  await fetch(`${sandbox.server.url}/fn/email_cancel_link`, again);
  await untilSent(merchant, refund, "cancel_link");
  await look("cancel");
  await rest.post("/sandbox/rail", { network: "tron", mode: "fail" });
  await advance(merchant, "PT72H");
  await rest.until(`/refunds/${refund.id}`, ({ state, txid }) => state === "payout_failed" || txid);
  await advance(merchant, "PT1M");
  await untilState(rest, refund, "payout_failed");
  await rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  await untilSent(merchant, refund, "delayed");
  await sandbox.mail.expect(alerts, /the payout failed$/);
  await look("refunds");
  await rest.post(`/refunds/${refund.id}/retry`);
  await rest.until(`/refunds/${refund.id}`, ({ state, txid }) => (state === "sending" && txid) || state === "paid");
  await untilSent(merchant, refund, "sent");
  await advance(merchant, "PT1M");
  await untilState(rest, refund, "paid");
  await untilSent(merchant, refund, "arrived");

  // One that its payer did not ask for; a colleague; a forgotten password.
  const second = await newInvoice(merchant, "CP-looks-2");
  await agree(payer, second, email);
  const stopped = await pay(merchant, "over", second);
  await rest.until(`/refunds/${stopped.id}`, ({ emails }) => emails.every(({ state }) => state !== "queued"));
  await payer.page.goto(stopped.claim_url);
  await review(payer, TRON_ADDRESS);
  await confirm(payer);
  await payer.page.getByRole("link", { name: "Cancel this refund" }).click();
  await heading(payer, "Cancel this refund?");
  await payer.ready();
  await payer.page.getByLabel(/I did not request this refund/).check();
  await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
  await sandbox.mail.expect(alerts, /the payer did not ask for this refund$/);
  await untilSent(merchant, stopped, "canceled");
  const staff = await visit();
  await staff.goto("/settings/team");
  await signIn(staff, owner);
  await arriveAt(staff, "/settings/team", "Settings");
  await staff.page.getByLabel("Email").fill(colleague);
  await staff.page.getByRole("button", { name: "Invite" }).click();
  await sandbox.mail.expect(colleague, /^Join /);
  const forgetful = await visit();
  await forgetful.goto("/reset");
  await forgetful.ready();
  await forgetful.page.getByLabel("Email").fill(owner);
  await forgetful.page.getByRole("button", { name: "Send the link" }).click();
  await sandbox.mail.expect(owner, /^Choose a new Refundry password$/);
  // A receiver that asks for nothing more.
  sandbox.sink.answers(410);
  await rest.post("/webhook_endpoints", { url: sandbox.sink.url });
  await newInvoice(merchant, "CP-looks-3").then((last) => pay(merchant, "over", last));
  await sandbox.mail.expect(alerts, /^Webhooks to 127\.0\.0\.1 are switched off$/);
  await look("invite", "reset", "settings");
  assert.deepEqual([...looked].sort(), ["cancel", "claim", "invite", "privacy", "refunds", "reset", "settings"], "a new kind of link is looked at, too");
});

/** Returns all rows once nothing moves on by itself: the clock that a test moved is everybody's, also of the refunds of tests before. */
async function rowsAtRest() {
  let before = rowsOf(sandbox.server);
  for (let tries = 0; tries < 20; tries += 1) {
    await new Promise((done) => setTimeout(done, 2_000));
    const rows = rowsOf(sandbox.server);
    if (isDeepStrictEqual(rows, before)) return rows;
    before = rows;
  }
  return assert.fail("rows change without anybody asking for it");
}

/** Waits until a mail is written down as sent. */
const untilSent = ({ rest }, { id }, kind) =>
  rest.until(`/refunds/${id}`, ({ emails }) => emails.length > 0 && emails.every(({ state }) => state !== "queued") && emails.some((one) => one.kind === kind));

// A payer's whole way in the sandbox, in Chromium, with JavaScript on and off: from the wrong payment to the money's arrival, and
// the ways it ends otherwise. Every page is silent, accessible and photographed.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SCENARIOS, TRON_ADDRESS, TRON_MISTYPED, balances, claim, confirm, heading, newMid, payOut, payWrongly, review, text, untilMailed, untilState,
} from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";

const MASKED = `${TRON_ADDRESS.slice(0, 6)}…${TRON_ADDRESS.slice(-6)}`;
const PAID_WAY = ["refund.created", "refund.claim_available", "refund.claimed", "refund.sending", "refund.paid"];
const CANCELED_WAY = ["refund.created", "refund.claim_available", "refund.claimed", "refund.canceled"];

const sandbox = openSandbox();
const { visit } = sandbox;

async function shop(name) {
  const merchant = await newMid(sandbox.server, name);
  await sandbox.sink.subscribe(merchant.rest);
  return merchant;
}

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const name = (page) => `${page}${javaScript ? "" : "-plain"}`;

  for (const [scenario, { refunded, arrives, reason, status }] of Object.entries(SCENARIOS)) {
    test(`${scenario}: the payer claims the refund and gets it, ${mode}`, async () => {
      const merchant = await shop(`${scenario} ${mode}`);
      const { rest } = merchant;
      const { invoice, refund } = await payWrongly(merchant, scenario, `HA-${scenario}`);
      assert.deepEqual([invoice.status, refund.state, refund.reason, refund.amount], [status, "awaiting_claim", reason, refunded]);
      const [, available] = await sandbox.sink.expect(refund.id, PAID_WAY.slice(0, 2));
      const link = available.data.refund.claim_url;
      assert.equal(link, refund.claim_url);

      const payer = await visit({ javaScript });
      await payer.page.goto(link);
      await payer.ready();
      assert.match(await payer.page.title(), new RegExp(`^Claim your refund of ${refunded} USDT`));
      if (scenario === "over") await payer.look(name("claim-open"));
      await mistype(payer, javaScript);
      if (scenario === "over") await payer.look(name("claim-invalid"));
      await review(payer, TRON_ADDRESS);
      await heading(payer, "Check before you confirm");
      if (scenario === "over") await payer.look(name("claim-review"));
      await forgetToTick(payer);
      assert.equal((await rest.get(`/refunds/${refund.id}`)).state, "awaiting_claim", "nothing happens before the confirmation");
      await confirm(payer);
      await heading(payer, /^Your refund leaves on/);
      await payer.ready();
      assert.ok((await text(payer)).includes(TRON_ADDRESS), "whoever confirmed sees the whole address");
      if (scenario === "over") await payer.look(name("claim-scheduled"));
      await someoneElseSees(link, javaScript, scenario === "over" && name("claim-claimed"));

      const paid = scenario === "over" ? await seeItOnItsWay(payer, rest, link, javaScript, name, refund) : await payOut(rest, refund);
      assert.deepEqual([paid.net_amount, paid.destination.address], [arrives, TRON_ADDRESS]);
      await payer.page.goto(link);
      await heading(payer, "Your refund has arrived");
      await payer.ready();
      assert.ok((await text(payer)).includes(paid.txid), "the transaction is on the page");
      if (scenario === "over") await payer.look(name("claim-paid"));
      // Seen on its way while no block took it: its fee was raised (odd case 19).
      const way = scenario === "over" ? [...PAID_WAY.slice(0, 4), "refund.fee_raised", "refund.paid"] : PAID_WAY;
      await sandbox.sink.expect(refund.id, way);
      await booksAreRight(rest, scenario);
      payer.calm();
    });
  }

  test(`the payer cancels by their own link, ${mode}`, async () => {
    const merchant = await shop(`cancel ${mode}`);
    const { refund } = await payWrongly(merchant, "over", "HA-cancel");
    const payer = await visit({ javaScript });
    await claim(payer, refund.claim_url, TRON_ADDRESS);
    await payer.page.getByRole("link", { name: "Cancel this refund" }).click();
    await heading(payer, "Cancel this refund?");
    await payer.ready();
    assert.ok((await text(payer)).includes(MASKED), "a cancel link does not tell the address");
    if (javaScript) await payer.look("cancel");

    payer.expectConsole(/status of 422/);
    await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
    await payer.page.getByRole("alert").getByText("Choose why you are cancelling").waitFor();
    await payer.ready();
    assert.match(await payer.page.title(), /^Error: /);
    if (javaScript) await payer.look("cancel-error");
    await payer.page.getByLabel("The address is wrong").check();
    await payer.page.getByLabel(/^Note for Halden Audio/).fill("I pasted an old one");
    await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
    await heading(payer, "You cancelled this refund");
    await payer.ready();
    if (javaScript) await payer.look("claim-canceled");

    await payer.page.goto(refund.claim_url);
    await heading(payer, "You cancelled this refund");
    const canceled = await untilState(merchant.rest, refund, "canceled");
    assert.deepEqual(canceled.cancel, { by: "payer", reason: "wrong_address", note: "I pasted an old one" });
    await sandbox.sink.expect(refund.id, CANCELED_WAY);
    // The payer's money stays held for them (P12): only the merchant can offer it again.
    const held = { custody: "150.000000", merchant_available: "101.102104", holding: "48.897896" };
    assert.deepEqual(await balances(merchant.rest), { "USDT-TRON": held });
    payer.calm();
  });

  test(`it is too late to cancel once the payment was ordered, ${mode}`, async () => {
    const merchant = await shop(`too late ${mode}`);
    const { refund } = await payWrongly(merchant, "over", "HA-too-late");
    const payer = await visit({ javaScript });
    await claim(payer, refund.claim_url, TRON_ADDRESS);
    await payer.page.getByRole("link", { name: "Cancel this refund" }).click();
    await heading(payer, "Cancel this refund?");
    await payer.ready();
    await payOut(merchant.rest, refund);
    // The page was opened in time, the button is pressed too late.
    await payer.page.getByLabel("Another reason").check();
    await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
    await payer.page.getByText("The payment was ordered, so it can no longer be cancelled.").waitFor();
    await payer.ready();
    if (javaScript) await payer.look("cancel-too-late");
    assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "paid");
    await sandbox.sink.expect(refund.id, PAID_WAY);
    payer.calm();
  });
}

test("a claim link is used once: the second browser at the review is told where the refund goes, masked", async () => {
  const merchant = await shop("used link");
  const { refund } = await payWrongly(merchant, "over", "HA-used");
  const [first, second] = [await visit(), await visit({ javaScript: false })];
  for (const payer of [first, second]) await payer.page.goto(refund.claim_url);
  await review(second, "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW");
  await review(first, TRON_ADDRESS);
  await confirm(first);
  await heading(first, /^Your refund leaves on/);
  await confirm(second);
  await heading(second, "This refund has already been claimed");
  const seen = await second.page.content();
  assert.ok(seen.includes(MASKED) && !seen.includes(TRON_ADDRESS));
  assert.equal(await second.page.getByRole("link", { name: "Cancel this refund" }).count(), 0, "the cancel link is the confirmer's");
  assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).destination.address, TRON_ADDRESS);
  second.calm();
});

test("looking at links changes nothing, however often a mail scanner does", async () => {
  const merchant = await shop("scanner");
  const { refund } = await payWrongly(merchant, "over", "HA-scanned");
  const payer = await visit();
  const scan = async (link) => {
    const before = await merchant.rest.get(`/refunds/${refund.id}`);
    for (let round = 0; round < 3; round++) {
      for (const method of ["GET", "HEAD"]) assert.equal((await fetch(link, { method })).status, 200);
      const scanner = await visit();
      await scanner.page.goto(link);
      await scanner.ready();
      scanner.calm();
    }
    assert.deepEqual(await merchant.rest.get(`/refunds/${refund.id}`), before);
  };
  await scan(refund.claim_url);
  await claim(payer, refund.claim_url, TRON_ADDRESS);
  await scan(await payer.page.getByRole("link", { name: "Cancel this refund" }).evaluate((link) => link.href));
  await sandbox.sink.expect(refund.id, CANCELED_WAY.slice(0, 3));
});

test("an asset with a tag asks for it and shows it for comparison", async () => {
  const merchant = await shop("tag");
  const options = { asset: "XRP-XRPL", rate: "2.00", pays: "75.5" };
  const { refund } = await payWrongly(merchant, "over", "HA-tag", options);
  const payer = await visit();
  payer.expectConsole(/status of 422/);
  await payer.page.goto(refund.claim_url);
  await payer.ready();
  await payer.look("claim-open-tag");
  await review(payer, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
  await payer.page.getByRole("alert").waitFor();
  await payer.ready();
  await review(payer, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "20418");
  await heading(payer, "Check before you confirm");
  await payer.page.getByText("20418", { exact: true }).waitFor();
  await payer.ready();
  await payer.look("claim-review-tag");
  await confirm(payer);
  await heading(payer, /^Your refund leaves on/);
  assert.deepEqual((await payOut(merchant.rest, refund)).destination, { address: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", tag: "20418" });
  payer.calm();
});

test("a refund that the fee would eat up cannot be claimed now, and says so", async () => {
  const merchant = await shop("small");
  const { refund } = await payWrongly(merchant, "over", "HA-small", { pays: "101.102105" });
  const payer = await visit();
  await payer.page.goto(refund.claim_url);
  await payer.page.getByText("The network fee is larger than this refund.").waitFor();
  await payer.ready();
  assert.equal(await payer.page.locator("#address").count(), 0);
  await payer.look("claim-too-small");
});

test("a payout that fails says that nothing is lost, and is tried again", async () => {
  const merchant = await shop("failing");
  const { rest } = merchant;
  const { refund } = await payWrongly(merchant, "over", "HA-failing");
  const payer = await visit();
  await claim(payer, refund.claim_url, TRON_ADDRESS);
  await rest.post("/sandbox/rail", { network: "tron", mode: "fail" });
  try {
    await rest.post("/sandbox/clock", { advance: "PT72H" });
    await untilState(rest, refund, "payout_failed");
  } finally {
    await rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  }
  await payer.page.goto(refund.claim_url);
  await heading(payer, "Your refund is delayed");
  await payer.ready();
  await payer.look("claim-delayed");
  assert.equal((await balances(rest))["USDT-TRON"].refund_payable, "48.897896");
  await rest.post(`/refunds/${refund.id}/retry`);
  await payOut(rest, refund);
  await sandbox.sink.expect(refund.id, [...PAID_WAY.slice(0, 4), "refund.payout_failed", "refund.sending", "refund.paid"]);
});

// Last: it moves the clock by 90 days.
test("a refund that nobody claims expires and goes back to the merchant", async () => {
  const merchant = await shop("expiry");
  const { refund } = await payWrongly(merchant, "over", "HA-expiry");
  const payer = await visit();
  await merchant.rest.post("/sandbox/clock", { advance: "P89D" });
  await payer.page.goto(refund.claim_url);
  await payer.page.getByText(/^2[0-9] h/).waitFor();
  await payer.ready();
  await payer.look("claim-open-urgent");
  await merchant.rest.post("/sandbox/clock", { advance: "P1D" });
  await payer.page.goto(refund.claim_url);
  await heading(payer, "This refund has expired");
  await payer.ready();
  await payer.look("claim-expired");
  assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "expired");
  await sandbox.sink.expect(refund.id, ["refund.created", "refund.claim_available", "refund.expiring", "refund.expired"]);
  assert.deepEqual(await balances(merchant.rest), { "USDT-TRON": { custody: "150.000000", merchant_available: "150.000000" } });
  const books = await sandbox.server.ask(["ledger", "verify"]);
  assert.ok(books.ok && books.entries > 30, JSON.stringify(books));
});

/** Types an address with a mistake: with scripts it is told while typing, without on the next page. */
async function mistype(payer, javaScript) {
  payer.expectConsole(/status of 422/);
  if (javaScript) {
    await payer.page.locator("#address").pressSequentially(TRON_MISTYPED);
    await payer.page.locator("#address-msg").getByText("This address has a typing mistake.").waitFor();
    await payer.page.locator("#address").fill(TRON_ADDRESS);
    await payer.page.locator("#address-msg").getByText("Valid Tron address").waitFor();
  }
  await review(payer, TRON_MISTYPED);
  await payer.page.getByRole("alert").getByText("This address has a typing mistake").waitFor();
  await payer.ready();
  assert.match(await payer.page.title(), /^Error: /);
  assert.equal(await payer.page.locator("#address").inputValue(), TRON_MISTYPED, "what was typed is there to be corrected");
}

async function forgetToTick(payer) {
  await payer.ready();
  await payer.page.getByRole("button", { name: /^Confirm refund of/ }).click();
  await payer.page.getByRole("alert").getByText("Tick the box after you have checked the address").waitFor();
  await payer.ready();
}

async function someoneElseSees(link, javaScript, name) {
  const other = await visit({ javaScript });
  await other.page.goto(link);
  await heading(other, "This refund has already been claimed");
  await other.ready();
  const seen = await other.page.content();
  assert.ok(seen.includes(MASKED) && !seen.includes(TRON_ADDRESS), "others see a masked address");
  if (name) await other.look(name);
  other.calm();
}

/** The open page follows by itself where scripts run; without, it is loaded again. */
/** Looks at a payout that no block takes, until its fee was raised; returns the refund once it is paid. */
async function seeItOnItsWay(payer, rest, link, javaScript, name, refund) {
  await untilMailed(rest, refund);
  await rest.post("/sandbox/rail", { network: "tron", mode: "stuck" });
  await rest.post("/sandbox/clock", { advance: "PT72H" });
  if (!javaScript) await payer.page.goto(link);
  await heading(payer, "Your refund is on its way");
  await payer.ready();
  await payer.look(name("claim-sent"));
  await rest.post("/sandbox/clock", { advance: "PT11M" });
  await rest.until(`/refunds/${refund.id}`, ({ fee_raised: isRaised }) => isRaised);
  await rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  // Into a block, and until that is final.
  await rest.post("/sandbox/clock", { advance: "PT1M" });
  await rest.post("/sandbox/clock", { advance: "PT1M" });
  return untilState(rest, refund, "paid");
}

async function booksAreRight(rest, scenario) {
  const owed = { over: "101.102104", under: undefined, late: undefined }[scenario];
  const { custody, residual, merchant_available, ...others } = (await balances(rest))["USDT-TRON"];
  assert.equal(merchant_available, owed);
  // The simulated network takes nothing: what the payer was charged for it is left over.
  assert.deepEqual([residual, others], ["1.250000", {}]);
  assert.equal(custody, scenario === "over" ? "102.352104" : "1.250000");
}

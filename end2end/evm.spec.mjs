// The same journey on a real EVM chain, with the signer as a process of its own: a token like USDT and the native coin, too much,
// too little and too late. What arrives, what is left and what the books say must agree to the last unit.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseUnits } from "viem";
import { launch, openPage } from "./lib/browser.mjs";
import { ASSETS, assertArrived, assertBooksMatchChain, holds, invoiceIn, newAddress, payouts, shop, startWorld } from "./lib/evm.mjs";
import { balances, claim, claimByForm, heading, refundOf, text, untilState } from "./lib/journey.mjs";
import { startSink } from "./lib/sink.mjs";

const PAID_WAY = ["refund.created", "refund.claim_available", "refund.claimed", "refund.sending", "refund.paid"];

let world, browser, sink, merchant, rest;

before(async () => {
  [world, browser, sink] = await Promise.all([startWorld(), launch(), startSink()]);
  merchant = await shop(world, "EU store");
  rest = merchant.rest;
  await sink.subscribe(rest);
});

after(async () => {
  await browser?.close();
  await sink?.stop();
  await world?.stop();
});

const advance = (by) => rest.post("/sandbox/clock", { advance: by });

test("too much, too little and too late, in both assets: what is owed arrives, once, and the books equal the chain", async () => {
  const journeys = Object.keys(ASSETS).flatMap((kind) => ["over", "under", "late"].map((scenario) => ({ kind, scenario, address: newAddress() })));
  const of = (scenario) => journeys.filter((journey) => journey.scenario === scenario);
  const payAll = async (scenario) => {
    await Promise.all(of(scenario).map(async (journey) => {
      journey.paidBy = await world.pay(journey.kind, journey.invoice, ASSETS[journey.kind].pays[scenario]);
    }));
    for (const { invoice } of of(scenario)) {
      await rest.until(`/invoices/${invoice.id}`, ({ deposits }) => deposits.some(({ status }) => status === "final"));
    }
  };

  for (const journey of journeys) journey.invoice = await invoiceIn(merchant, journey.kind, `${journey.kind}-${journey.scenario}`);
  assert.equal(new Set(journeys.map(({ invoice }) => invoice.address)).size, 6, "each invoice has a deposit address of its own");
  await payAll("over");
  await payAll("under");
  await advance("PT21M");
  await payAll("late");

  for (const journey of journeys) {
    const { kind, scenario, paidBy } = journey;
    const { invoice, refund } = await refundOf(rest, journey.invoice);
    assert.deepEqual(invoice.deposits.map(({ txid }) => txid), [paidBy]);
    const state = { over: ["complete", ["over"]], under: ["underpaid", ["under"]], late: ["expired", ["late"]] }[scenario];
    assert.deepEqual([invoice.status, invoice.exceptions], state);
    assert.equal(parseUnits(refund.amount, 18), parseUnits(ASSETS[kind].refunded[scenario], 18), `${kind} ${scenario}: ${refund.amount}`);
    const [, available] = await sink.expect(refund.id, PAID_WAY.slice(0, 2));
    Object.assign(journey, { refund, link: available.data.refund.claim_url });
    await confirm(journey);
  }

  await advance("PT72H");
  for (const { kind, refund, address, payer, link } of journeys) {
    const paid = await untilState(rest, refund, "paid");
    await assertArrived(world, kind, paid, address);
    await sink.expect(refund.id, PAID_WAY);
    if (payer) await seesTheTransaction(payer, link, paid.txid);
  }
  assert.equal((await payouts(world)).length, journeys.length, "one transaction per refund");
  await assertBooksMatchChain(world, [merchant]);
});

test("gas is booked to the wei: what token payouts burnt, and what the coin's payers were quoted but the network did not take", async () => {
  const { network_fee, residual } = (await balances(rest))["ETH-ETHEREUM"];
  assert.ok(/[1-9]/.test(residual), "a quote is twice the present price");
  let gas = 0n;
  for (const { hash } of (await payouts(world)).filter(({ kind }) => kind === "token")) {
    const { gasUsed, effectiveGasPrice } = await world.chain.client.getTransactionReceipt({ hash });
    gas += gasUsed * effectiveGasPrice;
  }
  assert.equal(parseUnits(network_fee, 18), gas, "gas of token payouts is the operator's");
});

test("a blocked address and a paused token fail before anything is sent; the money stays owed, and is paid when tried again", async () => {
  const blocked = await claimed("token", "blocked");
  const paused = await claimed("token", "paused");
  const sent = (await payouts(world)).length;
  await world.token.write(0, "setBlackListed", blocked.address, true);
  await advance("PT72H");
  await untilState(rest, paused.refund, "paid");
  const failed = await untilState(rest, blocked.refund, "payout_failed");
  assert.equal(failed.failure, "token_paused_or_blacklisted");
  assert.equal((await payouts(world)).length, sent + 1, "only the other one was sent");
  assert.equal((await balances(rest))["USDT-ETHEREUM"].refund_payable, ASSETS.token.refunded.over);

  await world.token.write(0, "setBlackListed", blocked.address, false);
  await world.token.write(0, "setPaused", true);
  await rest.post(`/refunds/${blocked.refund.id}/retry`);
  await rest.until(`/refunds/${blocked.refund.id}`, ({ timeline }) => timeline.filter(({ state }) => state === "payout_failed").length === 2);
  await world.token.write(0, "setPaused", false);
  await rest.post(`/refunds/${blocked.refund.id}/retry`);
  const paid = await untilState(rest, blocked.refund, "paid");
  await assertArrived(world, "token", paid, blocked.address);
  const again = ["refund.sending", "refund.payout_failed"];
  await sink.expect(blocked.refund.id, [...PAID_WAY.slice(0, 3), ...again, ...again, "refund.sending", "refund.paid"]);
  await assertBooksMatchChain(world, [merchant]);
});

test("a refund waits while the paying account holds too little, and goes out once it is filled up", async () => {
  const { refund, address } = await claimed("coin", "waiting");
  const before = await holds(world, "coin", world.hot);
  await world.chain.test.setBalance({ address: world.hot, value: 1n });
  await advance("PT72H");
  const waiting = await rest.until(`/refunds/${refund.id}`, ({ blocked_by }) => blocked_by);
  assert.deepEqual([waiting.state, waiting.blocked_by], ["scheduled", "insufficient_funds"]);
  await world.chain.test.setBalance({ address: world.hot, value: before });
  await advance("PT1M");
  await assertArrived(world, "coin", await untilState(rest, refund, "paid"), address);
  await sink.expect(refund.id, [...PAID_WAY.slice(0, 3), "refund.blocked", ...PAID_WAY.slice(3)]);
  await assertBooksMatchChain(world, [merchant]);
});

test("our own deposit address and the token's contract are refused as destinations", async () => {
  const invoice = await invoiceIn(merchant, "token", "own addresses");
  await world.pay("token", invoice, ASSETS.token.pays.over);
  const { refund } = await refundOf(rest, invoice);
  for (const [address, words] of [[invoice.address, /your own wallet/], [world.token.address, /contract/], [world.hot, /./]]) {
    const { status, answer } = await claimByForm(world.server.url, refund.claim_url, address);
    assert.equal(status, 422, `${address} was taken: ${JSON.stringify(answer)}`);
    assert.match(answer.messages.join(), words);
  }
  assert.equal((await rest.get(`/refunds/${refund.id}`)).state, "awaiting_claim");
});

/** Confirms a claim: in Chromium for one refund of each asset, by plain forms for the others. */
async function confirm(journey) {
  const { scenario, link, address } = journey;
  if (scenario !== "over") {
    assert.deepEqual((await claimByForm(world.server.url, link, address)).answer, { code: "confirmed" });
    return;
  }
  journey.payer = await openPage(browser, { origin: world.server.url });
  await claim(journey.payer, link, address);
  assert.ok((await text(journey.payer)).includes(address));
}

async function seesTheTransaction(payer, link, txid) {
  await payer.page.goto(link);
  await heading(payer, "Your refund has arrived");
  await payer.ready();
  assert.ok((await text(payer)).includes(txid));
  payer.calm();
  await payer.close();
}

/** An overpaid invoice whose refund is claimed. */
async function claimed(kind, reference) {
  const invoice = await invoiceIn(merchant, kind, reference);
  await world.pay(kind, invoice, ASSETS[kind].pays.over);
  const { refund } = await refundOf(rest, invoice);
  const address = newAddress();
  assert.equal((await claimByForm(world.server.url, refund.claim_url, address)).status, 200);
  return { invoice, refund, address };
}

// BitPay's official Node client, unmodified, against a running Refundry: pairing, and each of its calls about refunds. It takes another
// address than BitPay's through its own constructors.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { newMid } from "./lib/journey.mjs";
import { startServer } from "./lib/server.mjs";

const require = createRequire(import.meta.url);
const { Client, KeyUtils, TokenContainer } = require("bitpay-sdk");
const { BitPayClient } = require("bitpay-sdk/client");

let server, merchant, client, base;

before(async () => {
  server = await startServer({ env: { REFUNDRY_SANDBOX: "true" } });
  base = `${server.url}/compat/bitpay/`;
  merchant = await newMid(server);
  // The pairing code is an API key of the MID.
  const { key } = await server.ask(["key", "create", "--mid", merchant.mid, "--write"]);
  client = await paired(key);
});

after(() => server?.stop());

/** Pairs a new key pair and returns the client that signs with it. */
async function paired(pairingCode) {
  const keys = new KeyUtils();
  const pair = keys.generate_keypair();
  const answer = await fetch(`${base}tokens`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-accept-version": "2.0.0" },
    body: JSON.stringify({ id: keys.get_sin_from_key(pair), pairingCode, facade: "merchant" }),
  });
  const { data } = await answer.json();
  const identity = pair.getPublic().encodeCompressed("hex");
  const tokens = new TokenContainer({ merchant: data[0].token });
  return new Client(null, null, tokens, null, undefined, undefined, new BitPayClient(base, pair, identity));
}

/** Makes an invoice by the client and pays it in the sandbox. */
async function paidInvoice(orderId) {
  const invoice = await client.createInvoice({ price: 100, currency: "USD", orderId, paymentCurrencies: ["USDT-TRON"], buyer: { email: "payer@example.com" } });
  assert.deepEqual([invoice.status, invoice.exceptionStatus, invoice.price, invoice.orderId], ["new", false, 100, orderId]);
  await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: invoice.paymentDisplayTotals.USDT });
  const paid = await client.getInvoice(invoice.id);
  assert.equal((await client.getInvoiceByGuid(invoice.guid)).id, invoice.id);
  assert.deepEqual([paid.status, paid.amountPaid], ["complete", paid.paymentTotals.USDT]);
  return paid;
}

test("a refund is made, read in every way, told to the buyer and canceled", async () => {
  const invoice = await paidInvoice("HA-1");
  const made = await client.createRefund({ invoice: invoice.id, amount: 25.5, currency: "USD", guid: "guid-1" });
  assert.deepEqual(
    [made.status, made.amount, made.currency, made.invoice, made.guid, made.type, made.preview, made.immediate, made.buyerPaysRefundFee],
    ["created", 25.5, "USD", invoice.id, "guid-1", "partial", false, false, false],
  );
  assert.deepEqual([made.transactionCurrency, made.transactionAmount], ["USDT", 25.5], "a sandbox dollar is a sandbox USDT");
  assert.ok(!Number.isNaN(Date.parse(made.requestDate)));
  assert.deepEqual(await client.getRefund(made.id), made);
  assert.deepEqual(await client.getRefundByGuid("guid-1"), made);
  assert.deepEqual(await client.getRefunds(invoice.id), [made]);
  assert.equal((await client.createRefund({ invoice: invoice.id, amount: 25.5, currency: "USD", guid: "guid-1" })).id, made.id);

  assert.equal(await client.sendRefundNotification(made.id, made.token), true);
  assert.ok((await client.getRefund(made.id)).lastRefundNotification);

  assert.equal((await client.cancelRefund(made.id)).status, "canceled");
  const another = await client.createRefund({ invoice: invoice.id, amount: 10, guid: "guid-2", buyerPaysRefundFee: true });
  assert.equal(another.buyerPaysRefundFee, true);
  assert.equal((await client.cancelRefundByGuid("guid-2")).status, "canceled");
  const states = (await merchant.rest.get(`/refunds?invoice=${invoice.id}`)).data.map((refund) => refund.state);
  assert.deepEqual(states, ["canceled", "canceled"]);
});

test("previews are confirmed by id and by guid", async () => {
  const invoice = await paidInvoice("HA-2");
  const preview = (guid) => client.createRefund({ invoice: invoice.id, amount: 10, preview: true, guid });
  const first = await preview("guid-3");
  assert.deepEqual([first.status, first.preview, first.transactionRefundFee, first.refundFee], ["preview", true, 1.25, 1.25]);
  assert.deepEqual(await client.getRefunds(invoice.id), [], "nothing was made");
  assert.deepEqual([(await client.updateRefund(first.id, "created")).status, (await client.getRefund(first.id)).preview], ["created", false]);
  await preview("guid-4");
  assert.equal((await client.updateRefundByGuid("guid-4", "created")).status, "created");
  await preview("guid-5");
  assert.equal((await client.cancelRefundByGuid("guid-5")).status, "canceled");
  assert.equal((await client.getRefunds(invoice.id)).length, 2);
});

test("invoices are listed by day, order and status", async () => {
  const invoice = await paidInvoice("HA-5");
  const day = new Date().toISOString().slice(0, 10);
  const listed = await client.getInvoices({ dateStart: day, dateEnd: day, orderId: "HA-5", status: "complete", limit: 10, offset: 0 });
  assert.deepEqual(listed.map(({ id, status }) => [id, status]), [[invoice.id, "complete"]]);
  assert.deepEqual(await client.getInvoices({ dateStart: "2009-01-03", dateEnd: "2009-01-04" }), []);
});

test("errors arrive as the client's own, with code and sentence", async () => {
  const invoice = await paidInvoice("HA-3");
  const refused = (call, code) => assert.rejects(call, (error) => (assert.equal(error.code, code), true));
  await refused(client.getRefund("no-such-refund"), "020201");
  await refused(client.createRefund({ invoice: invoice.id, amount: 100.01 }), "010202");
  await refused(client.cancelRefundByGuid("no-such-guid"), "040201");
  const open = await client.createInvoice({ price: 100, currency: "USD", orderId: "HA-4", paymentCurrencies: ["USDT-TRON"] });
  await refused(client.createRefund({ invoice: open.id, amount: 1 }), "010207");
});

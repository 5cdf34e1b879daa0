// Steps that the specs share: a merchant with a MID, invoices, and a payer at the claim page, in a browser or by plain forms.
import assert from "node:assert/strict";
import { api } from "./api.mjs";

/** Addresses of nobody we know, and one with a typing mistake in it. */
export const TRON_ADDRESS = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
export const TRON_MISTYPED = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqn";

/** Makes a MID of its own with a key that writes, so that a spec's balances are its own. */
export async function newMid(server, name = "EU store", merchantName = "Halden Audio") {
  const { merchant, mid } = await server.ask(["mid", "add", "--merchant", merchantName, "--name", name]);
  const { key } = await server.ask(["key", "create", "--mid", mid, "--write"]);
  return { merchant, mid, rest: api(server.url, key) };
}

/** Creates an invoice. Unless told otherwise it is TX-13's: 100 US dollars, which are 101.102104 USDT. */
export function newInvoice({ rest, mid }, reference, { amount = "100.00", asset = "USDT-TRON", rate = "0.9890991", payer_email } = {}, idempotencyKey) {
  return rest.post("/invoices", { mid, reference, amount, currency: "USD", asset, rate, payer_email }, idempotencyKey);
}

/** The three ways a payment goes wrong, and what each makes of the default policy: TX-13's numbers. */
export const SCENARIOS = {
  over: { pays: "150.000000", refunded: "48.897896", arrives: "47.647896", reason: "overpaid", status: "complete" },
  under: { pays: "60.000000", refunded: "60.000000", arrives: "58.750000", reason: "underpaid", status: "underpaid" },
  late: { pays: "101.102104", refunded: "101.102104", arrives: "99.852104", reason: "late", status: "expired" },
};

/** Pays a new invoice in the sandbox, in one of the three ways, and returns invoice and refund. */
export async function payWrongly(merchant, scenario, reference, { pays = SCENARIOS[scenario].pays, ...options } = {}) {
  const { rest } = merchant;
  const invoice = await newInvoice(merchant, reference, options);
  const letTheRateEnd = () => rest.post("/sandbox/clock", { advance: "PT21M" });
  if (scenario === "late") await letTheRateEnd();
  await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: pays });
  // Too little is known for sure once nothing more can come in time.
  if (scenario === "under") await letTheRateEnd();
  return refundOf(rest, invoice);
}

/** Pays too much for an order of a payer who can be written to; returns the refund. */
export async function overpay(merchant, reference, payer_email) {
  const { refund } = await payWrongly(merchant, "over", reference, { payer_email });
  return refund;
}

/** An invoice that was paid exactly, and what its merchant's program wants to give back of it. */
export async function goodwill(merchant, reference, message) {
  const { rest } = merchant;
  const invoice = await newInvoice(merchant, reference);
  await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "101.102104" });
  await rest.until(`/invoices/${invoice.id}`, ({ status }) => status === "complete");
  return rest.post("/refunds", { invoice: invoice.id, amount: "50.00", currency: "USD", message });
}

/** Waits for the one refund of an invoice. */
export async function refundOf(rest, { id }) {
  const invoice = await rest.until(`/invoices/${id}`, ({ refunds }) => refunds.length > 0);
  assert.equal(invoice.refunds.length, 1);
  return { invoice, refund: await rest.get(`/refunds/${invoice.refunds[0].id}`) };
}

/** Waits until a refund is in a state. */
export const untilState = (rest, { id }, state, seconds) => rest.until(`/refunds/${id}`, (refund) => refund.state === state, seconds);

/** What the MID's accounts hold, by asset; accounts that hold nothing are left out. */
export async function balances(rest) {
  const held = {};
  for (const { asset, account, balance } of (await rest.get("/balances")).data) {
    if (/[1-9]/.test(balance)) (held[asset] ??= {})[account] = balance;
  }
  return held;
}

/** Waits until the mail server took what is written about a refund: the time to cancel begins with the link. */
export const untilMailed = (rest, { id }) => rest.until(`/refunds/${id}`, ({ emails = [] }) => emails.every(({ state }) => state !== "queued"));

/** Moves the clock past the security delay, lets the simulated chain confirm, and returns the refund once it is paid. */
export async function payOut(rest, refund) {
  await untilMailed(rest, refund);
  await rest.post("/sandbox/clock", { advance: "PT72H" });
  await rest.until(`/refunds/${refund.id}`, ({ state, txid }) => (state === "sending" && txid) || state === "paid");
  // A simulated block takes a second.
  await rest.post("/sandbox/clock", { advance: "PT1M" });
  return untilState(rest, refund, "paid");
}

/** Waits until a page shows this heading. */
export const heading = (visitor, name) => visitor.page.getByRole("heading", { name, level: 1 }).waitFor();

/** The whole text of a page. */
export const text = (visitor) => visitor.page.locator("body").innerText();

/** Fills the claim form in and sends it. `tag` is for networks that have one. */
export async function review(visitor, address, tag) {
  const { page } = visitor;
  await visitor.ready();
  await page.locator("#address").fill(address);
  if (tag !== undefined) await page.locator("#tag").fill(tag);
  // Not asked for when it was said at the payment.
  if (await page.locator("#email").count()) await page.locator("#email").fill("mara@example.com");
  if (await page.locator("#consent").count()) await page.locator("#consent").check();
  await page.getByRole("button", { name: "Review refund" }).click();
}

/** Ticks the box of the review and confirms. */
export async function confirm(visitor) {
  await heading(visitor, "Check before you confirm");
  await visitor.ready();
  await visitor.page.locator("#checked").check();
  await visitor.page.getByRole("button", { name: /^Confirm refund of/ }).click();
}

/** Opens a claim link, types an address and confirms it; leaves the browser on the page of the scheduled refund. */
export async function claim(visitor, link, address) {
  await visitor.page.goto(link);
  await review(visitor, address);
  await confirm(visitor);
  await heading(visitor, /^Your refund leaves on/);
}

/** Posts the claim form as a browser does, without one. Returns the answer's status and JSON. */
export async function claimByForm(url, link, address, extra = {}) {
  const token = link.split("/").pop();
  const fields = new URLSearchParams({ token, address, tag: "", consent: "1", shown_fee: "", checked: "on", ...extra });
  const headers = { origin: url, accept: "application/json" };
  const response = await fetch(`${url}/fn/confirm_claim`, { method: "POST", headers, body: fields, redirect: "manual" });
  const cookie = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
  return { status: response.status, answer: await response.json(), cookie };
}

/** A refund that was paid and one whose payout failed; the network works again afterwards. */
export async function paidAndFailed(merchant, url) {
  const { rest } = merchant;
  const { refund: paid } = await payWrongly(merchant, "over", "HA-paid");
  await claimByForm(url, paid.claim_url, TRON_ADDRESS);
  await payOut(rest, paid);
  const { refund: failed } = await payWrongly(merchant, "under", "HA-failed");
  await claimByForm(url, failed.claim_url, TRON_ADDRESS);
  await rest.post("/sandbox/rail", { network: "tron", mode: "fail" });
  await rest.post("/sandbox/clock", { advance: "PT72H" });
  await untilState(rest, failed, "payout_failed");
  await rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  return { paid, failed };
}

// What people decide, with JavaScript on and off: a second person approves or declines a refund, somebody looks at one before it is
// sent, and a payment that differs is decided by hand. Every page is silent, accessible and photographed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRON_ADDRESS, claimByForm, goodwill, heading, newInvoice, payWrongly, refundOf, text, untilState } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { addStaff, arriveAt, merchantWith, signIn, twice } from "./lib/staff.mjs";

const sandbox = openSandbox({ width: "d" });
const { visit } = sandbox;

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const look = (visitor, name) => (javaScript ? visitor.look(name) : visitor.calm());
  const openRefund = async (staff, { id }) => {
    await staff.goto(`/refunds/${id}`);
    await staff.page.getByRole("heading", { name: "Ledger" }).waitFor();
    await staff.ready();
  };

  test(`a second person approves a large refund and releases it once it was looked at, ${mode}`, async () => {
    const email = `approves-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Four eyes ${mode}`);
    const { rest, mid } = merchant;
    await rest.put(`/mids/${mid}/policy`, { approval_above: { USD: "20" }, review_above: { USD: "20" } });
    const message = "One of the two lamps was broken. We are sorry.";
    const refund = await goodwill(merchant, "HA-lamp", message);
    assert.equal(refund.state, "awaiting_approval");

    const staff = await visit({ javaScript });
    await staff.goto(`/refunds/${refund.id}`);
    await signIn(staff, email);
    await openRefund(staff, refund);
    await look(staff, "refund-approve");
    await twice(staff.page, "Approve", "Approve the refund");
    const { claim_url: link } = await untilState(rest, refund, "awaiting_claim");

    const payer = await visit({ javaScript, width: "m" });
    await payer.page.goto(link);
    await payer.ready();
    assert.ok((await text(payer)).includes(message), "the payer reads what the merchant wrote");
    await look(payer, "claim-message");
    const { status } = await claimByForm(sandbox.server.url, link, TRON_ADDRESS);
    assert.equal(status, 200);
    await rest.post("/sandbox/clock", { advance: "PT72H" });
    await untilState(rest, refund, "on_hold");
    await payer.page.goto(link);
    await payer.ready();
    await look(payer, "claim-held");

    await openRefund(staff, refund);
    await look(staff, "refund-held");
    await twice(staff.page, "Release", "Release the refund");
    await rest.until(`/refunds/${refund.id}`, ({ state }) => state === "sending" || state === "paid");
    staff.calm();
  });

  test(`who comes second reads who was first and where the refund stands, ${mode}`, async () => {
    const [first, second] = ["first", "second"].map((name) => `${name}-${javaScript}@example.com`);
    const merchant = await merchantWith(sandbox.server, first, "owner", `Two at once ${mode}`);
    await addStaff(sandbox.server, merchant, second, "owner");
    const { refund } = await payWrongly(merchant, "over", "HA-two");
    const open = async (email) => {
      const staff = await visit({ javaScript });
      // The page of whoever is late knows nothing yet.
      await staff.page.route("**/live/**", () => {});
      await staff.goto(`/refunds/${refund.id}`);
      await signIn(staff, email);
      await openRefund(staff, refund);
      await staff.page.getByText("Cancel refund", { exact: true }).click();
      await staff.page.getByLabel("The payer did not request it").check();
      return staff;
    };
    const [winner, loser] = [await open(first), await open(second)];
    for (const staff of [winner, loser]) staff.expectConsole(/status of 409/);
    await winner.page.getByRole("button", { name: "Cancel the refund" }).click();
    await winner.page.getByText("Cancelled.").first().waitFor();
    await loser.page.getByRole("button", { name: "Cancel the refund" }).click();
    await loser.page.getByText(`Somebody else was first. By ${first}: Cancelled.`).first().waitFor();
    await loser.ready();
    await look(loser, "refund-too-late");
    if (javaScript) assert.equal(new URL(loser.page.url()).pathname, `/refunds/${refund.id}`);
  });

  test(`a second person declines a refund and says why, ${mode}`, async () => {
    const email = `declines-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Declining ${mode}`);
    await merchant.rest.put(`/mids/${merchant.mid}/policy`, { approval_above: { USD: "20" } });
    const refund = await goodwill(merchant, "HA-declined");

    const staff = await visit({ javaScript });
    await staff.goto(`/refunds/${refund.id}`);
    await signIn(staff, email);
    await openRefund(staff, refund);
    staff.expectConsole(/status of 422/);
    await staff.page.getByText("Decline", { exact: true }).click();
    await staff.page.getByRole("button", { name: "Decline the refund" }).click();
    await staff.page.getByRole("alert").waitFor();
    await staff.ready();
    await look(staff, "refund-decline");
    await staff.page.getByRole("textbox", { name: "Why not?" }).fill("Nothing was broken");
    await staff.page.getByRole("button", { name: "Decline the refund" }).click();
    await staff.page.getByText(`By ${email}: “Nothing was broken”`).waitFor();
    await untilState(merchant.rest, refund, "declined");
    await staff.ready();
    await look(staff, "refund-declined");
  });

  test(`a payment that differs is decided by hand, ${mode}`, async () => {
    const email = `decides-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `By hand ${mode}`);
    const { rest } = merchant;
    await rest.put(`/mids/${merchant.mid}/policy`, { on_over: "hold" });
    const invoice = await newInvoice(merchant, "HA-by-hand");
    await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150.000000" });
    await rest.until(`/invoices/${invoice.id}`, ({ cases }) => cases?.[0]?.state === "manual");

    const staff = await visit({ javaScript });
    await staff.goto(`/invoices/${invoice.id}`);
    await signIn(staff, email);
    await arriveAt(staff, `/invoices/${invoice.id}`, "Invoice HA-by-hand");
    await look(staff, "invoice-case");
    staff.expectConsole(/status of 422/);
    await staff.page.getByRole("button", { name: "Decide" }).click();
    await staff.page.locator("#how .err").getByText("Choose what happens").waitFor();
    await staff.ready();
    await look(staff, "invoice-case-error");
    await staff.page.getByLabel("Refund the extra").check();
    await staff.page.getByRole("button", { name: "Decide" }).click();
    const { refund } = await refundOf(rest, invoice);
    assert.deepEqual([refund.amount, refund.reason], ["48.897896", "overpaid"]);
    await staff.goto(`/invoices/${invoice.id}`);
    await heading(staff, "Invoice HA-by-hand");
    await staff.ready();
    await look(staff, "invoice-decided");
  });
}

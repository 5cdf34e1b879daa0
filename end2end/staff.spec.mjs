// A merchant's staff in the dashboard, with JavaScript on and off: signing in and out, refunds, invoices, the sandbox's tools.
// Every page is silent, accessible and photographed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRON_ADDRESS, claimByForm, heading, newInvoice, paidAndFailed, payWrongly, text, untilState } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ width: "d" });
const { visit } = sandbox;

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const look = (staff, name) => (javaScript ? staff.look(name) : staff.calm());

  test(`staff sign in, with the right password only, and out, ${mode}`, async () => {
    const email = `in-and-out-${javaScript}@example.com`;
    await merchantWith(sandbox.server, email, "owner", `Signing in ${mode}`);
    const staff = await visit({ javaScript });
    await staff.goto("/refunds");
    await arriveAt(staff, "/sign-in?next=/refunds", "Sign in to Refundry");
    await look(staff, "sign-in");
    staff.expectConsole(/status of 422/);
    await signIn(staff, email, "wrong");
    await staff.page.getByText("The email or password is wrong. 4 tries left before a 15-minute pause.").waitFor();
    await staff.ready();
    assert.equal(await staff.page.getByLabel("Email").inputValue(), email);
    assert.equal(await staff.page.getByLabel("Password").inputValue(), "");
    await look(staff, "sign-in-wrong");
    await signIn(staff, email);
    await arriveAt(staff, "/refunds", "Refunds");
    await staff.page.getByRole("heading", { name: "No refunds yet" }).waitFor();
    await look(staff, "refunds-first");

    await staff.page.getByRole("button", { name: "Sign out" }).first().click();
    await heading(staff, "Sign in to Refundry");
    await staff.goto("/refunds");
    await heading(staff, "Sign in to Refundry");
    staff.calm();
  });

  test(`staff look at refunds and cancel one, ${mode}`, async () => {
    const email = `refunds-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Refunds ${mode}`);
    const { rest } = merchant;
    await sandbox.sink.subscribe(rest);
    const { paid, failed } = await paidAndFailed(merchant, sandbox.server.url);
    const { refund: open } = await payWrongly(merchant, "late", "HA-open");
    const { refund: scheduled } = await payWrongly(merchant, "over", "HA-scheduled");
    await claimByForm(sandbox.server.url, scheduled.claim_url, TRON_ADDRESS);

    const staff = await visit({ javaScript });
    await staff.goto("/refunds");
    await signIn(staff, email);
    await arriveAt(staff, "/refunds", "Refunds");
    assert.equal(await staff.page.getByRole("row").count(), 5, "a head and four refunds");
    await look(staff, "refunds");
    await staff.page.getByRole("navigation", { name: "Refund views" }).getByRole("link", { name: /^Payout failed/ }).click();
    await arriveAt(staff, "/refunds?status=payout_failed", "Refunds");
    assert.equal(await staff.page.getByRole("row").count(), 2);

    for (const [refund, name] of [[open, "open"], [paid, "paid"], [failed, "failed"], [scheduled, "scheduled"]]) {
      await staff.goto(`/refunds/${refund.id}`);
      await staff.page.getByRole("heading", { name: "Ledger" }).waitFor();
      await staff.ready();
      await look(staff, `refund-${name}`);
      if (refund === open) await staff.page.getByText("The network’s fee as it is now.").waitFor();
      const policy = await staff.page.getByRole("link", { name: "Version 1", exact: true }).getAttribute("href");
      assert.equal(policy, `/policies/${merchant.mid}#version-1`);
    }
    await staff.goto(`/refunds/${paid.id}`);
    await staff.ready();
    const receipt = await staff.page.getByRole("link", { name: "Receipt" }).getAttribute("href");
    const answer = await staff.page.request.get(new URL(receipt, staff.page.url()).href);
    assert.match(answer.headers()["content-disposition"], /refund-receipt\.json/);
    const signed = await answer.json();
    assert.equal(signed.receipt.address, TRON_ADDRESS);
    assert.ok(signed.signature);
    assert.equal((await staff.page.request.get(`${sandbox.server.url}/refunds/${open.id}/receipt`)).status(), 404, "nothing arrived yet");
    await staff.goto(`/refunds/${scheduled.id}`);
    await staff.ready();

    staff.expectConsole(/status of 422/);
    await staff.page.getByText("Cancel refund", { exact: true }).click();
    await staff.page.getByRole("button", { name: "Cancel the refund" }).click();
    await staff.page.getByRole("alert").getByText("Choose why you are cancelling").waitFor();
    await staff.ready();
    await look(staff, "refund-cancel");
    await staff.page.getByLabel("The payer did not request it").check();
    await staff.page.getByRole("textbox", { name: /^Note/ }).fill("They called us");
    await staff.page.getByRole("button", { name: "Cancel the refund" }).click();
    await staff.page.getByText("“They called us”").waitFor();
    await staff.ready();
    const canceled = await untilState(rest, scheduled, "canceled");
    assert.deepEqual(canceled.cancel, { by: "merchant", reason: "not_requested", note: "They called us" });

    await staff.goto(`/refunds/${failed.id}`);
    await staff.ready();
    const retry = staff.page.locator("summary", { hasText: "Retry payout" });
    await retry.click();
    await staff.page.getByText(/is proven not to have left the wallet: the money is still here/).waitFor();
    await staff.page.getByRole("button", { name: "Order it again" }).click();
    await retry.waitFor({ state: "detached" });
    await rest.until(`/refunds/${failed.id}`, ({ state, txid }) => state === "paid" || txid);
    staff.calm();
  });

  test(`staff pay an invoice in the sandbox and move its clock, ${mode}`, async () => {
    const email = `sandbox-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "manager", `Sandbox ${mode}`);
    const invoice = await newInvoice(merchant, "HA-simulated");
    const staff = await visit({ javaScript });
    await staff.goto("/invoices");
    await signIn(staff, email);
    await arriveAt(staff, "/invoices", "Invoices");
    await look(staff, "invoices");
    await staff.page.getByRole("link", { name: "HA-simulated" }).click();
    await arriveAt(staff, `/invoices/${invoice.id}`, "Invoice HA-simulated");
    // What a payer at the counter needs, and what the policy will do with each of the sandbox's payments.
    await staff.page.getByRole("img", { name: /QR code/ }).waitFor();
    await staff.page.getByText("Policy version 1: Refund the extra").waitFor();
    assert.equal(await staff.page.getByText("Policy version 1: Refund everything").count(), 2);
    await staff.page.getByText(/^Decided at .*: until then the rest may come$/).waitFor();
    await staff.page.getByText(/^Late is what comes after /).waitFor();
    await look(staff, "invoice");

    staff.expectConsole(/status of 422/);
    await staff.page.getByLabel(/^Another amount/).fill("150.0000001");
    await staff.page.getByRole("button", { name: "Simulate payment" }).click();
    await staff.page.getByRole("alert").waitFor();
    await staff.ready();
    assert.equal(await staff.page.getByLabel(/^Another amount/).inputValue(), "150.0000001");
    await look(staff, "invoice-error");
    await staff.page.getByLabel(/^Another amount/).fill("150");
    await staff.page.getByRole("button", { name: "Simulate payment" }).click();
    await staff.page.getByRole("heading", { name: "Refunds", level: 2 }).waitFor();
    await staff.ready();
    await look(staff, "invoice-paid");
    await staff.page.getByRole("button", { name: "90 days" }).click();
    await staff.page.getByRole("cell", { name: "Expired" }).waitFor();
    await staff.page.getByRole("link", { name: "Open payment page" }).click();
    await staff.page.waitForURL(`**/pay/${invoice.id}`);
    await staff.ready();
    await look(staff, "pay");
    staff.calm();
  });
}

test("who may only look sees no button that moves money, and nothing of other merchants", async () => {
  const merchant = await merchantWith(sandbox.server, "viewer@example.com", "viewer", "Looking only");
  const { refund } = await payWrongly(merchant, "over", "HA-viewed");
  const other = await merchantWith(sandbox.server, "other@example.com", "owner", "Another shop");
  const { refund: theirs } = await payWrongly(other, "over", "HA-theirs");
  const staff = await visit();
  await staff.goto(`/refunds/${refund.id}`);
  await signIn(staff, "viewer@example.com");
  await staff.page.waitForURL(`**/refunds/${refund.id}`);
  await staff.page.getByRole("heading", { name: "Ledger" }).waitFor();
  await staff.ready();
  assert.equal(await staff.page.getByText("Cancel refund", { exact: true }).count(), 0);
  await staff.look("refund-viewer");
  staff.expectConsole(/status of 404/);
  await staff.goto(`/refunds/${theirs.id}`);
  await heading(staff, "We cannot find this page");
  await staff.goto("/refunds");
  assert.ok(!(await text(staff)).includes(theirs.reference));
  assert.equal((await staff.page.request.get(`${sandbox.server.url}/refunds/${theirs.id}/receipt`)).status(), 404);
  staff.calm();
});

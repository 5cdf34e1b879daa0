// Passkeys, with Chromium's virtual authenticator: somebody adds one, signs in by it, approves a refund with it, and removes it. Without scripts
// the password does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRON_ADDRESS, claimByForm, goodwill, heading, payOut, untilState } from "./lib/journey.mjs";
import { leaveSessionsOpen } from "./lib/rows.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { arriveAt, merchantWith, signIn, twice, withAuthenticator } from "./lib/staff.mjs";

// Browsers know no passkeys of an address; this machine has a name.
const sandbox = openSandbox({ width: "d", host: "localhost" });
const { visit } = sandbox;

test("somebody adds a passkey, signs in by it and approves a refund with it, which is paid", async () => {
  const email = "mira@example.com";
  const merchant = await merchantWith(sandbox.server, email, "owner", "Passkeys");
  const staff = await visit();
  const authenticator = await withAuthenticator(staff);
  await staff.goto("/settings/security");
  await signIn(staff, email);
  await arriveAt(staff, "/settings/security", "Settings");
  await staff.page.getByLabel("Name", { exact: true }).fill("MacBook");
  await staff.page.getByRole("button", { name: "Add passkey" }).click();
  await arriveAt(staff, "/settings/security?changed=passkey", "Settings");
  await staff.page.getByRole("cell", { name: "MacBook" }).waitFor();
  await staff.look("settings-passkeys");

  await staff.page.getByLabel("Name", { exact: true }).fill("MacBook again");
  await staff.page.getByRole("button", { name: "Add passkey" }).click();
  await staff.page.getByText("This device has a passkey for you already.").waitFor();

  await staff.page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await arriveAt(staff, "/sign-in", "Sign in to Refundry");
  await staff.look("sign-in-passkey");
  await authenticator.takesFinger(false);
  await staff.page.getByRole("button", { name: "Continue with a passkey" }).click();
  await staff.page.getByText("No passkey answered. Nothing was done. Try again.").waitFor();
  await authenticator.takesFinger(true);
  await staff.page.getByRole("button", { name: "Continue with a passkey" }).click();
  await arriveAt(staff, "/refunds", "Refunds");

  const { rest, mid } = merchant;
  await rest.put(`/mids/${mid}/policy`, { approval_above: { USD: "20" } });
  const refund = await goodwill(merchant, "HA-passkey");
  assert.equal(refund.state, "awaiting_approval");
  await staff.goto(`/refunds/${refund.id}`);
  await staff.ready();
  leaveSessionsOpen(sandbox.server);
  await twice(staff.page, "Approve", "Approve the refund");
  await heading(staff, "Is it still you?");
  await staff.ready();
  await staff.look("prove-passkey");
  assert.equal((await rest.get(`/refunds/${refund.id}`)).state, "awaiting_approval");
  await staff.page.getByRole("button", { name: "Continue with a passkey" }).click();
  const { claim_url: link } = await untilState(rest, refund, "awaiting_claim");
  await arriveAt(staff, `/refunds/${refund.id}`, /./);
  assert.equal((await claimByForm(sandbox.server.url, link, TRON_ADDRESS)).status, 200);
  await payOut(rest, refund);

  await staff.goto("/settings/security");
  await staff.ready();
  await staff.page.getByRole("row").filter({ hasText: "MacBook" }).getByText("Remove", { exact: true }).click();
  await staff.page.getByRole("button", { name: "Remove the passkey" }).click();
  await staff.page.getByRole("cell", { name: "MacBook" }).waitFor({ state: "detached" });
  await staff.page.getByText("Payouts are locked until").waitFor();
  await staff.ready();
  await staff.page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await arriveAt(staff, "/sign-in", "Sign in to Refundry");
  staff.expectConsole(/status of 422/);
  await staff.page.getByRole("button", { name: "Continue with a passkey" }).click();
  await staff.page.getByText("This passkey does not sign you in here.").waitFor();
  await staff.ready();
  await staff.look("sign-in-passkey-wrong");
});

test("without scripts, or in a browser without passkeys, the password signs in as before", async () => {
  const email = "sam@example.com";
  await merchantWith(sandbox.server, email, "support", "No passkeys");
  const plain = await visit({ javaScript: false });
  await plain.goto("/settings/security");
  assert.equal(await plain.page.getByRole("button", { name: "Continue with a passkey" }).isVisible(), false);
  await signIn(plain, email);
  await arriveAt(plain, "/settings/security", "Settings");
  assert.equal(await plain.page.getByRole("button", { name: "Add passkey" }).isVisible(), false);
  plain.calm();

  const old = await visit();
  await old.page.addInitScript(() => delete globalThis.PublicKeyCredential);
  await old.goto("/sign-in");
  await old.ready();
  assert.equal(await old.page.getByRole("button", { name: "Continue with a passkey" }).isVisible(), false);
  await signIn(old, email);
  await arriveAt(old, "/refunds", "Refunds");
  old.calm();
});

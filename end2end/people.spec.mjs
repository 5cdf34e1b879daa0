// People of a merchant: invited by mail, signed in and out elsewhere, with a new password after they forgot theirs, another role, removed.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { heading, newMid, text } from "./lib/journey.mjs";
import { leaveSessionsOpen } from "./lib/rows.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { linkIn } from "./lib/smtp.mjs";
import { PASSWORD, addStaff, arriveAt, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ mails: true, width: "d" });

/** What a code app shows now (RFC 6238): six digits every thirty seconds. */
function codeOf(secret) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const name = (who) => `${who}-${javaScript ? "js" : "plain"}@example.com`;
  const visit = (options = {}) => sandbox.visit({ javaScript, ...options });
  const look = (staff, picture) => (javaScript ? staff.look(picture) : staff.calm());

  test(`an owner invites a colleague by mail, who joins, gets another role and is removed, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, "EU store", `People ${mode}`);
    await addStaff(sandbox.server, merchant, name("mira"), "owner");
    const owner = await visit();
    await owner.goto("/settings/team");
    await signIn(owner, name("mira"));
    await arriveAt(owner, "/settings/team", "Settings");
    owner.expectConsole(/status of 422/);
    await owner.page.getByLabel("Email").fill("jo@example");
    await owner.page.getByRole("button", { name: "Invite" }).click();
    await owner.page.locator("#email-msg").waitFor();
    await owner.ready();
    await look(owner, "settings-team-error");
    await owner.page.getByLabel("Email").fill(name("jo"));
    await owner.page.getByLabel("Role", { exact: true }).selectOption("manager");
    await owner.page.getByRole("button", { name: "Invite" }).click();
    await owner.page.getByRole("heading", { name: `Invitation for ${name("jo")}` }).waitFor();
    await owner.ready();
    const shown = (await text(owner)).match(/https?:\/\/\S+\/invite\/\S+/)[0];
    const invitation = await sandbox.mail.expect(name("jo"), /^Join People/);
    assert.equal(linkIn(invitation, "/invite/"), shown);
    await look(owner, "settings-team");

    const colleague = await visit({ width: "m" });
    await colleague.goto(new URL(shown).pathname);
    await heading(colleague, `Join People ${mode}`);
    await colleague.ready();
    await look(colleague, "invite");
    colleague.expectConsole(/status of (422|404)/);
    await colleague.page.getByLabel("Choose a password").fill("short");
    await colleague.page.getByRole("button", { name: "Join" }).click();
    await colleague.page.getByText("Use at least 10 characters").waitFor();
    await colleague.ready();
    await colleague.page.getByLabel("Choose a password").fill(PASSWORD);
    await colleague.page.getByRole("button", { name: "Join" }).click();
    await colleague.page.waitForURL((url) => url.pathname === "/");
    await colleague.ready();
    await colleague.goto(new URL(shown).pathname);
    await heading(colleague, "This invitation does not work");
    await look(colleague, "invite-used");
    await colleague.goto("/settings/security");
    await colleague.ready();
    assert.equal(await colleague.page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Team" }).count(), 0);

    await owner.goto("/settings/team");
    await owner.ready();
    const row = owner.page.getByRole("row").filter({ hasText: name("jo") });
    await row.getByText("Role", { exact: true }).click();
    await row.getByLabel("New role").selectOption("viewer");
    await row.getByRole("button", { name: "Change the role" }).click();
    await row.getByText("Viewer", { exact: true }).first().waitFor();
    await owner.ready();
    const own = owner.page.getByRole("row").filter({ hasText: name("mira") }).first();
    await own.getByText("Remove", { exact: true }).click();
    await own.getByRole("button", { name: "Remove the person" }).click();
    await owner.page.getByText("Somebody has to own the account.").waitFor();
    await owner.ready();
    await owner.goto("/settings/team");
    await owner.ready();
    await row.getByText("Remove", { exact: true }).click();
    await row.getByRole("button", { name: "Remove the person" }).click();
    await row.waitFor({ state: "detached" });
    await colleague.goto("/refunds");
    await heading(colleague, "Sign in to Refundry");
    owner.calm();
    colleague.calm();
  });

  test(`somebody who forgot their password gets a new one and sees where they are signed in, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, "EU store", `Forgetful ${mode}`);
    await addStaff(sandbox.server, merchant, name("sam"), "support");
    const elsewhere = await visit();
    await elsewhere.goto("/refunds");
    await signIn(elsewhere, name("sam"));
    await arriveAt(elsewhere, "/refunds", "Refunds");

    const staff = await visit({ width: "m" });
    await staff.goto("/sign-in");
    await staff.page.getByRole("link", { name: "Forgot your password?" }).click();
    await arriveAt(staff, "/reset", "Forgot your password?");
    await look(staff, "reset");
    await staff.page.getByLabel("Email").fill(name("sam"));
    await staff.page.getByRole("button", { name: "Send the link" }).click();
    await arriveAt(staff, "/reset?asked=yes", "Forgot your password?");
    await look(staff, "reset-asked");
    const reset = await sandbox.mail.expect(name("sam"), /^Choose a new Refundry password$/);
    await staff.goto(new URL(linkIn(reset, "/reset/")).pathname);
    await heading(staff, "Choose a new password");
    await staff.ready();
    await look(staff, "reset-password");
    await staff.page.getByLabel("New password").fill("another horse battery");
    await staff.page.getByRole("button", { name: "Change password" }).click();
    await arriveAt(staff, "/sign-in?changed=password", "Sign in to Refundry");
    await elsewhere.goto("/refunds");
    await heading(elsewhere, "Sign in to Refundry");
    await signIn(elsewhere, name("sam"), "another horse battery");
    await arriveAt(elsewhere, "/refunds", "Refunds");

    await signIn(staff, name("sam"), "another horse battery");
    await arriveAt(staff, "/refunds", "Refunds");
    await staff.goto("/settings/security");
    await staff.page.getByText("This one").waitFor();
    await staff.ready();
    await look(staff, "settings-sessions");
    await staff.page.getByRole("button", { name: /^Sign out of Chrom/ }).click();
    await staff.page.getByRole("button", { name: /^Sign out of Chrom/ }).waitFor({ state: "detached" });
    await elsewhere.goto("/refunds");
    await heading(elsewhere, "Sign in to Refundry");
    staff.calm();
    elsewhere.calm();
  });

  test(`a browser that was left open invites nobody until its person gives their password, and is not asked to type again, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, "EU store", `Left open ${mode}`);
    await addStaff(sandbox.server, merchant, name("ada"), "owner");
    const owner = await visit({ width: "m" });
    await owner.goto("/settings/team");
    await signIn(owner, name("ada"));
    await arriveAt(owner, "/settings/team", "Settings");
    leaveSessionsOpen(sandbox.server);
    await owner.page.getByLabel("Email").fill(name("eve"));
    await owner.page.getByRole("button", { name: "Invite" }).click();
    await heading(owner, "Is it still you?");
    await owner.ready();
    await look(owner, "prove");
    owner.expectConsole(/status of 422/);
    await owner.page.getByLabel("Your password").fill("not the password");
    await owner.page.getByRole("button", { name: "Continue" }).click();
    await owner.page.getByText("This is not your password.").waitFor();
    await owner.ready();
    await look(owner, "prove-wrong");
    await owner.page.getByLabel("Your password").fill(PASSWORD);
    await owner.page.getByRole("button", { name: "Continue" }).click();
    await owner.page.getByRole("heading", { name: `Invitation for ${name("eve")}` }).waitFor();
    await owner.ready();
    owner.calm();
  });

  test(`somebody sets up a code app and signs in with a code and a recovery code, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, "EU store", `Codes ${mode}`);
    await addStaff(sandbox.server, merchant, name("lin"), "support");
    const staff = await visit({ width: "m" });
    await staff.goto("/settings/security");
    await signIn(staff, name("lin"));
    await arriveAt(staff, "/settings/security", "Settings");
    await staff.page.getByRole("button", { name: "Set up a code app" }).click();
    await staff.page.getByLabel("Key for your code app").waitFor();
    await staff.ready();
    await look(staff, "settings-code-app");
    const secret = (await text(staff)).match(/[A-Z2-7]{32}/)[0];
    staff.expectConsole(/status of 422/);
    await staff.page.getByLabel("Code", { exact: true }).fill("000000");
    await staff.page.getByRole("button", { name: "Turn on" }).click();
    await staff.page.locator("#code-msg").waitFor();
    await staff.ready();
    await staff.page.getByLabel("Code", { exact: true }).fill(codeOf(secret));
    await staff.page.getByRole("button", { name: "Turn on" }).click();
    await staff.page.getByText("Recovery codes", { exact: true }).waitFor();
    await staff.ready();
    await look(staff, "settings-recovery-codes");
    const codes = (await text(staff)).match(/\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b/g);
    assert.equal(codes.length, 10);

    const other = await visit({ width: "m" });
    await other.goto("/refunds");
    await signIn(other, name("lin"));
    await arriveAt(other, "/sign-in/code?next=/refunds", "Enter your code");
    await look(other, "sign-in-code");
    other.expectConsole(/status of 422/);
    await other.page.getByLabel("Code").fill("000000");
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.getByText("This code does not work.").waitFor();
    await other.ready();
    await other.page.getByLabel("Code").fill(codes[0]);
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await arriveAt(other, "/refunds", "Refunds");
    await other.goto("/settings/security");
    await other.page.getByText("9 recovery codes are left.").waitFor();
    leaveSessionsOpen(sandbox.server);
    await other.page.getByText("Turn the code app off").click();
    await other.page.getByRole("button", { name: "Turn it off" }).click();
    await heading(other, "Is it still you?");
    await other.ready();
    await look(other, "prove-code");
    await other.page.getByLabel("Code of your app").fill(codes[1]);
    await other.page.getByRole("button", { name: "Continue" }).click();
    await other.page.getByRole("button", { name: "Set up a code app" }).waitFor();
    await other.ready();
    staff.calm();
    other.calm();
  });
}

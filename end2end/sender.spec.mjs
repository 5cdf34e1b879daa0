// From whom payers read a merchant's mails: an owner says name and address for answers, tries it, and reads which mails did not arrive.
import assert from "node:assert/strict";
import { test } from "node:test";
import { overpay } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { addStaff, arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ mails: true });
const { visit } = sandbox;

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const name = (page) => `${page}${javaScript ? "" : "-plain"}`;

  test(`an owner says from whom payers read their mails, and tries it, ${mode}`, async () => {
    const email = `sender-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Sender ${mode}`);
    const staff = await visit({ javaScript });
    staff.expectConsole(/status of 422/);
    await staff.goto("/settings/email");
    await signIn(staff, email);
    await arriveAt(staff, "/settings/email", "Settings");
    const { page } = staff;
    const save = async (name, answers) => {
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByLabel("Payers’ answers go to").fill(answers);
      await page.getByRole("button", { name: "Save sender" }).click();
    };
    await save("pay@halden.example", "nobody@halden");
    await page.locator("#name-msg").getByText("without @, <, >").waitFor();
    await page.locator("#reply_to-msg").getByText("Enter an email address").waitFor();
    await staff.ready();
    await staff.look(name("settings-email-error"));
    await save("Halden refunds", "answers@halden.example");
    await page.getByText("<refunds@mail.example>").waitFor();
    await page.getByRole("definition").filter({ hasText: "Halden refunds" }).waitFor();
    await staff.ready();
    await page.getByRole("button", { name: "Send me a test email" }).click();
    await page.getByText("The mail server took it.").waitFor();
    const tested = await sandbox.mail.expect(email, /^A test of mails from Halden refunds$/);
    assert.equal(tested.headers.from, '"Halden refunds" <refunds@mail.example>');
    assert.equal(tested.headers["reply-to"], '"Halden refunds" <answers@halden.example>');
    await staff.ready();
    await page.getByRole("button", { name: "Send me a test email" }).click();
    await page.getByRole("alert").getByText(/minutes/).waitFor();

    const payer = `mira-${javaScript}@example.com`;
    await overpay(merchant, "HA-sender", payer);
    const offer = await sandbox.mail.expect(payer, /to claim/);
    assert.deepEqual([offer.headers.from, offer.headers["reply-to"]], [tested.headers.from, tested.headers["reply-to"]]);
    const lost = await overpay(merchant, "HA-lost", "refuse@example.com");
    await merchant.rest.until(`/refunds/${lost.id}`, ({ emails }) => emails[0].state === "refused");
    await staff.goto("/settings/email");
    await page.getByRole("region", { name: "Mails that did not arrive" }).getByText("refuse@example.com").waitFor();
    await staff.ready();
    await staff.look(name("settings-email"));
    await page.getByRole("region", { name: "Mails that did not arrive" }).getByRole("link").first().click();
    await page.waitForURL(`**/refunds/${lost.id}`);
    await staff.ready();
    await staff.goto("/admin/audit");
    await page.getByRole("row").filter({ hasText: "Changed the sender of mails" }).first().waitFor();
    staff.calm();
  });
}

test("a manager reads the sender and changes nothing", async () => {
  const merchant = await merchantWith(sandbox.server, "sender-owner@example.com", "owner", "Sender read");
  await addStaff(sandbox.server, merchant, "sender-manager@example.com", "manager");
  const staff = await visit();
  await staff.goto("/settings/email");
  await signIn(staff, "sender-manager@example.com");
  await arriveAt(staff, "/settings/email", "Settings");
  await staff.page.getByText("<refunds@mail.example>").waitFor();
  assert.equal(await staff.page.getByRole("button", { name: /Save sender|Send me a test/ }).count(), 0);
  staff.calm();
});

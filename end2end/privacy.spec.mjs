// A merchant's own privacy policy: an owner says link and version, payers agree to what they were shown, and who was shown an older text is
// asked again. With JavaScript on and off.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRON_ADDRESS, confirm, heading, newInvoice, payWrongly, review } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox();
const { visit } = sandbox;
const URL_OF_TEXT = "https://halden.example/privacy";
const CHANGED = "The privacy policy has changed. Read it and agree again";

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const name = (page) => `${page}${javaScript ? "" : "-plain"}`;

  test(`an owner says which privacy policy goes, and payers agree to what they were shown, ${mode}`, async () => {
    const email = `privacy-${javaScript}@example.com`;
    const merchant = await merchantWith(sandbox.server, email, "owner", `Privacy ${mode}`);
    const { refund } = await payWrongly(merchant, "over", "HA-privacy");
    const payer = await visit({ javaScript });
    payer.expectConsole(/status of 422/);
    const link = (name) => payer.page.getByRole("link", { name });
    /** A link of the merchant's opens beside the page, and tells nothing of it. */
    const isTheirs = async (found) => {
      assert.deepEqual(await found.evaluate((a) => [a.href, a.target, a.rel]), [URL_OF_TEXT, "_blank", "noopener noreferrer"]);
    };
    await payer.page.goto(refund.claim_url);
    await payer.ready();
    assert.match(await link("privacy policy").getAttribute("href"), /^\/privacy$/);
    assert.equal(await link("Privacy").last().getAttribute("href"), "/privacy");

    // The owner says it while the payer reads.
    const staff = await visit({ javaScript });
    staff.expectConsole(/status of 422/);
    await staff.goto("/settings/brand");
    await signIn(staff, email);
    await arriveAt(staff, "/settings/brand", "Settings");
    const { page } = staff;
    const save = async (url, version) => {
      await page.getByLabel("Link").fill(url);
      await page.getByLabel("Version").fill(version);
      await page.getByRole("button", { name: "Save privacy policy" }).click();
    };
    await save("http://halden.example/privacy", "November 2026");
    await page.locator("#privacy_url-msg").getByText("Enter a link that begins with https://").waitFor();
    await page.locator("#privacy_version-msg").getByText("Use 1 to 20 letters").waitFor();
    assert.equal(await page.getByLabel("Link").inputValue(), "http://halden.example/privacy");
    await staff.ready();
    await staff.look(name("settings-privacy-error"));
    await save(URL_OF_TEXT, "");
    await page.locator("#privacy_version-msg").getByText("Say which version of your policy this is").waitFor();
    await save(URL_OF_TEXT, "2026-11");
    await page.getByRole("region", { name: "Texts so far" }).getByText("In use").waitFor();
    await save("https://halden.example/data", "2026-11");
    await page.locator("#privacy_version-msg").getByText("This version is of another link").waitFor();
    await staff.goto("/settings/brand");
    assert.equal(await page.getByLabel("Link").inputValue(), URL_OF_TEXT);
    await staff.ready();
    await staff.look(name("settings-privacy"));

    // What the payer ticked is not what goes now: the new text is shown, and they are asked again.
    await review(payer, TRON_ADDRESS);
    await payer.page.getByRole("alert").getByText("The privacy policy has changed").waitFor();
    await payer.page.locator("#consent-msg").getByText(CHANGED).waitFor();
    await payer.ready();
    await payer.look(name("claim-privacy-changed"));
    assert.equal(await payer.page.locator("#consent").isChecked(), false);
    await isTheirs(link(/^privacy policy of .* \(version 2026-11\)$/));
    await isTheirs(link("Privacy").last());
    assert.equal(await payer.page.locator("#address").inputValue(), TRON_ADDRESS, "nothing is typed again");
    await review(payer, TRON_ADDRESS);
    await heading(payer, "Check before you confirm");

    // It changes once more, between the review and the confirmation.
    await merchant.rest.put(`/mids/${merchant.mid}/privacy`, { url: URL_OF_TEXT, version: "2026-12" });
    await confirm(payer);
    await payer.page.locator("#consent-msg").getByText(CHANGED).waitFor();
    await isTheirs(link(/\(version 2026-12\)$/));
    assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "awaiting_claim");
    await review(payer, TRON_ADDRESS);
    await confirm(payer);
    await heading(payer, /^Your refund leaves on/);
    const { consent } = await merchant.rest.get(`/refunds/${refund.id}`);
    assert.deepEqual([consent.url, consent.version], [URL_OF_TEXT, "2026-12"]);

    await staff.goto(`/refunds/${refund.id}`);
    await page.getByText("Payer agreed to version 2026-12").waitFor();
    await staff.ready();
    await staff.look(name("refund-consent"));
    await staff.goto("/admin/audit");
    await page.getByRole("row").filter({ hasText: "Changed privacy policy" }).first().waitFor();

    // The payment page asks for the same.
    const invoice = await newInvoice(merchant, "HA-privacy-pay");
    await payer.page.goto(invoice.hosted_page_url);
    await payer.ready();
    await isTheirs(link(/\(version 2026-12\)$/));
    await payer.look(name("pay-privacy"));
    await merchant.rest.put(`/mids/${merchant.mid}/privacy`, { url: URL_OF_TEXT, version: "2027-01" });
    const agree = async () => {
      await payer.page.locator("#email").fill("mara@example.com");
      await payer.page.locator("#consent").check();
      await payer.page.getByRole("button", { name: "Continue to payment" }).click();
    };
    await agree();
    await payer.page.locator("#consent-msg").getByText(CHANGED).waitFor();
    await payer.ready();
    assert.equal(await payer.page.locator("#email").inputValue(), "mara@example.com");
    await agree();
    await payer.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
    staff.calm();
    payer.calm();
  });
}

test("who may not change settings reads which privacy policy goes", async () => {
  const merchant = await merchantWith(sandbox.server, "privacy-viewer@example.com", "viewer", "Privacy looked at");
  await merchant.rest.put(`/mids/${merchant.mid}/privacy`, { url: URL_OF_TEXT, version: "1" });
  const staff = await visit();
  await staff.goto(`/settings/brand?mid=${merchant.mid}`);
  await signIn(staff, "privacy-viewer@example.com");
  await arriveAt(staff, `/settings/brand?mid=${merchant.mid}`, "Settings");
  await staff.page.getByRole("region", { name: "Texts so far" }).getByText(URL_OF_TEXT).waitFor();
  assert.equal(await staff.page.getByRole("button", { name: "Save privacy policy" }).count(), 0);
  staff.calm();
});

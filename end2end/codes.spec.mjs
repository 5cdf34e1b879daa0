// Codes by mail: what a payer gives beside the link of a refund above the policy's `low_risk_band` (odd case 34), with JavaScript on and
// off and in every language; and what the merchant sees of it. Every page and mail is silent, accessible and photographed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRON_ADDRESS, claimByForm, heading, overpay, payOut, review, text, untilMailed, untilState } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ mails: true });
const { visit } = sandbox;
const OTHER_ADDRESS = "TX3sfqPXKDjqKguyjgUSzzF965Guq2fvSV";

/** A shop whose refunds of more than 20 US dollars need more than the link, and somebody who works there. */
async function strictShop(name) {
  const email = `${name.replaceAll(" ", "-")}@example.com`;
  const merchant = { ...(await merchantWith(sandbox.server, email, "owner", name)), email, name };
  await merchant.rest.put(`/mids/${merchant.mid}/policy`, { low_risk_band: { USD: "20" } });
  return merchant;
}

/** The mails with a code that came to somebody, and the six digits of the last one, once there are so many. */
async function lastCode(to, count) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const codes = sandbox.mail.mails.filter((mail) => mail.to === to && /^\d{6}$/m.test(mail.text));
    if (codes.length >= count) return { mail: codes.at(-1), code: /^\d{6}$/m.exec(codes.at(-1).text)[0] };
  }
  throw new Error(`${count} codes should have come to ${to}`);
}

/** Another code than that. */
const wrong = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const look = async (visitor, name) => visitor.look(`${name}${javaScript ? "" : "-plain"}`);

  test(`odd case 34: above the band a payer confirms with the code from their mail, ${mode}`, async () => {
    const merchant = await strictShop(`codes ${mode}`);
    const payersMail = `jo-${javaScript}@example.org`;
    const refund = await overpay(merchant, "HA-34", payersMail);
    const payer = await visit({ javaScript });
    payer.expectConsole(/status of 422/);
    await payer.page.goto(refund.claim_url);
    await review(payer, TRON_ADDRESS);
    await heading(payer, "Check before you confirm");
    await payer.page.getByText("Next we email a code to j•••@example.org").waitFor();
    await payer.ready();
    await look(payer, "code-next");
    const send = payer.page.getByRole("button", { name: "Email me the code" });
    await send.click();
    await payer.page.getByText("Tick the box after you have checked the address").first().waitFor();
    await payer.ready();
    await payer.page.locator("#checked").check();
    await send.click();
    const field = payer.page.getByLabel("Code from your email");
    await field.waitFor();
    await payer.page.getByText("We sent a code to j•••@example.org").waitFor();
    assert.deepEqual(await field.evaluate((input) => [input.inputMode, input.autocomplete, input.dir]), ["numeric", "one-time-code", "ltr"]);
    assert.ok(await payer.page.locator("#checked").isChecked(), "the box stays ticked");
    await payer.ready();
    await look(payer, "code-sent");

    const { mail, code } = await lastCode(payersMail, 1);
    assert.equal(mail.subject, `Your code for the refund from ${merchant.name}`);
    assert.match(mail.text, /goes to TDD97y…v4Vaqm/);
    assert.match(mail.text, /Never pass this code on/);
    await field.fill(wrong(code));
    await payer.page.getByRole("button", { name: /^Confirm refund of/ }).click();
    await payer.page.getByRole("alert").getByText("This is not the code we sent").waitFor();
    assert.equal(await field.inputValue(), "", "a code is typed again");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await payer.ready();
    await look(payer, "code-wrong");

    await merchant.rest.post("/sandbox/clock", { advance: "PT1M" });
    await payer.page.getByRole("button", { name: "Send a new code" }).click();
    await field.waitFor();
    const next = await lastCode(payersMail, 2);
    assert.equal(await payer.page.getByRole("alert").count(), 0);
    // As people copy it.
    await field.fill(`${next.code.slice(0, 3)} ${next.code.slice(3)}`);
    await field.press("Enter");
    await heading(payer, /^Your refund leaves on/);
    assert.ok(!(await payer.page.content()).includes(next.code) && !payer.page.url().includes(next.code));
    payer.calm();

    const claimed = await merchant.rest.get(`/refunds/${refund.id}`);
    assert.deepEqual(claimed.timeline.map(({ note }) => note ?? null), [null, "code_sent", "code_sent", "code_given"]);
    const staff = await visit({ javaScript, width: "d" });
    await staff.goto(`/refunds/${refund.id}`);
    await signIn(staff, merchant.email);
    await staff.page.getByText("confirmed with the code that was mailed").waitFor();
    const shown = await staff.page.content();
    assert.ok(!shown.includes(`>${code}<`) && !shown.includes(`>${next.code}<`), "nobody else reads the code");
    await payOut(merchant.rest, refund);
  });

  test(`odd case 34: where no mail reaches the payer a person looks first, ${mode}`, async () => {
    const merchant = await strictShop(`unproven ${mode}`);
    const refund = await overpay(merchant, "HA-35");
    const payer = await visit({ javaScript });
    await payer.page.goto(refund.claim_url);
    await review(payer, TRON_ADDRESS);
    await payer.page.getByText(`so ${merchant.name} checks this refund before it is sent`).waitFor();
    await payer.ready();
    await look(payer, "code-review");
    await payer.page.locator("#checked").check();
    await payer.page.getByRole("button", { name: /^Confirm refund of/ }).click();
    await heading(payer, /^Your refund leaves on/);
    await untilMailed(merchant.rest, refund);
    await merchant.rest.post("/sandbox/clock", { advance: "PT72H" });
    const { hold_reason } = await untilState(merchant.rest, refund, "on_hold");
    assert.equal(hold_reason, "link_alone");

    const staff = await visit({ javaScript, width: "d" });
    await staff.goto(`/refunds/${refund.id}`);
    await signIn(staff, merchant.email);
    await staff.page.getByText("Nothing but the link says that its payer claimed it").first().waitFor();
    await staff.ready();
    await look(staff, "refund-unproven");
    staff.calm();
    payer.calm();
  });
}

test("a program is told that a code is missing, which one was for another address, and when there is no more", async () => {
  const merchant = await strictShop("codes of programs");
  const refund = await overpay(merchant, "HA-36", "ann@example.org");
  const post = (address, extra) => claimByForm(sandbox.server.url, refund.claim_url, address, extra);
  const first = await post(TRON_ADDRESS);
  assert.equal(first.status, 422);
  assert.deepEqual([first.answer.code, first.answer.fields], ["validation_failed", ["code"]]);
  assert.match(first.answer.messages[0], /^We sent a code to a•••@example\.org/);
  const { code } = await lastCode("ann@example.org", 1);
  const other = await post(OTHER_ADDRESS, { code });
  assert.match(other.answer.messages[0], /^This code does not work any more/);
  for (const count of [2, 3]) {
    await merchant.rest.post("/sandbox/clock", { advance: "PT1M" });
    await post(TRON_ADDRESS, { new_code: "on" });
    await lastCode("ann@example.org", count);
  }
  await merchant.rest.post("/sandbox/clock", { advance: "PT1M" });
  const none = await post(TRON_ADDRESS, { new_code: "on" });
  assert.match(none.answer.messages[0], /^No further code can be sent before .+ Ask again then\.$/);
  const last = await lastCode("ann@example.org", 3);
  assert.equal((await post(TRON_ADDRESS, { code: last.code })).status, 200);
});

test("the code's page and mail, in every other language", async () => {
  for (const language of ["es", "de", "fr", "ar"]) {
    const merchant = await strictShop(`codes in ${language}`);
    await sandbox.server.ask(["mid", "writing", "--mid", merchant.mid, "--language", language]);
    const refund = await overpay(merchant, `HA-${language}`, `lee-${language}@example.org`);
    const payer = await visit({ context: { locale: language } });
    payer.expectConsole(/status of 422/);
    await payer.page.goto(refund.claim_url);
    await payer.ready();
    await payer.page.locator("#address").fill(TRON_ADDRESS);
    if (await payer.page.locator("#consent").count()) await payer.page.locator("#consent").check();
    await payer.page.locator("form button.primary").click();
    await payer.page.locator("#checked").check();
    await payer.page.locator("form button.primary").click();
    await payer.page.locator("#code").waitFor();
    await payer.ready();
    assert.equal(await payer.page.locator("html").getAttribute("lang"), language);
    assert.ok(!/[{}]/.test(await text(payer)));
    await payer.look(`code-sent-${language}`);
    const { mail, code } = await lastCode(`lee-${language}@example.org`, 1);
    assert.match(mail.html, new RegExp(`<html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}">`));
    assert.ok(!/[{}]/.test(mail.text) && !mail.subject.includes(code), mail.text);
    const reader = await visit();
    await reader.page.setContent(mail.html);
    await reader.look(`mail-code-${language}`);
    await reader.close();
    await payer.page.locator("#code").fill(code);
    await payer.page.locator("form button.primary").click();
    await untilState(merchant.rest, refund, "scheduled");
    await payer.close();
  }
});

// Mails as people see them: each comes by SMTP, is opened in Chromium on phones and desks, light and dark, and photographed
// (end2end/out/mail-*.png). A payer claims and cancels by the links in them; looking at a link changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TRON_ADDRESS, claim, claimByForm, heading, newMid, overpay, payOut, untilMailed, untilState } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { linkIn } from "./lib/smtp.mjs";

const ALERTS = "alerts@halden.example";
const sandbox = openSandbox({ mails: true });
const { visit } = sandbox;

/** A shop that is alerted, and whose payers are spoken to in a language. */
async function shop(name, language = "en") {
  const merchant = await newMid(sandbox.server, name);
  await sandbox.server.ask(["mid", "writing", "--mid", merchant.mid, "--alert", ALERTS, "--support", "help@halden.example", "--language", language]);
  return merchant;
}

/** Opens a mail as a mail program does, without scripts and network; takes its pictures. */
async function see({ html }, name) {
  const reader = await visit();
  await reader.page.setContent(html);
  await reader.look(`mail-${name}`);
  await reader.close();
}

test("CP-06, CP-07, CP-10: from the claim link to the arrival", async () => {
  const merchant = await shop("Mail arrives");
  const refund = await overpay(merchant, "HA-20418", "mira@example.com");
  const offer = await sandbox.mail.expect("mira@example.com", /^48\.897896 USDT to claim from Halden Audio$/);
  assert.equal(offer.headers["reply-to"], '"Halden Audio" <help@halden.example>');
  assert.equal(linkIn(offer, "/claim/"), refund.claim_url);
  await see(offer, "claim");

  const payer = await visit({ javaScript: false });
  await claim(payer, linkIn(offer, "/claim/"), TRON_ADDRESS);
  await payer.close();
  const scheduled = await sandbox.mail.expect("mira@example.com", /^Your refund leaves on .+\. Cancel if this was not you$/);
  await see(scheduled, "scheduled");
  await payOut(merchant.rest, refund);
  await see(await sandbox.mail.expect("mira@example.com", /^Your refund has arrived$/), "arrived");
  await see(await sandbox.mail.expect("mira@example.com", /^Your refund was sent$/), "sent");
  const { emails } = await merchant.rest.get(`/refunds/${refund.id}`);
  assert.deepEqual(emails.map(({ kind, state }) => [kind, state]), [["claim", "sent"], ["scheduled", "sent"], ["sent", "sent"], ["arrived", "sent"]]);
});

test("CP-11, CP-12: looking at the mails' links changes nothing, the cancel page cancels", async () => {
  const merchant = await shop("Mail cancels");
  const refund = await overpay(merchant, "HA-2", "jo@example.com");
  const offer = await sandbox.mail.expect("jo@example.com", /to claim/);
  const payer = await visit({ javaScript: false });
  await claim(payer, linkIn(offer, "/claim/"), TRON_ADDRESS);
  const scheduled = await sandbox.mail.expect("jo@example.com", /leaves on/);
  const state = async () => JSON.stringify(await merchant.rest.get(`/refunds/${refund.id}`));
  const before = await state();
  for (const url of [linkIn(offer, "/claim/"), linkIn(scheduled, "/cancel/")]) {
    for (let times = 0; times < 3; times++) {
      await fetch(url, { method: "HEAD" });
      await payer.page.goto(url);
      await payer.ready();
    }
  }
  assert.equal(await state(), before, "a mail scanner acts on nothing");
  await heading(payer, "Cancel this refund?");
  await payer.page.getByLabel(/I did not request this refund/).check();
  await payer.page.getByRole("button", { name: "Cancel the refund" }).click();
  await untilState(merchant.rest, refund, "canceled");
  await payer.close();
  await see(await sandbox.mail.expect("jo@example.com", /^Your refund was cancelled$/), "canceled");
  await see(await sandbox.mail.expect(ALERTS, /the payer did not ask for this refund$/), "alert-not-requested");
});

test("odd case 33: what is refused is shown on the refund and the merchant told", async () => {
  const merchant = await shop("Mail is refused");
  const refund = await overpay(merchant, "HA-3", "refuse@example.com");
  await see(await sandbox.mail.expect(ALERTS, /an e-mail to the payer was not delivered$/), "alert-undelivered");
  const shown = await merchant.rest.get(`/refunds/${refund.id}`);
  assert.deepEqual([shown.emails[0].state, shown.timeline.at(-1).note], ["refused", "undelivered"]);
});

test("reminders, the end, a payout that fails", async () => {
  const merchant = await shop("Mail reminds");
  const { rest } = merchant;
  const failing = await overpay(merchant, "HA-4", "kim@example.com");
  const payer = await visit({ javaScript: false });
  await claim(payer, failing.claim_url, TRON_ADDRESS);
  await payer.close();
  await untilMailed(rest, failing);
  await rest.post("/sandbox/rail", { network: "tron", mode: "fail" });
  await rest.post("/sandbox/clock", { advance: "PT72H" });
  await rest.until(`/refunds/${failing.id}`, ({ state, txid }) => state === "payout_failed" || txid);
  await rest.post("/sandbox/clock", { advance: "PT1M" });
  await untilState(rest, failing, "payout_failed");
  await rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  await see(await sandbox.mail.expect("kim@example.com", /^Your refund is delayed$/), "delayed");
  await see(await sandbox.mail.expect(ALERTS, /the payout failed$/), "alert-payout-failed");

  await overpay(merchant, "HA-5", "ann@example.com");
  await sandbox.mail.expect("ann@example.com", /to claim/);
  // A mail says what is so when it is sent: one after the other.
  const remind = async (advance, subject) => {
    await rest.post("/sandbox/clock", { advance });
    return sandbox.mail.expect("ann@example.com", subject);
  };
  await remind("P60D", /^Your refund link ends in 30 days$/);
  await see(await remind("P23D", /^Your refund link ends in 7 days$/), "expiring");
  await remind("P6D", /^Your refund link ends in 1 day$/);
  await see(await remind("P1D", /^Your refund has expired$/), "expired");
});

test("every mail to payers, in every other language", async () => {
  const languages = ["es", "de", "fr", "ar"];
  const shops = await Promise.all(languages.map((language) => shop(`Mail in ${language}`, language)));
  const { rest } = shops[0];
  /** Does the same for each language's refund, and waits until its mails are sent. */
  const each = async (refunds, action) => {
    for (const [at, refund] of refunds.entries()) await action(refund, shops[at].rest, languages[at]);
    for (const [at, refund] of refunds.entries()) await untilMailed(shops[at].rest, refund);
  };
  const offer = async (name) => {
    const refunds = [];
    for (const [at, language] of languages.entries()) refunds.push(await overpay(shops[at], `HA-${name}`, `${name}-${language}@example.com`));
    await each(refunds, () => {});
    return refunds;
  };
  const [arrives, canceled, expires] = [await offer("arrives"), await offer("canceled"), await offer("expires")];
  const lastTo = (name, language) => sandbox.mail.mails.filter(({ to }) => to === `${name}-${language}@example.com`).at(-1);
  const seeAll = async (name, kind) => {
    for (const language of languages) {
      const one = lastTo(name, language);
      // An Arabic mail runs from right to left, and no mail has a gap where a name should be.
      assert.match(one.html, new RegExp(`<html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}">`));
      assert.ok(!/[{}]/.test(one.text), one.text);
      await see(one, `${kind}-${language}`);
    }
    const said = new Set(languages.map((language) => lastTo(name, language).subject));
    assert.equal(said.size, languages.length, `${kind}: ${[...said]}`);
  };
  const until = (state) => (refund, rest) => untilState(rest, refund, state);
  const sentOff = (refund, rest) => rest.until(`/refunds/${refund.id}`, ({ state, txid }) => state === "payout_failed" || txid);
  await seeAll("arrives", "claim");
  await rest.post("/sandbox/clock", { advance: "P60D" });
  await each(expires, ({ id }, rest) => rest.until(`/refunds/${id}`, ({ emails }) => emails.some(({ kind }) => kind === "expiring")));
  await seeAll("expires", "expiring");
  await each(arrives, ({ claim_url }, _, language) => claimByForm(sandbox.server.url, claim_url, TRON_ADDRESS, { language }));
  await seeAll("arrives", "scheduled");
  await each(canceled, (refund, rest) => rest.post(`/refunds/${refund.id}/cancel`, { reason: "other" }));
  await seeAll("canceled", "canceled");
  await rest.post("/sandbox/rail", { network: "tron", mode: "fail" });
  await rest.post("/sandbox/clock", { advance: "PT73H" });
  await each(arrives, sentOff);
  await rest.post("/sandbox/clock", { advance: "PT1M" });
  await each(arrives, until("payout_failed"));
  await rest.post("/sandbox/rail", { network: "tron", mode: "ok" });
  await seeAll("arrives", "delayed");
  await each(arrives, async (refund, rest) => {
    await rest.post(`/refunds/${refund.id}/retry`);
    await rest.until(`/refunds/${refund.id}`, ({ state, txid }) => state === "sending" && txid);
  });
  await seeAll("arrives", "sent");
  await rest.post("/sandbox/clock", { advance: "PT1M" });
  await each(arrives, until("paid"));
  await seeAll("arrives", "arrived");
  await rest.post("/sandbox/clock", { advance: "P31D" });
  await each(expires, until("expired"));
  await seeAll("expires", "expired");
});

test("`refundry mail test` and `refundry doctor` say that mail works", async () => {
  await sandbox.server.ask(["mail", "test", "--to", "operator@example.com"]);
  const { subject } = await sandbox.mail.expect("operator@example.com", /./);
  assert.equal(subject, "Refundry can send e-mail");
  const { checks } = await sandbox.server.ask(["doctor"]);
  assert.deepEqual(checks.find(({ name }) => name === "mail")?.ok, true);
});

// What a payer meets beside the claim itself: the payment page with its first screen, its QR code and its results; the receipt; the
// merchant's look; the way back from the cancel page. With JavaScript on and off; every page silent, accessible and photographed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { SCENARIOS, TRON_ADDRESS, claim, heading, newInvoice, newMid, payOut, payWrongly, refundOf, text, untilMailed } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox();
const { visit } = sandbox;
const EMAIL = "mara@example.com";

/** A PNG of one dark dot. */
const LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** Says where to write to, as the first screen asks. */
async function agree(payer, email = EMAIL) {
  await payer.ready();
  await payer.page.locator("#email").fill(email);
  await payer.page.locator("#consent").check();
  await payer.page.getByRole("button", { name: "Continue to payment" }).click();
}

test("design 5.1: who hears the page is told when 10, 5 and 1 minutes are left, once each, and nothing else", async () => {
  const merchant = await newMid(sandbox.server, "spoken countdown");
  const invoice = await newInvoice(merchant, "HA-spoken");
  const payer = await visit();
  await payer.page.clock.install();
  await payer.page.goto(invoice.hosted_page_url);
  await agree(payer);
  const timer = payer.page.getByRole("timer");
  await timer.waitFor();
  await payer.ready();
  await payer.page.evaluate(() => {
    const teller = document.querySelector("[role=timer] + [role=status]");
    window.heard = [];
    new MutationObserver(() => window.heard.push(teller.textContent)).observe(teller, { childList: true, characterData: true, subtree: true });
  });
  const heard = () => payer.page.evaluate(() => window.heard);
  await payer.page.clock.runFor("09:00");
  assert.match(await timer.textContent(), /^1[01]:\d\d$/);
  assert.deepEqual(await heard(), []);
  await payer.page.clock.runFor("02:00");
  assert.deepEqual(await heard(), ["10 min left"]);
  await payer.page.clock.runFor("08:30");
  assert.match(await timer.textContent(), /^0:\d\d$/);
  assert.deepEqual(await heard(), ["10 min left", "5 min left", "1 min left"]);
});

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";
  const name = (page) => `${page}${javaScript ? "" : "-plain"}`;

  test(`CP-03, CP-04: the e-mail address and the consent come first, once, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, `first screen ${mode}`);
    const invoice = await newInvoice(merchant, "HA-first");
    const payer = await visit({ javaScript });
    payer.expectConsole(/status of 422/);
    await payer.page.goto(invoice.hosted_page_url);
    await payer.ready();
    await payer.look(name("pay-email"));
    await payer.page.getByRole("button", { name: "Continue to payment" }).click();
    const alert = payer.page.getByRole("alert");
    await alert.getByText("Enter an email address, like name@example.com").waitFor();
    await alert.getByText("Agree to the privacy policy to continue").waitFor();
    assert.match(await payer.page.title(), /^Error: /);
    await payer.ready();
    await payer.look(name("pay-email-error"));
    await agree(payer);
    await payer.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
    await payer.ready();
    await payer.look(name("pay-screen"));
    assert.equal((await merchant.rest.get(`/invoices/${invoice.id}`)).payer_email, EMAIL);
    const seen = await payer.page.content();
    assert.ok(seen.includes(invoice.address) && seen.includes("101.102104"));
    await payer.page.getByRole("img", { name: "QR code of the address below" }).waitFor();
    // Another visitor is not asked again, and not told whom the shop writes to.
    const other = await visit({ javaScript });
    await other.page.goto(invoice.hosted_page_url);
    await other.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
    assert.ok(!(await other.page.content()).includes(EMAIL));
    // CP-08: the claim does not ask again either.
    await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150.000000" });
    const { refund } = await refundOf(merchant.rest, invoice);
    await payer.page.goto(refund.claim_url);
    await payer.ready();
    assert.equal(await payer.page.locator("#email, #consent").count(), 0);
    await claim(payer, refund.claim_url, TRON_ADDRESS);
    payer.calm();
  });

  for (const [scenario, title] of Object.entries({
    over: "Paid. You sent a little extra",
    under: "The payment was too small",
    late: "The payment arrived too late",
  })) {
    test(`${scenario}: the payment page says so and leads to the claim, ${mode}`, async () => {
      const merchant = await newMid(sandbox.server, `pay ${scenario} ${mode}`);
      const { rest } = merchant;
      const invoice = await newInvoice(merchant, `HA-pay-${scenario}`);
      const payer = await visit({ javaScript });
      await payer.page.goto(invoice.hosted_page_url);
      await agree(payer);
      await payer.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
      await payer.ready();
      if (scenario === "late") await rest.post("/sandbox/clock", { advance: "PT21M" });
      await rest.post("/sandbox/deposits", { invoice: invoice.id, amount: SCENARIOS[scenario].pays });
      if (scenario === "under") {
        if (!javaScript) await payer.page.reload();
        await payer.page.getByText("60.000000 USDT arrived. Send 41.102104 USDT more").waitFor();
        await payer.ready();
        await payer.look(name("pay-partial"));
        await rest.post("/sandbox/clock", { advance: "PT21M" });
      }
      const { refund } = await refundOf(rest, invoice);
      // With scripts the open page follows by itself.
      if (!javaScript) await payer.page.reload();
      await heading(payer, title);
      await payer.page.getByRole("link", { name: "Claim refund now" }).waitFor();
      await payer.ready();
      await payer.look(name(`pay-${scenario}`));
      const other = await visit({ javaScript });
      await other.page.goto(invoice.hosted_page_url);
      await heading(other, title);
      assert.equal(await other.page.getByRole("link", { name: "Claim refund now" }).count(), 0, "the page is everybody's, the refund is not");
      await payer.page.getByRole("link", { name: "Claim refund now" }).click();
      await payer.page.waitForURL(refund.claim_url);
      payer.calm();
      other.calm();
    });
  }

  test(`a receipt is downloaded, checked, and found out when it was changed, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, `receipt ${mode}`);
    const { refund } = await payWrongly(merchant, "over", "HA-receipt");
    const payer = await visit({ javaScript });
    await claim(payer, refund.claim_url, TRON_ADDRESS);
    const paid = await payOut(merchant.rest, refund);
    await payer.page.goto(refund.claim_url);
    await heading(payer, "Your refund has arrived");
    await payer.ready();
    const downloading = payer.page.waitForEvent("download");
    await payer.page.getByRole("link", { name: "Download the receipt" }).click();
    const json = await readFile(await (await downloading).path(), "utf8");
    assert.equal(JSON.parse(json).receipt.txid, paid.txid);
    const { key } = await (await fetch(`${sandbox.server.url}/receipt/key`)).json();
    assert.equal(JSON.parse(json).key, key);

    const other = await visit({ javaScript });
    assert.equal((await fetch(`${refund.claim_url}/receipt`)).status, 404, "another browser gets no receipt");
    await other.goto("/receipt");
    await other.ready();
    await other.look(name("receipt"));
    const check = async (content, answer) => {
      await other.page.locator("#receipt").fill(content);
      await other.page.getByRole("button", { name: "Check the receipt" }).click();
      await heading(other, answer);
      await other.ready();
    };
    other.expectConsole(/status of 422/);
    await check(json, "This receipt is genuine");
    await other.look(name("receipt-genuine"));
    await check(json.replace("47.647896", "147.647896"), "This receipt is not genuine");
    await other.look(name("receipt-forged"));
    await check("hello", "This is not a receipt");
    payer.calm();
  });

  test(`who came to cancel can think better of it, ${mode}`, async () => {
    const merchant = await newMid(sandbox.server, `keep ${mode}`);
    const { refund } = await payWrongly(merchant, "over", "HA-keep");
    const payer = await visit({ javaScript });
    await claim(payer, refund.claim_url, TRON_ADDRESS);
    await payer.page.getByRole("link", { name: "Cancel this refund" }).click();
    await heading(payer, "Cancel this refund?");
    await payer.ready();
    await payer.page.getByRole("link", { name: "Keep the refund" }).click();
    await heading(payer, "Your refund stays as it is");
    await payer.ready();
    if (javaScript) await payer.look("cancel-kept");
    assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "scheduled");
    payer.calm();
  });
}

test("CP-11: who did not request the refund takes the link away from whoever did", async () => {
  const merchant = await newMid(sandbox.server, "thief");
  const { refund } = await payWrongly(merchant, "over", "HA-thief");
  const thief = await visit();
  await claim(thief, refund.claim_url, TRON_ADDRESS);
  await thief.page.getByRole("link", { name: "Cancel this refund" }).click();
  await heading(thief, "Cancel this refund?");
  await thief.ready();
  await thief.page.getByLabel("I did not request this refund").check();
  await thief.page.getByRole("button", { name: "Cancel the refund" }).click();
  await heading(thief, "You cancelled this refund");
  assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).cancel.reason, "not_requested");
  thief.expectConsole(/status of 404/);
  await thief.page.goto(refund.claim_url);
  await heading(thief, "We cannot find this refund");
  thief.calm();
});

test("a refund is claimed and cancelled by keyboard alone, and where the keyboard is can be seen", async () => {
  const merchant = await newMid(sandbox.server, "keyboard");
  const { refund } = await payWrongly(merchant, "over", "HA-keyboard");
  const payer = await visit();
  const { keyboard } = payer.page;
  /** Goes on with the tab key until something is reached; each stop on the way shows that it is the one. */
  const reach = async (locator) => {
    for (let stops = 0; stops < 25; stops += 1) {
      await keyboard.press("Tab");
      const mark = await payer.page.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
        return { is: document.activeElement.outerHTML.slice(0, 80), seen: (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" };
      });
      assert.ok(mark.seen, `nothing marks ${mark.is}`);
      if (await locator.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail("never reached by the tab key");
  };
  await payer.page.goto(refund.claim_url);
  await payer.ready();
  await reach(payer.page.locator("#address"));
  await keyboard.type(TRON_ADDRESS);
  await payer.page.locator("#address-msg").getByText("Valid Tron address").waitFor();
  await reach(payer.page.locator("#consent"));
  await keyboard.press("Space");
  await reach(payer.page.getByRole("button", { name: "Review refund" }));
  await keyboard.press("Enter");
  await heading(payer, "Check before you confirm");
  await payer.ready();
  await reach(payer.page.locator("#checked"));
  await keyboard.press("Space");
  await reach(payer.page.getByRole("button", { name: /^Confirm refund of/ }));
  await keyboard.press("Enter");
  await heading(payer, /^Your refund leaves on/);
  await payer.ready();
  await reach(payer.page.getByRole("link", { name: "Cancel this refund" }));
  await keyboard.press("Enter");
  await heading(payer, "Cancel this refund?");
  await payer.ready();
  await reach(payer.page.getByRole("radio").first());
  await keyboard.press("Space");
  await reach(payer.page.getByRole("button", { name: "Cancel the refund" }));
  await keyboard.press("Enter");
  await heading(payer, "You cancelled this refund");
  assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).cancel.reason, "wrong_address");
  payer.calm();
});

test("a due refund that somebody looks at says so, and offers no cancelling that would be too late", async () => {
  const merchant = await newMid(sandbox.server, "checked");
  const { refund } = await payWrongly(merchant, "over", "HA-checked");
  const payer = await visit();
  await claim(payer, refund.claim_url, TRON_ADDRESS);
  const link = await payer.page.getByRole("link", { name: "Cancel this refund" }).evaluate((link) => link.href);
  await untilMailed(merchant.rest, refund);
  await merchant.rest.post(`/refunds/${refund.id}/hold`, {});
  await merchant.rest.post("/sandbox/clock", { advance: "PT73H" });
  await payer.page.goto(refund.claim_url);
  await heading(payer, "Halden Audio is checking your refund");
  await payer.ready();
  await payer.look("claim-checked");
  assert.equal(await payer.page.getByRole("link", { name: "Cancel this refund" }).count(), 0);
  await payer.page.goto(link);
  await payer.page.getByText("The time to cancel it is over.").waitFor();
  await payer.ready();
  await payer.look("cancel-checked");
  const other = await visit();
  await other.page.goto(refund.claim_url);
  await heading(other, "This refund has already been claimed");
  await other.page.getByText("You do not need to do anything.").waitFor();
  await other.ready();
  await other.look("claim-checked-others");
  other.calm();
  payer.calm();
});

test("a merchant's name, colour and logo are on its payers' pages", async () => {
  const merchant = await newMid(sandbox.server, "brand");
  const { rest, mid } = merchant;
  await assert.rejects(rest.put(`/mids/${mid}/brand`, { colour: "#ffd400" }), /hard to read/);
  await rest.put(`/mids/${mid}/brand`, { name: "Halden & Daughters", colour: "#7a1fa2", logo: LOGO });
  const { refund, invoice } = await payWrongly(merchant, "over", "HA-brand");
  const payer = await visit();
  await payer.page.goto(refund.claim_url);
  await payer.page.getByText("Halden & Daughters").first().waitFor();
  await payer.ready();
  const colour = await payer.page.getByRole("button", { name: "Review refund" }).evaluate((button) => getComputedStyle(button).backgroundColor);
  assert.equal(colour, "rgb(122, 31, 162)");
  assert.ok(await payer.page.locator("img.logo").evaluate((image) => image.complete && image.naturalWidth > 0), "the logo is shown");
  await payer.look("claim-brand");
  await payer.page.goto(invoice.hosted_page_url);
  await payer.page.getByText("Halden & Daughters").first().waitFor();
  assert.ok((await text(payer)).includes("Paid. You sent a little extra"));
  payer.calm();
});

test("who is offline is told so by every form and every page that follows something, and goes on once they are back", async () => {
  const merchant = await newMid(sandbox.server, "offline");
  const payer = await visit();
  payer.expectConsole(/ERR_INTERNET_DISCONNECTED/);
  /** Sends a form without a connection, then with one. */
  const offline = async (button, words) => {
    await payer.ready();
    await payer.context.setOffline(true);
    await payer.page.getByRole("button", { name: button }).click();
    await payer.page.getByRole("alert").getByText(words).waitFor();
    assert.equal(await payer.page.getByRole("button", { name: button }).getAttribute("aria-disabled"), null, "it can be tried again");
    await payer.context.setOffline(false);
    await payer.page.getByRole("button", { name: button }).click();
  };
  const invoice = await newInvoice(merchant, "HA-offline");
  await payer.page.goto(invoice.hosted_page_url);
  await payer.page.locator("#email").fill(EMAIL);
  await payer.page.locator("#consent").check();
  await offline("Continue to payment", "You are offline. Nothing was sent. Try again.");
  await payer.page.getByText("Send only USDT on Tron (TRC20).").waitFor();
  const stale = payer.page.getByText(/^You are offline\. What you see is from \d\d:\d\d UTC\.$/);
  await payer.ready();
  await payer.context.setOffline(true);
  await stale.waitFor();
  await payer.look("pay-offline");
  await payer.context.setOffline(false);
  await stale.waitFor({ state: "hidden" });
  await merchant.rest.post("/sandbox/deposits", { invoice: invoice.id, amount: "150.000000" });
  await heading(payer, "Paid. You sent a little extra");
  const { refund } = await refundOf(merchant.rest, invoice);
  await payer.page.goto(refund.claim_url);
  await payer.page.locator("#address").fill(TRON_ADDRESS);
  await offline("Review refund", "You are offline. Nothing was sent. Try again.");
  await heading(payer, "Check before you confirm");
  await payer.page.locator("#checked").check();
  await offline(/^Confirm refund of/, "You are offline. Nothing was confirmed. Try again.");
  await heading(payer, /^Your refund leaves on/);
  await payer.ready();
  await payer.page.getByRole("link", { name: "Cancel this refund" }).click();
  await heading(payer, "Cancel this refund?");
  await payer.page.getByRole("radio").first().check();
  await offline("Cancel the refund", "You are offline. Nothing was sent. Try again.");
  await heading(payer, "You cancelled this refund");
});

test("a QR code of the payer's address fills the field and the tag, and one of another network is told", async () => {
  const merchant = await newMid(sandbox.server, "scan");
  const { refund } = await payWrongly(merchant, "over", "HA-scan");
  const payer = await visit();
  // A camera that sees what the test holds before it: Chromium on Linux reads no codes by itself.
  await payer.page.addInitScript(() => {
    window.BarcodeDetector = class {
      detect = async () => [{ rawValue: window.held }];
    };
    const canvas = () => Object.assign(document.createElement("canvas"), { width: 2, height: 2 });
    navigator.mediaDevices.getUserMedia = async () => {
      if (window.held === undefined) throw new DOMException("no", "NotAllowedError");
      const screen = canvas();
      const pen = screen.getContext("2d");
      setInterval(() => pen.fillRect(0, 0, 2, 2), 50);
      return screen.captureStream(10);
    };
  });
  await payer.page.goto(refund.claim_url);
  await payer.ready();
  const scan = payer.page.getByRole("button", { name: "Scan QR" });
  await scan.click();
  await payer.page.getByText("Allow the camera to scan, or paste the address.").waitFor();
  const hold = (code) => payer.page.evaluate((code) => (window.held = code), code);
  await hold(`tron:${TRON_ADDRESS}?amount=5`);
  await scan.click();
  await payer.page.locator("#address-msg").getByText("Valid Tron address").waitFor();
  assert.equal(await payer.page.locator("#address").inputValue(), TRON_ADDRESS);
  await hold("bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4?amount=0.1");
  await scan.click();
  await payer.page.locator("#address-msg").getByText("The QR code is for Bitcoin. This refund is USDT on Tron.").waitFor();
  await payer.look("claim-open-scanned");
  const exchange = await payWrongly(merchant, "over", "HA-scan-tag", { asset: "XRP-XRPL", rate: "2.00", pays: "75.5" });
  await payer.page.goto(exchange.refund.claim_url);
  await payer.ready();
  await hold("ripple:rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh?amount=1&dt=12345");
  await scan.click();
  await payer.page.locator("#address-msg").getByText("Valid XRP Ledger address").waitFor();
  assert.deepEqual(await payer.page.locator("#address, #tag").evaluateAll((fields) => fields.map(({ value }) => value)), ["rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "12345"]);
  payer.calm();
});

test("the payment and cancel pages speak the payer's language: by link, by browser, and as chosen before", async () => {
  const merchant = await newMid(sandbox.server, "languages");
  const invoice = await newInvoice(merchant, "HA-languages");
  const german = await visit({ context: { locale: "de-DE" } });
  await german.page.goto(invoice.hosted_page_url);
  await german.page.getByRole("button", { name: "Weiter zur Zahlung" }).waitFor();
  german.expectConsole(/status of 422/);
  await german.ready();
  await german.page.getByRole("button", { name: "Weiter zur Zahlung" }).click();
  await german.page.getByRole("alert").getByText("Geben Sie eine E-Mail-Adresse ein").waitFor();
  assert.match(await german.page.title(), /^Fehler: /);
  await german.ready();
  // A form that is shown again stands where it was sent to; another language leads to its page.
  await german.page.locator(".languages summary").click();
  await german.page.getByRole("link", { name: "Español" }).click();
  await german.page.getByRole("button", { name: "Continuar al pago" }).waitFor();
  assert.equal(new URL(german.page.url()).pathname, new URL(invoice.hosted_page_url).pathname);
  await german.page.goto(`${invoice.hosted_page_url}?lang=de`);
  await german.ready();
  await german.page.locator("#email").fill(EMAIL);
  await german.page.locator("#consent").check();
  await german.page.getByRole("button", { name: "Weiter zur Zahlung" }).click();
  await german.page.getByText("Senden Sie nur USDT auf Tron (TRC20).").waitFor();

  const reader = await visit();
  const pay = { en: "Send only", es: "Envíe solo", de: "Senden Sie nur", fr: "Envoyez uniquement", ar: "أرسل" };
  for (const [language, words] of Object.entries(pay)) {
    await reader.page.goto(`${invoice.hosted_page_url}?lang=${language}`);
    await reader.page.getByText(words).first().waitFor();
    await reader.ready();
    const root = await reader.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
    assert.deepEqual(root, [language, language === "ar" ? "rtl" : ""]);
    await reader.look(`pay-screen-${language}`);
  }
  await reader.page.goto(invoice.hosted_page_url);
  await reader.page.getByText(pay.ar).first().waitFor();
  const large = await newInvoice(merchant, "HA-large", { amount: "1234567.00" });
  for (const [language, amount] of Object.entries({ en: "1,234,567.00 USD", de: "1.234.567,00 USD", fr: "1\u202f234\u202f567,00 USD" })) {
    await reader.page.goto(`${large.hosted_page_url}?lang=${language}`);
    await reader.page.getByText(amount.split(/[.,]00/)[0]).first().waitFor();
    assert.ok((await text(reader)).replace(/\n/g, "").includes(amount), `amounts are written as ${language} readers do`);
  }

  const { refund } = await payWrongly(merchant, "over", "HA-languages-2");
  await claim(reader, `${refund.claim_url}?lang=en`, TRON_ADDRESS);
  const link = await reader.page.getByRole("link", { name: "Cancel this refund" }).evaluate((link) => link.href);
  const cancel = { es: "¿Cancelar este reembolso?", de: "Diese Erstattung abbrechen?", fr: "Annuler ce remboursement ?", ar: "هل تريد إلغاء هذا المبلغ المسترد؟" };
  for (const [language, words] of Object.entries(cancel)) {
    await reader.page.goto(`${link}?lang=${language}`);
    await heading(reader, words);
    await reader.ready();
    await reader.look(`cancel-${language}`);
  }
  await reader.page.getByRole("radio").first().check();
  await reader.page.locator("form button").click();
  await heading(reader, "لقد ألغيت هذا المبلغ المسترد");
  await reader.ready();
  await reader.look("claim-canceled-ar");
  reader.calm();
});

/** The claim page in each language: its heading, what is said of a Bitcoin address, the button to the review, and the review's heading. */
const CLAIM = {
  en: ["Your refund from Halden Audio", "This is a Bitcoin address.", "Review refund", "Check before you confirm"],
  es: ["Su reembolso de Halden Audio", "Esta es una dirección de Bitcoin.", "Revisar el reembolso", "Compruebe antes de confirmar"],
  de: ["Ihre Erstattung von Halden Audio", "Das ist eine Bitcoin-Adresse.", "Erstattung prüfen", "Prüfen Sie, bevor Sie bestätigen"],
  fr: ["Votre remboursement de Halden Audio", "C’est une adresse Bitcoin.", "Vérifier le remboursement", "Vérifiez avant de confirmer"],
  ar: ["المبلغ المسترد من Halden Audio", "هذا عنوان Bitcoin.", "مراجعة المبلغ المسترد", "تحقق قبل التأكيد"],
};
const BITCOIN_ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";

/** What a page says, without the marks that keep Latin letters in their place in Arabic. */
const plainly = async (visitor) => (await text(visitor)).replace(/[\u2066-\u2069]/g, "");

test("the claim page speaks the payer's language, its field in the browser too", async () => {
  const merchant = await newMid(sandbox.server, "claim languages");
  const { refund } = await payWrongly(merchant, "over", "HA-claim-languages");
  const reader = await visit();
  reader.expectConsole(/status of 422/);
  for (const [language, [title, wrong, button, review]] of Object.entries(CLAIM)) {
    await reader.page.goto(`${refund.claim_url}?lang=${language}`);
    await reader.ready();
    assert.ok((await plainly(reader)).includes(title), await plainly(reader));
    await reader.look(`claim-open-${language}`);
    await reader.page.locator("#address").fill(BITCOIN_ADDRESS);
    await reader.page.locator("#address-msg .err").waitFor();
    assert.ok((await plainly(reader)).includes(wrong), await plainly(reader));
    // The server says the same.
    await reader.page.locator("form button.primary").click();
    await reader.page.getByRole("alert").waitFor();
    await reader.ready();
    assert.ok((await reader.page.locator("#address-msg").innerText()).replace(/[\u2066-\u2069]/g, "").includes(wrong));
    await reader.look(`claim-invalid-${language}`);
    await reader.page.locator("#address").fill(TRON_ADDRESS);
    await reader.page.locator("#consent").check();
    if (await reader.page.locator("#email").count()) await reader.page.locator("#email").fill(EMAIL);
    await reader.page.getByRole("button", { name: button }).click();
    await heading(reader, review);
    await reader.ready();
    await reader.look(`claim-review-${language}`);
  }
  // The last was Arabic: it is confirmed in it, and remembered for whoever opens the link in another browser.
  await reader.page.locator("#checked").check();
  await reader.page.locator("form button.primary").click();
  await reader.page.getByText("مهلة الأمان").first().waitFor();
  await reader.ready();
  await reader.look("claim-scheduled-ar");
  const other = await visit();
  await other.page.goto(refund.claim_url);
  await heading(other, "سبق طلب هذا المبلغ المسترد");
  await other.ready();
  await other.look("claim-claimed-ar");
  reader.calm();
  other.calm();
});

test("a payer of whom nothing is known is spoken to as the invoice says, else as their browser, else as the MID", async () => {
  const merchant = await newMid(sandbox.server, "known languages");
  const { rest, mid } = merchant;
  await rest.put(`/mids/${mid}/writing`, { language: "fr" });
  const asked = { mid, amount: "100.00", currency: "USD", asset: "USDT-TRON", rate: "0.9890991" };
  const invoice = await rest.post("/invoices", { ...asked, reference: "HA-known", language: "de" });
  const silent = await rest.post("/invoices", { ...asked, reference: "HA-unknown" });
  const speaks = async (url, acceptLanguage) => {
    const headers = acceptLanguage ? { "accept-language": acceptLanguage } : { "accept-language": "nl" };
    return /<html lang="?(\w+)/.exec(await (await fetch(url, { headers })).text())[1];
  };
  assert.equal(await speaks(invoice.hosted_page_url, "es"), "de", "the merchant knows better than the browser");
  assert.equal(await speaks(`${invoice.hosted_page_url}?lang=ar`, "es"), "ar");
  assert.equal(await speaks(silent.hosted_page_url, "es"), "es");
  assert.equal(await speaks(silent.hosted_page_url), "fr", "nobody asked for a language of ours");
  await assert.rejects(rest.post("/invoices", { ...asked, reference: "HA-nl", language: "nl" }), /language/);
  assert.equal(await speaks(`${sandbox.server.url}/claim/x`, "de"), "de", "what failed is said in it too");
});

test("a developer without a mail server reads what the payer is told, and acts by its links", async () => {
  const email = "developer@example.com";
  const merchant = await merchantWith(sandbox.server, email, "manager", "Mailbox");
  const { invoice, refund } = await payWrongly(merchant, "over", "HA-mailbox");
  const staff = await visit({ javaScript: false, width: "d" });
  const path = `/invoices/${invoice.id}`;
  await staff.goto(path);
  await signIn(staff, email);
  await arriveAt(staff, path, "Invoice HA-mailbox");
  await staff.page.getByRole("link", { name: "Show the mails" }).click();
  await arriveAt(staff, `${path}/mails`, "Mails of invoice HA-mailbox");
  const mail = staff.page.getByRole("heading", { name: "48.897896 USDT to claim from Mailbox" });
  await mail.waitFor();
  assert.match(await text(staff), /no e-mail address is known/);
  await staff.look("invoice-mails");
  const link = await staff.page.getByRole("link", { name: "Open its link" }).getAttribute("href");
  assert.equal(link, refund.claim_url);
  // Nobody else's staff learns of them.
  await merchantWith(sandbox.server, "other@example.com", "owner", "Somebody else");
  const other = await visit({ javaScript: false, width: "d" });
  other.expectConsole(/status of 404/);
  await other.goto(`${path}/mails`);
  await signIn(other, "other@example.com");
  await heading(other, "We cannot find this page");
});

test("payer pages come whole and compressed; what could be guessed by their size is not in them (BREACH)", async () => {
  const merchant = await newMid(sandbox.server, "compressed");
  const { invoice, refund } = await payWrongly(merchant, "over", "HA-compressed");
  const ask = (url) => fetch(url, { headers: { "accept-encoding": "br" } });
  for (const url of [refund.claim_url, invoice.hosted_page_url]) {
    const page = await ask(`${url}?guess=${TRON_ADDRESS}&lang=${TRON_ADDRESS}&keep=${TRON_ADDRESS}&mailed=${TRON_ADDRESS}`);
    assert.deepEqual([page.status, page.headers.get("content-encoding")], [200, "br"]);
    const html = await page.text();
    assert.ok(!html.includes(TRON_ADDRESS), "nothing of a query is shown");
    assert.ok(/<style nonce=/.test(html) && !/rel="?stylesheet/.test(html), "the first paint waits for nothing else");
  }
  assert.equal((await ask(`${sandbox.server.url}/sign-in`)).headers.get("content-encoding"), null);
});

// Pages for what goes wrong, with JavaScript on and off: links that open nothing, forms that are not filled in, secrets that were
// typed by mistake. Nothing changes, and the page says what to do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, launch, openPage } from "./lib/browser.mjs";
import { TRON_ADDRESS, TRON_MISTYPED, claimByForm, heading, newMid, payWrongly, review, text } from "./lib/journey.mjs";
import { startServer } from "./lib/server.mjs";
import { CLAIM_PAGE_BYTES_MAX, firstLoad } from "./lib/sizes.mjs";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const UNKNOWN_TOKEN = "8K5PcHg4wq52LbGa6X6jRPPs2xfAxiRKY3sCwUPpr9G5";

let server, browser, merchant;

before(async () => {
  server = await startServer({ env: { REFUNDRY_SANDBOX: "true" } });
  browser = await launch();
  merchant = await newMid(server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens a page, hands it over and closes it; it must have been silent but for the error statuses themselves. */
async function visiting(options, action) {
  const visitor = await openPage(browser, { origin: server.url, ...options });
  visitor.expectConsole(/status of (404|422)/);
  try {
    await action(visitor);
    visitor.calm();
  } finally {
    await visitor.close();
  }
}

for (const javaScript of [true, false]) {
  const mode = javaScript ? "with JavaScript" : "without JavaScript";

  test(`links that open nothing say so, all in the same words, ${mode}`, async () => {
    const { refund } = await payWrongly(merchant, "over", `HA-open-${javaScript}`);
    const claimToken = refund.claim_url.split("/").pop();
    await visiting({ javaScript }, async (payer) => {
      const pages = new Set();
      // Unknown, malformed, and the token of one link in the other.
      for (const path of [`/claim/${UNKNOWN_TOKEN}`, "/claim/x", `/cancel/${UNKNOWN_TOKEN}`, `/cancel/${claimToken}`]) {
        assert.equal((await payer.goto(path)).status(), 404, path);
        await heading(payer, "We cannot find this refund");
        pages.add(await text(payer));
      }
      assert.equal(pages.size, 1);
      await payer.ready();
      await payer.look(javaScript ? "claim-unknown" : "claim-unknown-plain");
    });
  });

  test(`an unfinished claim form comes back with every mistake beside its field, ${mode}`, async () => {
    const { refund } = await payWrongly(merchant, "over", `HA-empty-${javaScript}`);
    await visiting({ javaScript }, async (payer) => {
      await payer.page.goto(refund.claim_url);
      await payer.ready();
      await payer.page.getByRole("button", { name: "Review refund" }).click();
      const summary = payer.page.getByRole("alert");
      await summary.getByText("Enter the address to send the refund to").waitFor();
      await summary.getByText("Agree to the privacy policy to continue").waitFor();
      await payer.ready();
      await payer.look(javaScript ? "claim-empty" : "claim-empty-plain");
      await summary.getByRole("link", { name: "Enter the address to send the refund to" }).click();
      assert.equal(await payer.page.evaluate(() => document.activeElement.id), "address", "a link in the summary leads to its field");
    });
    assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "awaiting_claim");
  });

  test(`addresses of another network, of ours, and no address at all are refused, ${mode}`, async () => {
    const { refund, invoice } = await payWrongly(merchant, "over", `HA-wrong-${javaScript}`);
    const refusals = [
      ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "This is a Bitcoin address"],
      ["0x52908400098527886E0F7030069857D2E4169EE7", /^This is an? .*address/],
      [TRON_ADDRESS.slice(0, -1), "Tron addresses have 34 characters"],
      [invoice.address, "This is the address you paid to"],
      ["send it to Bob", "This does not look like a wallet address"],
    ];
    await visiting({ javaScript }, async (payer) => {
      for (const [address, words] of refusals) {
        await payer.page.goto(refund.claim_url);
        await review(payer, address);
        if (address === invoice.address) {
          await payer.ready();
          await payer.page.locator("#checked").check();
          await payer.page.getByRole("button", { name: /^Confirm refund of/ }).click();
        }
        await payer.page.getByRole("alert").getByText(words).waitFor();
        await payer.ready();
      }
    });
    assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).state, "awaiting_claim");
  });
}

test("unknown, malformed, replaced and revoked links are answered alike, byte for byte, whatever is asked of them", async () => {
  const { rest } = merchant;
  const withLinks = async (reference) => {
    const { refund } = await payWrongly(merchant, "over", reference);
    const confirmed = await claimByForm(server.url, refund.claim_url, TRON_ADDRESS);
    assert.equal(confirmed.status, 200);
    const [, cancel] = /\/cancel\/(\w+)/.exec(await (await fetch(refund.claim_url, { headers: { cookie: confirmed.cookie } })).text());
    return { refund, claim: refund.claim_url.split("/").pop(), cancel };
  };
  const replaced = await withLinks("HA-replaced");
  await rest.post(`/refunds/${replaced.refund.id}/cancel`, { reason: "other" });
  await rest.post(`/refunds/${replaced.refund.id}/reissue`);
  const revoked = await withLinks("HA-revoked");
  await post("/fn/cancel_claim", { token: revoked.cancel, reason: "not_requested" });
  assert.equal((await rest.get(`/refunds/${revoked.refund.id}`)).cancel.reason, "not_requested");

  const page = { accept: "text/html" };
  const asked = {
    "its page": (token) => fetch(`${server.url}/claim/${token}`, { headers: page }),
    "its head": (token) => fetch(`${server.url}/claim/${token}`, { method: "HEAD", headers: page }),
    "its review": (token) => post(`/claim/${token}`, { address: TRON_ADDRESS, consent: "1" }),
    "its confirmation": (token) => post("/fn/confirm_claim", { token, address: TRON_ADDRESS, consent: "1", checked: "on" }),
    "its confirmation by a program": (token) => post("/fn/confirm_claim", { token, address: TRON_ADDRESS, consent: "1", checked: "on" }, "*/*"),
    "its cancel link again": (token) => post("/fn/email_cancel_link", { token }),
    "its receipt": (token) => fetch(`${server.url}/claim/${token}/receipt`, { headers: page }),
    "its news": (token) => fetch(`${server.url}/claim/${token}/live`),
  };
  /** All that comes back, without what is every answer's own: nonces, the time, and the token that was asked for. */
  const answerTo = async (ask, token) => {
    const response = await ask(token);
    const own = (text) => text.replaceAll(/nonce[-=]"?[\w+/=-]+/g, "").replaceAll(token, "");
    const headers = [...response.headers].filter(([name]) => !["date", "x-request-id", "content-length"].includes(name));
    return [response.status, headers.map(([name, value]) => [name, own(value)]), own(await response.text())];
  };
  for (const [what, ask] of Object.entries(asked)) {
    const unknown = await answerTo(ask, UNKNOWN_TOKEN);
    assert.equal(unknown[0], 404, what);
    for (const token of ["x".repeat(44), replaced.claim, revoked.claim, revoked.cancel]) assert.deepEqual(await answerTo(ask, token), unknown, `${what}: ${token}`);
  }
  const cancels = {
    page: (token) => fetch(`${server.url}/cancel/${token}`, { headers: page }),
    form: (token) => post("/fn/cancel_claim", { token, reason: "other" }),
  };
  for (const [what, ask] of Object.entries(cancels)) {
    const unknown = await answerTo(ask, UNKNOWN_TOKEN);
    assert.equal(unknown[0], 404, what);
    for (const token of ["x".repeat(44), replaced.claim]) assert.deepEqual(await answerTo(ask, token), unknown, `cancel ${what}: ${token}`);
  }
});

/** Sends a form as a browser does. */
function post(path, fields, accept = "text/html") {
  return fetch(server.url + path, { method: "POST", headers: { origin: server.url, accept }, body: new URLSearchParams(fields), redirect: "manual" });
}

test("who tries many links waits, with a page that says so, and nobody else does", async () => {
  const guarded = await startServer({ env: { REFUNDRY_SANDBOX: "true", REFUNDRY_CLIENT_ADDRESS_HEADER: "x-forwarded-for" } });
  try {
    const { refund } = await payWrongly(await newMid(guarded), "over", "HA-tries");
    const open = (path, address = "203.0.113.7") => fetch(new URL(path, guarded.url), { headers: { accept: "text/html", "x-forwarded-for": address } });
    for (let tries = 0; tries < 20; tries += 1) assert.equal((await open(`/claim/${UNKNOWN_TOKEN}`)).status, 404);
    for (const path of [`/claim/${UNKNOWN_TOKEN}`, refund.claim_url, `/cancel/${UNKNOWN_TOKEN}`]) {
      const answer = await open(path);
      assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "900"], path);
      assert.match(await answer.text(), /Too many attempts.+Wait 15 minutes, then open the link again\./s);
    }
    const form = new URLSearchParams({ token: UNKNOWN_TOKEN });
    const headers = { origin: guarded.url, "x-forwarded-for": "203.0.113.7" };
    for (const name of ["confirm_claim", "cancel_claim", "email_cancel_link"]) {
      assert.equal((await fetch(`${guarded.url}/fn/${name}`, { method: "POST", headers, body: form })).status, 429, name);
    }
    assert.equal((await open(refund.claim_url, "203.0.113.8")).status, 200);
  } finally {
    await guarded.stop();
  }
});

test("a recovery phrase is cleared while it is typed and never sent", async () => {
  const { refund } = await payWrongly(merchant, "over", "HA-phrase");
  await visiting({}, async (payer) => {
    const sent = [];
    payer.page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
    await payer.page.goto(refund.claim_url);
    await payer.ready();
    await payer.page.locator("#address").fill(PHRASE);
    await payer.page.locator("#address-msg").getByText("That looks like a recovery phrase.").waitFor();
    assert.equal(await payer.page.locator("#address").inputValue(), "");
    await payer.look("claim-phrase");
    assert.ok(!sent.some((request) => /winner/.test(request)), "the phrase left the browser");
  });
});

test("what was typed before a slow network brought the scripts is judged once they are there", async () => {
  const { refund } = await payWrongly(merchant, "over", "HA-early");
  for (const [typed, said, kept] of [
    [PHRASE, "That looks like a recovery phrase.", ""],
    [TRON_MISTYPED, "This address has a typing mistake.", TRON_MISTYPED],
  ]) {
    await visiting({}, async (payer) => {
      let arrive;
      const arrived = new Promise((resolve) => (arrive = resolve));
      await payer.page.route("**/*.wasm", (route) => arrived.then(() => route.continue()));
      await payer.page.goto(refund.claim_url);
      await payer.page.locator("#address").fill(typed);
      assert.equal(await payer.page.locator("html[data-ready]").count(), 0);
      arrive();
      await payer.page.locator("#address-msg").getByText(said).waitFor();
      assert.equal(await payer.page.locator("#address").inputValue(), kept);
    });
  }
});

test("a recovery phrase that was sent without JavaScript does not come back in the page", async () => {
  const { refund } = await payWrongly(merchant, "over", "HA-phrase-plain");
  await visiting({ javaScript: false }, async (payer) => {
    await payer.page.goto(refund.claim_url);
    await review(payer, PHRASE);
    await payer.page.getByRole("alert").getByText("That looks like a recovery phrase").waitFor();
    assert.ok(!(await payer.page.content()).includes("winner"));
    assert.ok(!payer.page.url().includes("winner"));
  });
  assert.ok(!server.output().includes("winner"), "the log has the phrase");
});

test("a claimed link tells programs where the refund goes, masked, and changes nothing", async () => {
  const { refund } = await payWrongly(merchant, "over", "HA-twice");
  assert.equal((await claimByForm(server.url, refund.claim_url, TRON_ADDRESS)).status, 200);
  const again = await claimByForm(server.url, refund.claim_url, "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW");
  const masked = `${TRON_ADDRESS.slice(0, 6)}…${TRON_ADDRESS.slice(-6)}`;
  assert.deepEqual([again.status, again.answer.code, again.answer.destination], [409, "conflict", masked]);
  assert.equal((await merchant.rest.get(`/refunds/${refund.id}`)).destination.address, TRON_ADDRESS);
});

test("a form from another site, or one that is too large, is refused with a page", async () => {
  const send = (headers, body) => fetch(`${server.url}/fn/cancel_claim`, { method: "POST", headers: { accept: "text/html", ...headers }, body });
  const forged = await send({ origin: "https://evil.example" }, new URLSearchParams({ token: UNKNOWN_TOKEN, reason: "other" }));
  assert.equal(forged.status, 403);
  assert.match(await forged.text(), /came from another site/i);
  const large = await send({ origin: server.url }, new URLSearchParams({ token: "x".repeat(17 * 1024) }));
  assert.equal(large.status, 413);
  assert.match(large.headers.get("content-type"), /html/);
});

test("the claim page is light: its first load is within the limit", async () => {
  const { refund } = await payWrongly(merchant, "over", "HA-light");
  const { html, css } = await firstLoad(refund.claim_url);
  console.log(`claim page, first load: ${html} HTML + ${css} CSS bytes`);
  assert.ok(html > 0 && html + css <= CLAIM_PAGE_BYTES_MAX, `${html} + ${css} bytes are more than ${CLAIM_PAGE_BYTES_MAX}`);
});

test("pages that are always there, and one that is not", async () => {
  await visiting({}, async (visitor) => {
    const titles = {
      "/privacy": { en: "Privacy", es: "Privacidad", de: "Datenschutz", fr: "Confidentialité", ar: "الخصوصية" },
      "/help": { en: "Get help", es: "Ayuda", de: "Hilfe", fr: "Aide", ar: "المساعدة" },
      "/receipt": { en: "Check a receipt", es: "Comprobar un recibo", de: "Beleg prüfen", fr: "Vérifier un reçu", ar: "التحقق من إيصال" },
      "/nowhere": { en: "We cannot find this page" },
    };
    for (const [path, languages] of Object.entries(titles)) {
      for (const [language, title] of Object.entries(languages)) {
        await visitor.goto(`${path}?lang=${language}`);
        await heading(visitor, title);
        await visitor.ready();
        await visitor.look(`${path.slice(1)}-${language}`);
      }
    }
    await visitor.goto("/docs/api");
    await visitor.page.getByRole("heading", { level: 1 }).waitFor();
    await assertAccessible(visitor.page);
  });
});

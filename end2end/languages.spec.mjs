// The dashboard in the languages of its staff: every page says all of it, fits on every screen and is accessible; the language that was
// chosen stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertNoSidewaysScroll } from "./lib/browser.mjs";
import { TRON_ADDRESS, claimByForm, goodwill, heading, paidAndFailed, payWrongly } from "./lib/journey.mjs";
import { openSandbox } from "./lib/sandbox.mjs";
import { PASSWORD, arriveAt, merchantWith, signIn } from "./lib/staff.mjs";

const sandbox = openSandbox({ width: "d" });
const { visit } = sandbox;

/** What the navigation calls the refunds, and how the lines run. */
const LANGUAGES = { de: { refunds: "Erstattungen", direction: "ltr" }, ar: { refunds: "المبالغ المستردة", direction: "rtl" } };

/** What people wrote, mails to payers, names of things: the same in every language. */
const NAMES = ["EU store", "Halden Audio", "They called us", "Your refund was cancelled", "Standard Webhooks", "BTCPay Server", "XRP Ledger", "Languages EU"];

/** Every text of the page, shown or heard, and of the dialogs that lie in it. */
const said = (page) =>
  page.evaluate(() => {
    const found = new Set();
    const SPOKEN = ["aria-label", "placeholder", "title", "alt"];
    const read = (root) => {
      const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      while (nodes.nextNode()) {
        const node = nodes.currentNode;
        if (node.nodeType === Node.TEXT_NODE) {
          if (!node.parentElement?.closest("script, style, .mono, .addr, pre, code, .languages")) found.add(node.data);
        } else {
          if (node.localName === "template") read(node.content);
          // What scripts say later stands in attributes of data.
          for (const { name, value } of node.attributes) if (SPOKEN.includes(name) || (name.startsWith("data-") && value.includes(" "))) found.add(value);
        }
      }
    };
    read(document.documentElement);
    return [...found].map((text) => text.replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim());
  });

/** Two words after each other are a sentence, or a part of one. */
const isSentence = (text) => /\p{L}{2,} \p{L}{2,}/u.test(text) && !NAMES.some((name) => text.includes(name));

/** A shop of which every page has something to show, and who works there. */
async function busyShop() {
  const merchant = await merchantWith(sandbox.server, "languages@example.com", "owner", "Languages EU");
  const { rest, mid } = merchant;
  const endpoint = await rest.post("/webhook_endpoints", { url: sandbox.sink.url });
  await rest.post("/sources", { kind: "nowpayments", secret: "an-IPN-secret-key" });
  const { paid, failed } = await paidAndFailed(merchant, sandbox.server.url);
  const { refund: open } = await payWrongly(merchant, "late", "HA-open");
  const { invoice, refund: canceled } = await payWrongly(merchant, "over", "HA-canceled");
  await claimByForm(sandbox.server.url, canceled.claim_url, TRON_ADDRESS);
  await rest.post(`/refunds/${canceled.id}/cancel`, { reason: "not_requested", note: "They called us" });
  const { refund: scheduled } = await payWrongly(merchant, "over", "HA-scheduled");
  await claimByForm(sandbox.server.url, scheduled.claim_url, TRON_ADDRESS);
  await rest.put(`/mids/${mid}/policy`, { approval_above: { USD: "10" } });
  const own = await goodwill(merchant, "HA-own");
  const refunds = [paid, failed, open, canceled, scheduled, own].map(({ id }) => `/refunds/${id}`);
  return [
    "/", "/refunds", "/refunds?q=nothing+is+like+this", "/refunds/selected?action=retry&all=on", "/refunds/selected?action=cancel", ...refunds,
    "/refunds/new", `/refunds/new?invoice=${invoice.id}`, "/invoices", `/invoices/${invoice.id}`, `/invoices/${invoice.id}/mails`,
    "/policies", `/policies/${mid}`, `/policies/${mid}/USDT-TRON`,
    "/settings/webhooks", `/settings/webhooks/${endpoint.id}`, "/settings/sources", "/settings/keys", "/settings/team", "/settings/brand", "/settings/email", "/settings/security",
    "/nowhere",
  ];
}

const ADMIN = ["/", "/admin/mids", "/admin/mids?q=nothing+is+like+this", "/admin/health", "/admin/audit"];
const GATES = ["/sign-in?next=/refunds", "/reset", "/reset/unknown", "/invite/unknown"];

/** Looks at pages in English, then in each language, by a link on the first and by what is kept from then on. */
async function speaks(staff, paths, name) {
  const english = new Map();
  staff.expectConsole(/status of (404|422)/);
  for (const path of paths) {
    await staff.goto(path);
    await staff.ready();
    english.set(path, new Set(await said(staff.page)));
  }
  // All that is wrong is told at once: the walk is long.
  const wrong = [];
  for (const [language, { direction }] of Object.entries(LANGUAGES)) {
    await staff.goto(`${paths[0]}${paths[0].includes("?") ? "&" : "?"}lang=${language}`);
    for (const [index, path] of paths.entries()) {
      await staff.goto(path);
      await staff.ready();
      const root = await staff.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir || "ltr"]);
      assert.deepEqual(root, [language, direction], path);
      const same = (await said(staff.page)).filter((text) => isSentence(text) && english.get(path).has(text));
      wrong.push(...same.map((text) => `said in English only: ${text}`));
      for (const width of [1280, 390, 320]) {
        await staff.page.setViewportSize({ width, height: 800 });
        for (const check of [assertNoSidewaysScroll, assertAccessible]) await check(staff.page).catch(({ message }) => wrong.push(`${path} in ${language}: ${message}`));
        if (width > 320) await staff.screenshot(`${name}-${index}-${language}-${width}`);
      }
    }
  }
  await staff.page.setViewportSize({ width: 1280, height: 800 });
  assert.deepEqual([...new Set(wrong)], []);
  staff.calm();
}

test("every page of the dashboard speaks the language of who works there", { timeout: 30 * 60_000 }, async () => {
  const paths = await busyShop();
  const staff = await visit();
  await staff.goto("/");
  await signIn(staff, "languages@example.com");
  await heading(staff, "Overview");
  await speaks(staff, paths, "language-staff");

  // The script speaks it too.
  await staff.goto("/refunds?lang=de");
  await staff.ready();
  await staff.page.keyboard.press("?");
  await staff.page.getByRole("dialog", { name: "Tastenkürzel" }).waitFor();
  await staff.page.keyboard.press("Escape");
  await staff.page.keyboard.press("Control+k");
  await staff.page.getByRole("dialog", { name: "Überallhin springen" }).waitFor();
  await staff.page.keyboard.type("HA-open");
  await staff.page.getByRole("option", { name: /^Erstattung REFUND-/ }).waitFor();
  await staff.page.keyboard.press("Escape");
  await staff.page.getByRole("checkbox", { name: "Alle auf dieser Seite auswählen" }).check();
  await staff.page.getByText("6 ausgewählt").waitFor();
  assert.match(await staff.page.locator("[data-marks]").innerText(), /^\d+,\d{6} USDT$/);
  staff.calm();
});

test("the operator's pages and those in front of the dashboard speak it too", { timeout: 20 * 60_000 }, async () => {
  await sandbox.server.ask(["user", "add", "--email", "operator@example.com", "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
  const staff = await visit();
  await staff.goto("/");
  await signIn(staff, "operator@example.com");
  await heading(staff, "Overview");
  await speaks(staff, ADMIN, "language-admin");
  await speaks(await visit(), GATES, "language-gate");
});

test("a language is chosen on the page, without scripts, and stays", async () => {
  await merchantWith(sandbox.server, "chooses@example.com", "owner", "Chosen languages");
  const staff = await visit({ javaScript: false });
  const choose = async (name) => {
    await staff.page.locator(".languages > summary[aria-label]").click();
    await staff.page.getByRole("link", { name, exact: true }).click();
  };
  await staff.goto("/invoices?status=complete");
  await heading(staff, "Sign in to Refundry");
  await choose("Deutsch");
  await staff.page.waitForURL((url) => url.searchParams.get("next") === "/invoices?status=complete" && url.searchParams.get("lang") === "de");
  await choose("English");
  await signIn(staff, "chooses@example.com");
  await arriveAt(staff, "/invoices?status=complete", "Invoices");
  await staff.goto("/refunds?status=paid&q=a");
  await choose("Deutsch");
  await arriveAt(staff, "/refunds?status=paid&q=a&lang=de", "Erstattungen");
  await staff.page.getByRole("navigation", { name: "Hauptmenü" }).getByRole("link", { name: "Übersicht" }).click();
  await arriveAt(staff, "/", "Übersicht");
  await choose("العربية");
  await arriveAt(staff, "/?lang=ar", "نظرة عامة");
  await staff.goto("/refunds");
  await heading(staff, LANGUAGES.ar.refunds);
  staff.calm();
});

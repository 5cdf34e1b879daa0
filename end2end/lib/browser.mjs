// Chromium for the specs. Every page is watched: console errors, violations of the content security policy and requests to
// third parties are collected, and `calm()` fails when there was any.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const out = new URL("../out/", import.meta.url);
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const FLAGS = [
  "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // Chromium's sandbox refuses to run as root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** Widths of the design's pictures: s for the smallest phones, m for phones, d for desks. */
const WIDTHS = { s: 320, m: 390, d: 1280 };

/** Starts Chromium with an empty profile. `REFUNDRY_CHROMIUM` names another one than Debian's. `flags` are added. */
export function launch(flags = []) {
  return chromium.launch({ executablePath: process.env.REFUNDRY_CHROMIUM ?? "/usr/bin/chromium", args: [...FLAGS, ...flags] });
}

/**
 * Opens a page in a fresh profile. `origin` is the only one the page may talk to. `javaScript: false` switches scripts off,
 * `width` is "m" or "d", `dark` the colour scheme.
 */
export async function openPage(browser, { origin, javaScript = true, width = "m", dark = false, context: options = {} }) {
  const context = await browser.newContext({
    javaScriptEnabled: javaScript,
    viewport: { width: WIDTHS[width], height: 800 },
    deviceScaleFactor: width === "m" ? 2 : 1,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  // A page that follows a refund may load itself again at the very moment a test leaves it, which ends the test's own navigation.
  const goto = page.goto.bind(page);
  const again = (url, tries) =>
    goto(url).catch(async (error) => {
      if (tries === 0 || !/ERR_ABORTED|interrupted by another navigation/.test(error.message)) throw error;
      // The page's own way ends first: breaking it off, the next try would leave while the old page still hears news.
      await page.waitForLoadState().catch(() => {});
      return again(url, tries - 1);
    });
  page.goto = (url) => again(url, 5);
  const complaints = [];
  const expected = [];
  let suffix = `${width}${dark ? "-dark" : ""}`;
  // Chromium reports violations of the content security policy as console errors, also with scripts off.
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.some((pattern) => pattern.test(message.text()))) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.stack ?? error}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.host !== new URL(origin).host) complaints.push(`third party: ${request.url()}`);
  });
  page.on("requestfailed", (request) => {
    // A page left while it still loads cancels its requests; that is no fault.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  const visitor = {
    page,
    context,
    complaints,
    /** Lets console errors that match through: an error answer that a spec provokes is logged by Chromium itself. */
    expectConsole: (pattern) => expected.push(pattern),
    goto: (path) => page.goto(new URL(path, origin).href),
    /** Waits until the islands are awake. Without JavaScript there is nothing to wait for. */
    ready: () => (javaScript ? page.waitForSelector("html[data-ready]", { state: "attached" }) : Promise.resolve()),
    /** Fails when the page complained about anything. */
    calm: () => assert.deepEqual(complaints, [], "the page must be silent: no console error, no policy violation, no third party"),
    /** Saves end2end/out/NAME.{m,d}[-dark].png, the whole page. */
    async screenshot(name) {
      await mkdir(out, { recursive: true });
      const path = new URL(`${name}.${suffix}.png`, out).pathname;
      await page.screenshot({ path, fullPage: true, animations: "disabled" });
      return path;
    },
    /**
     * Looks at the page as it is now on phones and desks, light and dark: it must be silent and accessible and not scroll sideways.
     * Leaves six pictures, and the page as it was. With scripts off axe-core cannot run: then its other self has been judged.
     */
    async look(name) {
      const before = suffix;
      for (const [size, isDark] of [["d", true], ["d", false], ["s", true], ["s", false], ["m", true], ["m", false]]) {
        await page.setViewportSize({ width: WIDTHS[size], height: 800 });
        await page.emulateMedia({ colorScheme: isDark ? "dark" : "light" });
        suffix = `${size}${isDark ? "-dark" : ""}`;
        await assertNoSidewaysScroll(page);
        if (javaScript) await assertAccessible(page);
        await visitor.screenshot(name);
      }
      suffix = before;
      await page.setViewportSize({ width: WIDTHS[width], height: 800 });
      await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
      visitor.calm();
    },
    close: () => context.close(),
  };
  return visitor;
}

/** Runs axe-core (WCAG 2.2 A and AA, best practice) and fails with what it found. Needs JavaScript in the page. */
export async function assertAccessible(page) {
  // Evaluated by the debugger, not added as a script element, which the content security policy would refuse.
  await page.evaluate(await readFile(axePath, "utf8"));
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    // What stays in the window covers what is scrolled below it: a target there is as large as ever, once it is scrolled away from.
    const stays = [...document.querySelectorAll(".app > .top, .app > .side, .bulk")];
    for (const { style } of stays) style.position = "static";
    const { violations } = await globalThis.axe.run(document, { runOnly: { type: "tag", values: tags } });
    for (const { style } of stays) style.position = "";
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(" ")).join("; ")})`);
  });
  assert.deepEqual(found, [], `axe-core must find nothing on ${page.url()}`);
}

/** Fails when the page scrolls sideways, or what a payer reads is cut off or laid over something else. */
export async function assertNoSidewaysScroll(page) {
  const { content, window, spilt } = await page.evaluate(() => {
    const spilt = [];
    // The sheet clips: what leaves it is not even scrolled to.
    for (const box of document.querySelectorAll(".pay .sheet, .pay .btn")) {
      const { left, right } = box.getBoundingClientRect();
      const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { parentElement, data } = texts.currentNode;
        if (!parentElement.checkVisibility() || parentElement.closest(".vh, dialog")) continue;
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const text = range.getBoundingClientRect();
        if (text.width > 0 && (text.left < left - 1 || text.right > right + 1)) spilt.push(data);
      }
    }
    return { content: document.documentElement.scrollWidth, window: innerWidth, spilt };
  });
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
  assert.deepEqual(spilt, [], `on ${page.url()}, in a window of ${window} px`);
}

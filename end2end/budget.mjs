// `make bench`: what payer pages cost on a slow phone (412×823, 4× slower, 1.6 Mbit/s, 150 ms), beside their limits; then Lighthouse's
// marks. Ends with a failure when a limit is broken.
import lighthouse from "./lighthouse/node_modules/lighthouse/core/index.js";
import { launch } from "./lib/browser.mjs";
import { CLAIM_PAGE_BYTES_MAX, firstLoad } from "./lib/sizes.mjs";
import { measure } from "./lib/speed.mjs";
import { freePort } from "./lib/process.mjs";
import { startServer } from "./lib/server.mjs";
import { claim, newInvoice, newMid, payWrongly } from "./lib/journey.mjs";

/** Milliseconds, bytes after compression, and shifts (which have no unit). */
const LIMITS = { lcp: 1200, interactive: 1200, blocked: 50, shifted: 0.02, bytes: 40_000, scriptBytes: 150_000, thirdParty: 0 };
const CATEGORIES = ["performance", "accessibility", "best-practices"];
let isBroken = false;

/** Prints one line of the table and remembers a broken limit. */
function line(page, what, value, limit, isFine = value <= limit) {
  console.log(`${isFine ? "  " : "! "}${page.padEnd(8)}${what.padEnd(34)}${String(value).padStart(9)}   limit ${limit}`);
  isBroken ||= !isFine;
}

const server = await startServer({ env: { REFUNDRY_SANDBOX: "true" } });
const port = await freePort();
const browser = await launch([`--remote-debugging-port=${port}`]);
try {
  const merchant = await newMid(server, "budget");
  const { refund } = await payWrongly(merchant, "over", "HA-budget");
  const cancelable = await payWrongly(merchant, "over", "HA-cancel");
  const context = await browser.newContext();
  const page = await context.newPage();
  await claim({ page, ready: () => page.waitForSelector("html[data-ready]", { state: "attached" }) }, cancelable.refund.claim_url, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm");
  const cancelLink = await page.getByRole("link", { name: "Cancel this refund" }).evaluate((link) => link.href);
  await context.close();
  const pages = { claim: refund.claim_url, pay: (await newInvoice(merchant, "HA-pay")).hosted_page_url, cancel: cancelLink };

  const { html, css } = await firstLoad(pages.claim);
  line("claim", "HTML and CSS, brotli", html + css, CLAIM_PAGE_BYTES_MAX);
  for (const [name, url] of Object.entries(pages)) {
    // The first visit of all warms the server up; of the others, the middle one counts.
    await measure(browser, url);
    const costs = [await measure(browser, url), await measure(browser, url), await measure(browser, url)];
    const middle = (of) => costs.map((cost) => cost[of]).sort((one, other) => one - other)[1];
    const cost = Object.fromEntries(Object.keys(costs[0]).map((of) => [of, middle(of)]));
    line(name, "until it works: bytes", cost.bytes, LIMITS.bytes);
    line(name, "scripts and wasm, later: bytes", cost.scriptBytes, LIMITS.scriptBytes);
    line(name, "largest paint, ms", cost.lcp, LIMITS.lcp);
    line(name, "interactive, ms", cost.interactive, LIMITS.interactive);
    line(name, "blocked, ms", cost.blocked, LIMITS.blocked);
    line(name, "layout shift", cost.shifted, LIMITS.shifted);
    line(name, "requests to third parties", cost.thirdParty, LIMITS.thirdParty);
    const { lhr } = await lighthouse(url, { port, onlyCategories: CATEGORIES, logLevel: "error", output: "json" });
    for (const category of CATEGORIES) {
      const mark = Math.round(lhr.categories[category].score * 100);
      line(name, `Lighthouse ${category}`, mark, 100, mark === 100);
      if (mark < 100) {
        const failed = lhr.categories[category].auditRefs.map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 1);
        for (const { id, displayValue } of failed) console.log(`          ${id} ${displayValue ?? ""}`);
      }
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
if (isBroken) process.exitCode = 1;

// What a page costs a phone on a slow line: Chromium is slowed down, and says itself when it painted, was busy, and moved things.

/** The phone and the line that the budget is for. */
const VIEWPORT = { width: 412, height: 823 };
const SLOWER = 4;
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
/** A task that keeps the page from answering for longer than this blocks it. */
const TASK_MS_MAX = 50;

/** Loads a page in a fresh profile on that phone and returns its times in ms, its bytes as they came over the line, and its shifts. */
export async function measure(browser, url) {
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true });
  try {
    const page = await context.newPage();
    const debug = await context.newCDPSession(page);
    const loads = await listen(debug);
    await debug.send("Network.emulateNetworkConditions", LINE);
    await debug.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await page.addInitScript(observe);
    await page.goto(url);
    await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 60_000 });
    await page.waitForTimeout(500);
    const { paints, shifts, tasks } = await page.evaluate(() => window.costs);
    const formReadyAt = await page.evaluate(() => {
      const [painted] = performance.getEntriesByName("first-contentful-paint");
      return Math.max(painted.startTime, performance.getEntriesByType("navigation")[0].domInteractive);
    });
    const lcp = Math.round(paints.at(-1) ?? 0);
    // A form of HTML works once it is read and painted, and nothing keeps the page from answering.
    const busy = tasks.filter(({ start }) => start < formReadyAt);
    const interactive = Math.round(Math.max(formReadyAt, ...busy.map(({ start, duration }) => start + duration)));
    const blocked = Math.round(tasks.reduce((sum, { duration }) => sum + Math.max(0, duration - TASK_MS_MAX), 0));
    const sum = (kinds) => loads().filter(({ type }) => kinds.includes(type)).reduce((bytes, load) => bytes + load.bytes, 0);
    const own = new URL(url).host;
    return {
      lcp,
      interactive,
      blocked,
      shifted: Number(shifts.reduce((total, shift) => total + shift, 0).toFixed(4)),
      bytes: sum(["Document", "Stylesheet", "Image"]),
      scriptBytes: sum(["Script", "Fetch", "Other"]),
      thirdParty: loads().filter(({ url }) => /^https?:/.test(url) && new URL(url).host !== own).length,
    };
  } finally {
    await context.close();
  }
}

/** Runs in the page, before its own scripts: notes what the browser says of itself. */
function observe() {
  const costs = (window.costs = { paints: [], shifts: [], tasks: [] });
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("largest-contentful-paint", ({ startTime }) => costs.paints.push(startTime));
  watch("layout-shift", ({ value, hadRecentInput }) => hadRecentInput || costs.shifts.push(value));
  watch("longtask", ({ startTime, duration }) => costs.tasks.push({ start: startTime, duration }));
}

/** Collects every load with its bytes on the line. */
async function listen(debug) {
  const loads = new Map();
  await debug.send("Network.enable");
  debug.on("Network.responseReceived", ({ requestId, type, response }) => loads.set(requestId, { type, url: response.url, bytes: 0 }));
  debug.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const load = loads.get(requestId);
    if (load) load.bytes = encodedDataLength;
  });
  return () => [...loads.values()];
}

// The harness itself: a watch that sees nothing would let every other spec pass.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startAnvil } from "./lib/anvil.mjs";
import { assertAccessible, launch, openPage } from "./lib/browser.mjs";

const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'";
const PAGES = {
  "/calm": `<main><h1>Calm</h1><p>Nothing to see</p></main>`,
  "/inline-style": `<main><h1 style="color:red">Styled</h1></main>`,
  "/third-party": `<main><h1>Picture</h1><img alt="a" src="http://127.0.0.2:9/a.png"></main>`,
  "/unlabelled": `<main><h1>Form</h1><input></main>`,
};

let server, browser, origin;

before(async () => {
  server = createServer((request, response) => {
    const body = PAGES[request.url];
    response.writeHead(body ? 200 : 404, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY });
    response.end(`<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

async function visit(path, options = {}) {
  const visitor = await openPage(browser, { origin, ...options });
  visitor.expectConsole(/data:,/);
  await visitor.goto(path);
  return visitor;
}

test("a calm page passes, with and without JavaScript, and is photographed", async () => {
  for (const javaScript of [true, false]) {
    const visitor = await visit("/calm", { javaScript });
    visitor.calm();
    const picture = await readFile(await visitor.screenshot("harness"));
    assert.equal(picture.subarray(1, 4).toString(), "PNG");
    await visitor.close();
  }
});

test("an inline style is reported as a policy violation, with and without JavaScript", async () => {
  for (const javaScript of [true, false]) {
    const visitor = await visit("/inline-style", { javaScript });
    assert.match(visitor.complaints.join("\n"), /Content Security Policy/i, `JavaScript: ${javaScript}`);
    assert.throws(visitor.calm);
    await visitor.close();
  }
});

test("a third party is reported", async () => {
  const visitor = await visit("/third-party");
  assert.throws(visitor.calm);
  await visitor.close();
});

test("axe-core passes a good page and finds an input without a label", async () => {
  const good = await visit("/calm");
  await assertAccessible(good.page);
  await good.close();
  const bad = await visit("/unlabelled");
  await assert.rejects(assertAccessible(bad.page), /label/);
  await bad.close();
});

test("a private chain moves coins", async () => {
  const chain = await startAnvil();
  try {
    const to = chain.wallet(9).account.address;
    const before = await chain.client.getBalance({ address: to });
    await chain.sendCoin({ to, amount: "0.5" });
    assert.equal((await chain.client.getBalance({ address: to })) - before, 500_000_000_000_000_000n);
  } finally {
    await chain.stop();
  }
});

// What a spec of the sandbox's pages needs: a server, a browser and a merchant's webhook receiver, for the whole file; and visitors.
import { after, afterEach, before } from "node:test";
import { launch, openPage } from "./browser.mjs";
import { startServer } from "./server.mjs";
import { startSink } from "./sink.mjs";
import { startMailServer } from "./smtp.mjs";

/**
 * Opens a sandbox before the file's tests and closes it after them. What it returns has `server`, `browser` and `sink` once tests run, and a
 * mail server, `mail`, where the sandbox `mails`. `host` is what browsers call this machine; `visit` opens a page, with `options` for all visitors, which is closed after the test, or, where the file is one story that `lasts`, after all.
 */
export function openSandbox({ mails = false, lasts = false, host, ...options } = {}) {
  const visitors = new Set();
  const sandbox = {
    async visit(more = {}) {
      const visitor = await openPage(sandbox.browser, { origin: sandbox.server.url, ...options, ...more });
      visitors.add(visitor);
      return visitor;
    },
  };
  before(async () => {
    sandbox.mail = mails ? await startMailServer() : undefined;
    const byMail = mails ? { REFUNDRY_SMTP_URL: sandbox.mail.url, REFUNDRY_MAIL_FROM: "refunds@mail.example" } : {};
    sandbox.server = await startServer({ host, env: { REFUNDRY_SANDBOX: "true", REFUNDRY_WEBHOOKS_ALLOW_PRIVATE: "true", ...byMail } });
    sandbox.browser = await launch();
    sandbox.sink = await startSink();
  });
  (lasts ? after : afterEach)(async () => {
    for (const visitor of visitors) await visitor.close();
    visitors.clear();
  });
  after(async () => {
    await sandbox.browser?.close();
    await sandbox.sink?.stop();
    await sandbox.server?.stop();
    sandbox.mail?.stop();
  });
  return sandbox;
}

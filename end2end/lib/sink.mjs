// A merchant's webhook receiver. It checks signatures by itself, after the text of Standard Webhooks 1.0.
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

/** How far a webhook's timestamp may be off. */
const TOLERANCE_SECS = 300;

/** Starts a receiver. `subscribe` makes an endpoint with a key's client; every event that came is verified when it is read. */
export async function startSink() {
  const received = [];
  let status = 204;
  const secrets = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (status === 204) received.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), at: Date.now() });
    response.writeHead(status).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/hooks`;

  /** Events in the order they came; one that came twice (delivery is at least once) counts once. */
  function events() {
    const seen = new Map();
    for (const webhook of received) {
      const event = verify(webhook, secrets);
      if (!seen.has(event.id)) seen.set(event.id, event);
    }
    return [...seen.values()];
  }
  const about = (refund) => events().filter((event) => event.data.refund?.id === refund);

  return {
    url,
    events,
    about,
    async subscribe(rest) {
      const { secret } = await rest.post("/webhook_endpoints", { url });
      secrets.push(secret);
    },
    /** Believes this secret alone from now on. */
    believe: (secret) => secrets.splice(0, Infinity, secret),
    /** Forgets what came up to now. */
    forget: () => (received.length = 0),
    /** Waits until a refund's events are exactly these, in order and counted from 1 without a gap. */
    async expect(refund, types, seconds = 30) {
      const deadline = Date.now() + seconds * 1000;
      while (about(refund).length < types.length && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
      const came = about(refund);
      assert.deepEqual(came.map((event) => event.type), types);
      assert.deepEqual(came.map((event) => event.sequence), types.map((_, index) => index + 1));
      return came;
    },
    /** What it answers from now on; only what it takes (204) counts as received. */
    answers: (code) => (status = code),
    stop: () => new Promise((resolve) => (server.closeAllConnections?.(), server.close(resolve))),
  };
}

function verify({ headers, body, at }, secrets) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  assert.ok(id && timestamp && signatures, `a webhook came unsigned: ${body}`);
  assert.ok(Math.abs(at / 1000 - Number(timestamp)) < TOLERANCE_SECS, "the webhook's timestamp is off");
  const isRight = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const expected = Buffer.from(createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64"));
    return signatures.split(" ").some((signature) => {
      const [version, text] = signature.split(",");
      const given = Buffer.from(text ?? "");
      return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
    });
  });
  assert.ok(isRight, `the signature of ${body} is wrong`);
  const event = JSON.parse(body);
  assert.equal(event.id, id);
  return event;
}

// Power cuts: the server is killed (SIGKILL) at random moments of the journey on an EVM chain, the signer too, and started again.
// Afterwards every refund was paid by exactly one transfer, the merchant heard every step in order, and the books equal the chain.
// The moments follow from a seed, which is printed; SEED=… plays them again.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { parseUnits } from "viem";
import { Problem } from "./lib/api.mjs";
import { ASSETS, assertBooksMatchChain, invoiceIn, newAddress, payouts, shop, startWorld } from "./lib/evm.mjs";
import { claimByForm, refundOf } from "./lib/journey.mjs";
import { startPostgres } from "./lib/postgres.mjs";
import { startSink } from "./lib/sink.mjs";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
/** A crash comes at most this long after the server is up again. */
const QUIET_MS_MAX = 2500;
const PAID_WAY = ["refund.created", "refund.claim_available", "refund.claimed", "refund.sending", "refund.paid"];
/** Refunds under way at the same time. */
const WAVE = ["token", "coin", "token"];

test("20 crashes of the server, 5 of the signer: each refund is paid once (SQLite)", () => survive({ kills: 20 }));

test("5 crashes of the server: each refund is paid once (PostgreSQL)", async () => {
  const postgres = await startPostgres();
  try {
    await survive({ kills: 5, env: { REFUNDRY_DATABASE_URL: postgres.url } });
  } finally {
    await postgres.stop();
  }
});

async function survive({ kills, env }) {
  console.log(`crashes with SEED=${SEED}`);
  const [world, sink] = await Promise.all([startWorld({ env }), startSink()]);
  const crashes = { left: kills, stop: false, during: {} };
  let crashing;
  try {
    const merchant = await shop(world, "EU store");
    await sink.subscribe(merchant.rest);
    crashing = crash(world, crashes, randomFrom(SEED));
    const refunds = [];
    const nextWave = async () => refunds.push(...(await wave(world, merchant, refunds.length, crashes)));
    while (!crashes.stop) await nextWave();
    await crashing;
    // What comes after works as well.
    await nextWave();
    assert.equal(crashes.left, 0);
    console.log("crashes while refunds were", JSON.stringify(crashes.during));
    await checkAll(world, merchant, sink, refunds);
  } finally {
    crashes.stop = true;
    await crashing?.catch(() => {});
    await sink.stop();
    await world.stop();
  }
}

/** Kills the server again and again, and at every fourth time the signer as well. */
async function crash(world, crashes, random) {
  try {
    while (crashes.left > 0 && !crashes.stop) {
      await new Promise((resolve) => setTimeout(resolve, random() * QUIET_MS_MAX));
      const signerToo = crashes.left % 4 === 0;
      crashes.during[crashes.stage] = (crashes.during[crashes.stage] ?? 0) + 1;
      await Promise.all([world.crashServer(), signerToo && world.crashSigner()]);
      crashes.left--;
    }
  } finally {
    crashes.stop = true;
  }
}

/** Takes some overpaid invoices from their creation to the payout, through whatever crashes. Returns their paid refunds. */
async function wave(world, merchant, first, crashes) {
  const { rest } = merchant;
  const advance = (by) => {
    const key = randomUUID();
    return persist(() => rest.post("/sandbox/clock", { advance: by }, key));
  };
  crashes.stage = "paid in and claimed";
  const claimed = await Promise.all(
    WAVE.map(async (kind, index) => {
      const key = randomUUID();
      const invoice = await persist(() => invoiceIn(merchant, kind, `HA-${first + index}`, key));
      await world.pay(kind, invoice, ASSETS[kind].pays.over);
      const { refund } = await persist(() => refundOf(rest, invoice));
      const address = newAddress();
      const { status, answer } = await persist(() => claimByForm(world.server.url, refund.claim_url, address));
      assert.equal(status, 200, JSON.stringify(answer));
      return { id: refund.id, kind, address };
    }),
  );
  crashes.stage = "paid out";
  await advance("PT72H");
  for (const refund of claimed) {
    for (let tries = 0; ; tries++) {
      const { state, txid, net_amount } = await persist(() => rest.get(`/refunds/${refund.id}`));
      if (state === "paid") {
        Object.assign(refund, { txid, units: parseUnits(net_amount, ASSETS[refund.kind].decimals) });
        break;
      }
      assert.ok(tries < 60, `a refund was still ${state} after a minute`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      // What a killed server had taken up is taken up again after half a minute of the engine's time.
      if (tries % 5 === 4) await advance("PT1M");
    }
  }
  return claimed;
}

/** Tries again while nobody answers or the answer is "later", as a merchant's program does: with the same idempotency key. */
async function persist(action) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const isAway = error instanceof TypeError || error instanceof SyntaxError || (error instanceof Problem && (error.status >= 500 || error.isForNow));
      if (!isAway || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function checkAll(world, merchant, sink, refunds) {
  const onChain = await payouts(world);
  const wanted = refunds.map(({ kind, address, units, txid }) => ({ hash: txid, kind, to: address, units, succeeded: true }));
  const sent = onChain.map(({ nonce, ...payout }) => payout);
  const byHash = (a, b) => (a.hash < b.hash ? -1 : 1);
  assert.deepEqual(sent.sort(byHash), wanted.sort(byHash), "exactly one transfer for each refund, and nothing else");
  for (const { id } of refunds) await sink.expect(id, PAID_WAY, 60);
  const books = await assertBooksMatchChain(world, [merchant]);
  console.log(`${refunds.length} refunds paid, ${books.entries} ledger entries right`);
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

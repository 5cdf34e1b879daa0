// `make demo-evm`: one overpaid invoice on a private EVM chain, from its creation to the refund's arrival, in plain words.
import { formatUnits } from "viem";
import { ASSETS, assertArrived, assertBooksMatchChain, holds, invoiceIn, newAddress, shop, startWorld } from "./lib/evm.mjs";
import { claimByForm, refundOf, untilState } from "./lib/journey.mjs";

let steps = 0;
const step = (title) => console.log(`\n${++steps}. ${title}`);
const say = (text) => console.log(`   ${text}`);
const usdt = (units) => `${formatUnits(units, 6)} USDT`;

async function play() {
  step("Starting, each with a folder, a port and keys of its own");
  const world = await startWorld({ say });
  try {
    await journey(world);
  } finally {
    await world.stop();
  }
}

async function journey(world) {
  step("The shop asks for 100 US dollars");
  const merchant = await shop(world, "EU store");
  const { rest } = merchant;
  const invoice = await invoiceIn(merchant, "token", "HA-20418");
  say(`invoice    ${invoice.reference} for ${invoice.amount_charged} USDT`);
  say(`address    ${invoice.address}, its own: derived from a public key, the server holds no private one`);

  step("The payer's wallet sends too much");
  say(`sent       ${ASSETS.token.pays.over} USDT from ${world.chain.wallet(1).account.address}`);
  say(`txid       ${await world.pay("token", invoice, ASSETS.token.pays.over)}`);
  const { invoice: paid, refund } = await refundOf(rest, invoice);
  say(`final      invoice is ${paid.status}; ${refund.amount} USDT are owed to the payer as ${refund.reference}`);

  step("The payer opens the claim link and confirms an address");
  const address = newAddress();
  say(`link       ${refund.claim_url}`);
  const { status, answer } = await claimByForm(world.server.url, refund.claim_url, address);
  if (status !== 200) throw new Error(`the claim was refused: ${JSON.stringify(answer)}`);
  const scheduled = await untilState(rest, refund, "scheduled");
  say(`address    ${address}`);
  say(`fee        ${scheduled.fee.amount} USDT, so ${scheduled.net_amount} USDT arrive`);
  say(`leaves     ${scheduled.release_at}; until then the payer can cancel`);

  step("72 hours pass (the engine's clock is moved, the chain's is not)");
  await rest.post("/sandbox/clock", { advance: "PT72H" });
  const { txid } = await rest.until(`/refunds/${refund.id}`, (now) => now.txid);
  say("the signer has checked and signed the payout; its bytes are stored, then sent");
  say(`txid       ${txid}`);
  const done = await untilState(rest, refund, "paid", 60);
  await assertArrived(world, "token", done, address);
  say(`arrived    ${usdt(await holds(world, "token", address))} at ${address}, in exactly one transfer`);

  step("The books");
  const books = await assertBooksMatchChain(world, [merchant]);
  for (const { account, balance, asset } of (await rest.get("/balances")).data) say(`${account.padEnd(19)} ${balance} ${asset}`);
  say(`${books.entries} entries with ${books.postings} postings prove themselves, and custody equals what the chain holds`);
}

try {
  await play();
  console.log("\nDone. Everything was stopped and removed again.");
} catch (error) {
  console.error(`\nThe demo stopped: ${error.message}`);
  console.error("Run it once more. When it stops at the same place, `make test` shows more; a report with the lines above is welcome.");
  process.exitCode = 1;
}

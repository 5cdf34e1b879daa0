// Refundry on a private EVM chain: anvil with a token like USDT, the signer process with keys of its own, the server; payers with
// wallets; and the comparison of what the chain holds with what the books say.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeFunctionData, formatUnits, getAddress, parseUnits } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { CHAIN_ID, startAnvil } from "./anvil.mjs";
import { newInvoice, newMid } from "./journey.mjs";
import { ask, start } from "./process.mjs";
import { program, startServer } from "./server.mjs";

/** Blocks until a transfer is final here: few, so that tests are quick. */
export const FINALITY = 3;

/** The two assets: an invoice in each, and how the three ways differ from what it asks for: TX-13's and BV-14's numbers. */
export const ASSETS = {
  token: {
    id: "USDT-ETHEREUM", decimals: 6, invoice: { asset: "USDT-ETHEREUM", amount: "100.00", rate: "0.9890991" },
    pays: { over: "150.000000", under: "60.000000", late: "101.102104" },
    refunded: { over: "48.897896", under: "60.000000", late: "101.102104" },
  },
  coin: {
    id: "ETH-ETHEREUM", decimals: 18, invoice: { asset: "ETH-ETHEREUM", amount: "57.90", rate: "10000.00" },
    pays: { over: "0.02", under: "0.004000000000000001", late: "0.00579" },
    refunded: { over: "0.01421", under: "0.004000000000000001", late: "0.00579" },
  },
};

const settings = ({ chain, token, hot, xpub, socket }) => `
signer_socket = "${socket}"
sandbox = true # for the clock only: the network below is no simulation
webhooks_allow_private = true

[[assets]]
id = "USDT-ETHEREUM"
decimals = 6
contract = "${token.address}"
finality = ${FINALITY}
dust = "0.01"
network_fee = "0.5"

[[assets]]
id = "ETH-ETHEREUM"
decimals = 18
finality = ${FINALITY}
dust = "0.00001"

[[rails]]
kind = "evm"
network = "ethereum"
chain_id = ${CHAIN_ID}
rpc_url = "${chain.url}"
hot_address = "${hot}"
deposits_xpub = "${xpub}"
coin = "ETH-ETHEREUM"
token_fee_max = "1000000000000000"
`;

const signerSettings = ({ folder, token, socket }) => `
key_file = "${folder}/signer/key"
socket = "${socket}"
log = "${folder}/signer/signed.jsonl"

[assets."USDT-ETHEREUM"]
network = "ethereum"
chain_id = ${CHAIN_ID}
contract = "${token.address}"
limit_per_payout = "1000000000"
limit_per_day = "20000000000"
limit_fee = "1000000000000000"

[assets."ETH-ETHEREUM"]
network = "ethereum"
chain_id = ${CHAIN_ID}
limit_per_payout = "1000000000000000000"
limit_per_day = "20000000000000000000"
limit_fee = "1000000000000000"
`;

/**
 * Starts everything. The hot account gets 5,000 tokens and 1 ether, the payers' wallet (account 1) 10,000 tokens.
 * `env` adds settings of the server; `say` hears what is being done.
 */
export async function startWorld({ env = {}, say = () => {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "refundry-evm-"));
  const chain = await startAnvil({ blockSeconds: 1 });
  say(`a private chain, number ${CHAIN_ID}, at ${chain.url}, with a block each second`);
  const token = await chain.deploy("TestToken.sol", "TestToken");
  token.address = getAddress(token.address);

  const socket = join(folder, "signer/run/signer.sock");
  const signerEnv = { ...process.env, REFUNDRY_SIGNER_CONFIG: join(folder, "signer.toml") };
  await mkdir(join(folder, "signer"), { mode: 0o700 });
  await writeFile(signerEnv.REFUNDRY_SIGNER_CONFIG, signerSettings({ folder, token, socket }));
  const { hot_address: hot, deposits_xpub: xpub } = await ask(program("refundry-signer"), ["init", "--json"], { env: signerEnv });
  say(`a token with the habits of USDT at ${token.address}`);
  const startSigner = async () => {
    const signer = start(program("refundry-signer"), ["serve"], { env: signerEnv, cwd: folder });
    await signer.until(() => signer.output().includes("ready"));
    return signer;
  };
  let signer = await startSigner();
  say(`the signer, with a key of its own; it pays from ${hot}`);

  const funded = { token: parseUnits("5000", 6), coin: parseUnits("1", 18) };
  await Promise.all([
    token.write(0, "mint", hot, funded.token).then(() => token.write(0, "mint", chain.wallet(1).account.address, parseUnits("10000", 6))),
    chain.sendCoin({ from: 2, to: hot, amount: funded.coin }),
  ]);
  say("5,000 USDT and 1 ETH on that account, to pay refunds and gas from");

  await writeFile(join(folder, "refundry.toml"), settings({ chain, token, hot, xpub, socket }));
  let server = await startServer({ folder, env });
  say(`Refundry at ${server.url}`);

  const world = {
    chain, token, hot, folder, funded,
    get server() { return server; },
    /** Kills the server as a power cut would and starts it again on the same folder and port. */
    async crashServer() {
      await server.kill();
      server = await startServer({ folder, env, port: server.port });
    },
    async crashSigner() {
      await signer.stop("SIGKILL");
      signer = await startSigner();
    },
    /** A payer's wallet sends to an invoice's own address. Returns the transaction id. */
    pay(kind, { address }, amount) {
      const units = parseUnits(amount, ASSETS[kind].decimals);
      return kind === "token" ? token.write(1, "transfer", address, units) : chain.sendCoin({ to: address, amount: units });
    },
    async stop() {
      await signer.stop();
      await server.stop();
      await chain.stop();
    },
  };
  return world;
}

/** An address that nobody used, so that what arrives there is one refund alone. */
export function newAddress() {
  return privateKeyToAddress(`0x${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex")}`);
}

/** What an account holds. */
export function holds(world, kind, address) {
  return kind === "token" ? world.token.read("balanceOf", address) : world.chain.client.getBalance({ address });
}

/** Every transaction that the hot account ever sent, as the chain has them. */
export async function payouts({ chain, token, hot }) {
  const found = [];
  const head = await chain.client.getBlockNumber({ cacheTime: 0 });
  for (let number = 0n; number <= head; number++) {
    const { transactions } = await chain.client.getBlock({ blockNumber: number, includeTransactions: true });
    for (const { hash, from, to, value, input, nonce } of transactions) {
      if (getAddress(from) !== hot) continue;
      const receipt = await chain.client.getTransactionReceipt({ hash });
      const isToken = getAddress(to) === token.address;
      const [receiver, units] = isToken ? decodeFunctionData({ abi: token.abi, data: input }).args : [to, value];
      found.push({ hash, nonce, kind: isToken ? "token" : "coin", to: getAddress(receiver), units, succeeded: receipt.status === "success" });
    }
  }
  return found;
}

/** The payout of a paid refund is on the chain: to exactly this address, exactly this amount, and nothing else arrived there. */
export async function assertArrived(world, kind, refund, address) {
  const units = parseUnits(refund.net_amount, ASSETS[kind].decimals);
  assert.equal(refund.destination.address, address);
  const toPayer = (await payouts(world)).filter((payout) => payout.to === address && payout.succeeded);
  assert.deepEqual(toPayer.map(({ hash, kind, units }) => ({ hash, kind, units })), [{ hash: refund.txid, kind, units }]);
  assert.equal(await holds(world, kind, address), units);
}

/**
 * The books say what the chain holds: the custody of all MIDs is what lies on the deposit addresses, plus what the hot account has
 * more (or less: payouts and gas) than it was funded with. And the books prove themselves from their rows.
 */
export async function assertBooksMatchChain(world, merchants) {
  for (const [kind, { id, decimals }] of Object.entries(ASSETS)) {
    let [custody, onChain] = [0n, (await holds(world, kind, world.hot)) - world.funded[kind]];
    for (const { rest } of merchants) {
      for (const { account, asset, balance } of (await rest.get("/balances")).data) {
        if (account === "custody" && asset === id) custody += parseUnits(balance, decimals);
      }
      for (const { address } of await everything(rest, "/invoices")) onChain += await holds(world, kind, address);
    }
    assert.equal(formatUnits(custody, decimals), formatUnits(onChain, decimals), `${id}: the books' custody and the chain differ`);
  }
  const books = await world.server.ask(["ledger", "verify"]);
  assert.ok(books.ok && books.entries > 0, JSON.stringify(books));
  return books;
}

/** All of a list, page by page. */
async function everything(rest, path) {
  const all = [];
  let after = "";
  do {
    const { data, next } = await rest.get(`${path}?limit=100${after}`);
    all.push(...data);
    after = next ? `&after=${next}` : undefined;
  } while (after !== undefined);
  return all;
}

/** A MID on this world's server. */
export const shop = (world, name) => newMid(world.server, name);

/** An invoice in one of the two assets. */
export const invoiceIn = (merchant, kind, reference, idempotencyKey) => newInvoice(merchant, reference, ASSETS[kind].invoice, idempotencyKey);

// A private EVM chain (anvil) for one spec, with accounts of its own, and an ERC-20 token that behaves like USDT.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import solc from "solc";
import { createPublicClient, createTestClient, createWalletClient, defineChain, http, parseEther } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { createNonceManager, jsonRpc } from "viem/nonce";
import { freePort, start } from "./process.mjs";

/** BIP-39 phrase of the chain's funded accounts: for tests only, and not anvil's well-known one. */
export const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
export const CHAIN_ID = 20418;

/** Anvil's program itself: its npm package starts it through a script that would be downloaded after installation. */
function anvilProgram() {
  const { platform, arch } = process;
  const name = `@foundry-rs/anvil-${platform}-${arch === "x64" ? "amd64" : arch}`;
  return createRequire(import.meta.url).resolve(`${name}/bin/anvil`);
}

/**
 * Starts a chain. `blockSeconds: 0` makes a block for each transaction; otherwise blocks come by time.
 * Account 0 deploys and mints, account 1 is the payer's wallet; others are free.
 */
export async function startAnvil({ blockSeconds = 0, port, state } = {}) {
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["--host", "127.0.0.1", "--port", String(port), "--chain-id", String(CHAIN_ID), "--mnemonic", PHRASE, "--silent"];
  if (blockSeconds > 0) args.push("--block-time", String(blockSeconds));
  if (state) args.push("--state", state);
  const child = start(anvilProgram(), args);

  const chain = defineChain({
    id: CHAIN_ID,
    name: "anvil",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url);
  const client = createPublicClient({ chain, transport, pollingInterval: 50 });
  await child.until(() => client.getBlockNumber().then(() => true));
  // Counts nonces, so that one account can send several transactions at a time.
  const nonceManager = createNonceManager({ source: jsonRpc() });
  const wallet = (index) => createWalletClient({ account: mnemonicToAccount(PHRASE, { addressIndex: index, nonceManager }), chain, transport });
  const test = createTestClient({ chain, transport, mode: "anvil" });

  /** Waits for a transaction and fails when it was reverted. */
  async function mined(hash) {
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`transaction ${hash} was reverted`);
    return receipt;
  }

  return {
    url,
    port,
    chain,
    client,
    wallet,
    /** Anvil's own commands: mine, snapshot, revert, setBalance, … (viem's test client). */
    test,
    mined,
    mine: (blocks = 1) => test.mine({ blocks }),
    /** Sends native coin from a funded account; `amount` is in wei or a decimal string of ether. */
    async sendCoin({ from = 1, to, amount }) {
      const value = typeof amount === "bigint" ? amount : parseEther(amount);
      return (await mined(await wallet(from).sendTransaction({ to, value }))).transactionHash;
    },
    /** Compiles a contract of end2end/contracts and deploys it from account 0. */
    async deploy(file, contract, args = []) {
      const { abi, bytecode } = await compile(file, contract);
      const { contractAddress } = await mined(await wallet(0).deployContract({ abi, bytecode, args }));
      return {
        address: contractAddress,
        abi,
        read: (functionName, ...args) => client.readContract({ address: contractAddress, abi, functionName, args }),
        write: async (from, functionName, ...args) =>
          (await mined(await wallet(from).writeContract({ address: contractAddress, abi, functionName, args }))).transactionHash,
      };
    },
    stop: () => child.stop(),
  };
}

/** Compiles one contract of end2end/contracts with npm's solc. */
export async function compile(file, contract) {
  const content = await readFile(new URL(`../contracts/${file}`, import.meta.url), "utf8");
  const input = {
    language: "Solidity",
    sources: { [file]: { content } },
    settings: { optimizer: { enabled: true, runs: 200 }, outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const compiled = output.contracts[file][contract];
  return { abi: compiled.abi, bytecode: `0x${compiled.evm.bytecode.object}` };
}

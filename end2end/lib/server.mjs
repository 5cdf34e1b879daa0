// A Refundry of its own for one spec: a temporary folder, a free port, SQLite unless told otherwise.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ask, freePort, start } from "./process.mjs";

const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");

/** Where cargo put a program of the development build. */
export function program(name) {
  return join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", name);
}

/**
 * Starts `refundry serve` and waits until it answers.
 * `args` follow `serve` (such as "--demo"), `env` adds settings, `host` is what browsers call this machine, `folder` re-uses the folder of a server that was stopped.
 */
export async function startServer({ args = [], env = {}, folder, port, host = "127.0.0.1" } = {}) {
  folder ??= await mkdtemp(join(tmpdir(), "refundry-end2end-"));
  port ??= await freePort();
  const url = `http://${host}:${port}`;
  const settings = {
    REFUNDRY_LISTEN: `127.0.0.1:${port}`,
    REFUNDRY_PUBLIC_URL: url,
    REFUNDRY_DATABASE_URL: `sqlite://${join(folder, "refundry.db")}`,
    ...env,
  };
  const environment = { ...process.env, ...settings };
  const child = start(program("refundry"), ["serve", ...args], { cwd: folder, env: environment });
  await child.until(async () => (await fetch(`${url}/healthz`)).ok, 60);
  return {
    url,
    port,
    folder,
    settings,
    pid: child.pid,
    output: child.output,
    until: child.until,
    /** Runs another command of the program (such as "ledger", "verify") with this server's settings. */
    async run(...command) {
      const other = start(program("refundry"), command, { cwd: folder, env: environment });
      await other.ended;
      return other.output();
    },
    /** Runs another command with this server's settings and answers its JSON; fails when the command does. */
    ask: (command, input) => ask(program("refundry"), [...command, "--json"], { cwd: folder, env: environment, input }),
    /** Stops the server as a crash would: nothing is flushed, the folder stays. */
    kill: () => child.stop("SIGKILL"),
    /** Stops the server and removes its folder, unless `keep`. */
    async stop({ keep = false } = {}) {
      await child.stop();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

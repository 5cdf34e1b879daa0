// A PostgreSQL of its own for one spec: Debian's programs in a temporary folder on loopback, or a fresh database on the server that
// REFUNDRY_TEST_POSTGRES_URL names.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, start } from "./process.mjs";

/** Debian's newest, or none: then the programs must be on the PATH. */
function folderOfPrograms() {
  try {
    const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a));
    return versions.length > 0 ? `/usr/lib/postgresql/${versions[0]}/bin/` : "";
  } catch {
    return "";
  }
}

/** PostgreSQL refuses to run as root; then it runs as Debian's user `postgres`. */
const unprivileged = process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : [];

/** Returns `{ url, stop }` of an empty database. */
export async function startPostgres() {
  const given = process.env.REFUNDRY_TEST_POSTGRES_URL;
  return given ? freshDatabase(given) : ownServer();
}

function freshDatabase(server) {
  const name = `end2end_${randomUUID().replaceAll("-", "")}`;
  const run = (statement) => execFileSync(`${folderOfPrograms()}psql`, [server, "-qc", statement]);
  run(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return { url: url.href, stop: async () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function ownServer() {
  const folder = mkdtempSync(join(tmpdir(), "refundry-end2end-postgres-"));
  if (unprivileged.length > 0) execFileSync("chown", ["postgres:postgres", folder]);
  const programs = folderOfPrograms();
  const command = (program, ...args) => [...unprivileged, `${programs}${program}`, ...args];
  const [initdb, ...initialise] = command("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-D", join(folder, "data"));
  execFileSync(initdb, initialise, { cwd: folder });
  const port = await freePort();
  const [postgres, ...serve] = command("postgres", "-D", join(folder, "data"), "-k", folder, "-p", String(port), "-c", "listen_addresses=127.0.0.1");
  const child = start(postgres, serve, { cwd: folder });
  await child.until(() => child.output().includes("database system is ready to accept connections"));
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await child.stop("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// A server's rows, to be compared: what changed, and what did not.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Written as time passes, whoever looks: timers, how far chains are read, the clock, when pages were last served; and who signs in. */
const OF_THE_MACHINE = ["jobs", "rails", "state", "outages", "sessions", "sign_in_failures"];

const DUMP = `
import json, sqlite3, sys
rows = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
print(json.dumps({name: sorted(map(repr, rows.execute(f'SELECT * FROM "{name}"'))) for name in tables}))
`;

function python(program, folder, ...args) {
  const path = fileURLToPath(new URL("../smtp/venv/bin/python", import.meta.url));
  return spawnSync(path, ["-c", program, join(folder, "refundry.db"), ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
}

/** All rows of a server's SQLite database, by table, without those of the machine itself. Python reads them: this Node.js cannot. */
export function rowsOf({ folder }) {
  const { status, stdout, stderr } = python(DUMP, folder);
  if (status !== 0) throw new Error(`the rows could not be read:\n${stderr}`);
  const tables = JSON.parse(stdout);
  for (const name of OF_THE_MACHINE) {
    if (!(name in tables)) throw new Error(`there is no table ${name}: name what the machine writes by itself in lib/rows.mjs`);
    delete tables[name];
  }
  return tables;
}

const AGE = `
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1], timeout=10)
rows.execute("UPDATE sessions SET proved_at = proved_at - 600000000")
rows.commit()
`;

/** Lets ten minutes pass since everybody gave their password. Sessions live by the wall clock, which the sandbox does not move. */
export function leaveSessionsOpen({ folder }) {
  const { status, stderr } = python(AGE, folder);
  if (status !== 0) throw new Error(`the sessions could not be changed:\n${stderr}`);
}

const CHAIN = `
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1], timeout=10)
before = dict(rows.execute("SELECT txid, amount FROM sandbox_transactions WHERE kind = 'deposit'"))
for txid, amount in json.loads(sys.argv[2]).items():
    rows.execute("UPDATE sandbox_transactions SET amount = ? WHERE txid = ?", [amount, txid])
rows.commit()
print(json.dumps(before))
`;

/** What the simulated chains say was paid in, in base units by transaction; `changed` is what they say from now on, whatever was booked. */
export function paidOnChain({ folder }, changed = {}) {
  const { status, stdout, stderr } = python(CHAIN, folder, JSON.stringify(changed));
  if (status !== 0) throw new Error(`the chain could not be changed:\n${stderr}`);
  return JSON.parse(stdout);
}

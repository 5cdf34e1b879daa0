// Runs every *.spec.mjs of this folder, one after the other, and ends with a count. `node end2end/run.mjs claim` runs those
// whose file name contains "claim".
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv[2] ?? "";
const files = (await readdir(folder, { recursive: true }))
  .filter((name) => name.endsWith(".spec.mjs") && !name.includes("node_modules") && name.includes(wanted))
  .sort()
  .map((name) => join(folder, name));
if (files.length === 0) {
  console.error(`no *.spec.mjs here has "${wanted}" in its name`);
  process.exit(1);
}

let passed = 0;
let failed = 0;
const isTest = (event) => event.details?.type !== "suite" && !files.includes(event.name) && event.skip === undefined && event.todo === undefined;
const tests = run({ files, concurrency: 1, timeout: 10 * 60_000 });
tests.on("test:pass", (event) => isTest(event) && passed++);
// A file that fails by itself (a syntax error, a hook) counts too: it has no test that could.
tests.on("test:fail", (event) => event.details?.type !== "suite" && event.details?.error?.failureType !== "subtestsFailed" && failed++);
tests.compose(new spec()).pipe(process.stdout);
tests.on("end", () => {
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  process.once("beforeExit", () => console.log(`browser: ${passed} passed, ${failed} failed`));
});

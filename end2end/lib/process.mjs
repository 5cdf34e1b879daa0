// Child processes of tests: started with their output kept, awaited until they say they are ready, stopped for sure.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const running = new Set();
// A test that crashes must not leave servers behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** A port of loopback that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts a program. `input` goes to its standard input, `output()` is everything it printed so far, `answer()` only what went to
 * its standard output; `stop()` waits until it is gone.
 */
export function start(program, args, { input, ...options } = {}) {
  const child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  // A program that does not read its input may end before it is written.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  running.add(child);
  let output = "";
  let answer = "";
  let failure;
  child.stdout.on("data", (text) => ((output += text), (answer += text)));
  child.stderr.on("data", (text) => (output += text));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => ((failure = error), running.delete(child), resolve()));
    child.once("exit", () => (running.delete(child), resolve()));
  });
  const hasEnded = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid,
    output: () => output,
    answer: () => answer,
    exitCode: () => child.exitCode,
    hasEnded,
    ended,
    async stop(signal = "SIGTERM") {
      if (!hasEnded()) child.kill(signal);
      const forced = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(forced);
    },
    /** Waits until `probe` answers something true. Fails with the program's output when it ends before or takes too long. */
    async until(probe, seconds = 30) {
      const deadline = Date.now() + seconds * 1000;
      while (Date.now() < deadline) {
        if (hasEnded()) throw new Error(`${program} ended early: ${failure ?? ""}\n${output}`);
        const answer = await Promise.resolve().then(probe).catch(() => false);
        if (answer) return answer;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`${program} was not ready after ${seconds} s:\n${output}`);
    },
  };
}

/** Runs a program that answers one JSON object on its standard output. Fails with what it printed when it fails. */
export async function ask(program, args, options = {}) {
  const child = start(program, args, options);
  await child.ended;
  if (child.exitCode() !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${child.output()}`);
  return JSON.parse(child.answer());
}

// A real mail server for one spec: PyPI's aiosmtpd, which scripts/ensure-smtp-server.sh installs.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../smtp/", import.meta.url));

/** Starts a mail server. `url` is for REFUNDRY_SMTP_URL; `expect` waits for a mail. What it does with a mail, server.py says. */
export async function startMailServer() {
  const installed = spawnSync(fileURLToPath(new URL("../../scripts/ensure-smtp-server.sh", import.meta.url)), { stdio: "inherit" });
  if (installed.status !== 0) throw new Error("scripts/ensure-smtp-server.sh failed");
  const child = spawn(`${folder}venv/bin/python`, [`${folder}server.py`], { stdio: ["pipe", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  const mails = [];
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.port) resolve(said.port);
      else mails.push({ to: said.to[0], ...read(said.message) });
    });
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    /** Waits for a mail to `to` whose subject matches; fails with the subjects that came. */
    async expect(to, subject, seconds = 20) {
      for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
        const found = mails.find((mail) => mail.to === to && subject.test(mail.subject));
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no mail to ${to} with ${subject}; there are ${JSON.stringify(mails.map((mail) => [mail.to, mail.subject]))}`);
    },
    stop: () => child.stdin.end(),
  };
}

/** The link in a mail that leads to a path. */
export const linkIn = ({ text }, path) => new RegExp(`https?://\\S+${path}\\S+`).exec(text)[0];

/** Takes a message of ours apart: headers, and a text and an HTML part. */
function read(message) {
  const [head, body] = split(message);
  const headers = fields(head);
  const boundary = /boundary="([^"]+)"/.exec(headers["content-type"])[1];
  const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => split(part.replace(/^\r\n/, "")));
  const part = (kind) => {
    const [partHead, content] = parts.find(([head]) => fields(head)["content-type"].startsWith(kind));
    return decode(content, fields(partHead)["content-transfer-encoding"]);
  };
  return { headers, subject: words(headers.subject), text: part("text/plain"), html: part("text/html") };
}

const split = (text) => [text.slice(0, text.indexOf("\r\n\r\n")), text.slice(text.indexOf("\r\n\r\n") + 4)];

const fields = (head) =>
  Object.fromEntries(head.replace(/\r\n[ \t]+/g, " ").split("\r\n").map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]));

function decode(content, encoding) {
  if (encoding === "base64") return Buffer.from(content, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return Buffer.from(content, "latin1").toString("utf8");
  const bytes = content.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Encoded words (RFC 2047), as lettre writes them: base64 or plain. */
const words = (text) =>
  text.replace(/\?=\s+=\?/g, "?==?").replace(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, code) => Buffer.from(code, "base64").toString("utf8"));

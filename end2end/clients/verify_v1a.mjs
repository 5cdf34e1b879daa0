// Verifies a webhook's v1a signatures as Standard Webhooks 1.0 specifies them, with Node's own Ed25519. In: the public key, and
// {headers, body} as JSON; out: the event.
import { createPublicKey, verify } from "node:crypto";

const [publicKey, received] = process.argv.slice(2);
const { headers, body } = JSON.parse(received);
const raw = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64");
// A JWK is the shortest way to a key of 32 bytes (RFC 8037).
const key = createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") } });
const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
const signatures = headers["webhook-signature"].split(" ").map((one) => one.split(",")).filter(([version]) => version === "v1a");
const isGenuine = signatures.some(([, signature]) => verify(null, signed, key, Buffer.from(signature, "base64")));
console.log(isGenuine ? body : JSON.stringify({ raised: "no signature is right" }));

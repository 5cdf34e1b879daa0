// Verifies a webhook with the standardwebhooks library of npm, unmodified. In: the secret, and {headers, body} as JSON; out: the event, or
// what it raises.
import { createRequire } from "node:module";

const { Webhook } = createRequire(import.meta.url)("standardwebhooks");
const [secret, received] = process.argv.slice(2);
const { headers, body } = JSON.parse(received);
try {
  console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
} catch (error) {
  console.log(JSON.stringify({ raised: error.message }));
}

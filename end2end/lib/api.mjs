// The REST API as a merchant's program uses it.
import { randomUUID } from "node:crypto";

/** An answer that is not 2xx, with its problem document (RFC 9457). */
export class Problem extends Error {
  constructor(status, body, isForNow = false) {
    super(`${status} ${body?.code ?? ""} ${body?.detail ?? JSON.stringify(body)}`);
    this.status = status;
    this.code = body?.code;
    this.body = body;
    /** Whether the same request can be answered otherwise later (`Retry-After`). */
    this.isForNow = isForNow;
  }
}

/** Calls `/api/v1` of a server with a key. `get` and `post` answer the parsed body or throw a `Problem`. */
export function api(url, key) {
  async function call(method, path, body, headers = {}) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    const answer = isJson && text !== "" ? JSON.parse(text) : text;
    if (!response.ok) throw new Problem(response.status, answer, response.headers.has("retry-after"));
    return answer;
  }
  const client = {
    get: (path) => call("GET", path),
    put: (path, body) => call("PUT", path, body, { "idempotency-key": randomUUID() }),
    post: (path, body = {}, idempotencyKey = randomUUID()) => call("POST", path, body, { "idempotency-key": idempotencyKey }),
    /** Asks `path` again and again until `isDone` says so of the answer; fails with the last answer. */
    async until(path, isDone, seconds = 30) {
      const deadline = Date.now() + seconds * 1000;
      let answer;
      do {
        answer = await client.get(path);
        if (isDone(answer)) return answer;
        await new Promise((resolve) => setTimeout(resolve, 100));
      } while (Date.now() < deadline);
      throw new Error(`${path} did not get there in ${seconds} s: ${JSON.stringify(answer, null, 1)}`);
    },
  };
  return client;
}

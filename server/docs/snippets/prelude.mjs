// Node 20 or a browser's own fetch; nothing to install.
const { API, KEY, MID, INVOICE, REFUND } = process.env;

async function refundry(method, path, body, key) {
  const headers = { authorization: `Bearer ${KEY}` };
  if (body) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const answer = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
  const json = await answer.json();
  // A problem says in `code` what went wrong, for programs, and in `detail`, for people.
  if (!answer.ok) throw new Error(`${json.code}: ${json.detail} (request ${json.request_id})`);
  return json;
}

# Python 3.9 or later; nothing to install.
import json, os, urllib.error, urllib.request

API, KEY, MID = os.environ["API"], os.environ["KEY"], os.environ["MID"]
INVOICE, REFUND = os.environ.get("INVOICE"), os.environ.get("REFUND")


def refundry(method, path, body=None, key=None):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        # A problem says in `code` what went wrong, for programs, and in `detail`, for people.
        problem = json.load(error)
        raise SystemExit(f"{problem['code']}: {problem['detail']} (request {problem['request_id']})")

"""Asks through Cryptomus's own SDK, unmodified. In: base URL, merchant, key, path and body; out: its answer, or what it raises."""

import json
import sys

from cryptomus import Client
from cryptomus.request_exceptions import RequestExceptionsBuilder

url, merchant, key, path, body = sys.argv[1:]
payment = Client.payment(key, merchant)
payment.requestBuilder.api_url = url
methods = {"v1/payment": payment.create, "v1/payment/info": payment.info}
ask = methods.get(path, lambda data: payment.requestBuilder.send_request(path, data))
try:
    answer = {"result": ask(json.loads(body))}
except RequestExceptionsBuilder as refusal:
    answer = {"raised": str(refusal)}
print(json.dumps(answer))

"""Verifies a webhook with the standardwebhooks library, unmodified. In: the secret, and {headers, body} as JSON; out: the event."""

import json
import sys

from standardwebhooks import Webhook

secret, received = sys.argv[1:]
received = json.loads(received)
print(json.dumps(Webhook(secret).verify(received["body"], received["headers"])))

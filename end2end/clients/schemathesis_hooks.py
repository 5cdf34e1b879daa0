"""Puts what is there in the place of made-up ids, so that Schemathesis comes further than "not found"; ids that are none stay wrong."""

import os
import uuid

import schemathesis

PLACES = {"mid": os.environ["MID"], "invoice": os.environ["INVOICE"], "refund": os.environ["REFUND"]}


def is_id(value):
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


@schemathesis.hook
def before_call(context, case, kwargs):
    for fields in (case.body, case.query):
        if isinstance(fields, dict):
            for name, known in PLACES.items():
                if is_id(fields.get(name)):
                    fields[name] = known
    # Made-up keys are few: most requests would be refused because another one had the same.
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) <= 255 and key.isascii() and key.isprintable():
        case.headers["Idempotency-Key"] = str(uuid.uuid4())

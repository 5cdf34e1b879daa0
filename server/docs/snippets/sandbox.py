print(refundry(
    "POST",
    "/sandbox/deposits",
    {"invoice": INVOICE, "amount": "3.000000"},
    "payment-1003",
))

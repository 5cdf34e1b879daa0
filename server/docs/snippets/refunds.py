print(refundry(
    "POST",
    "/refunds",
    {"invoice": INVOICE, "amount": "2.000000", "reason": "returned goods", "preview": True},
    "quote-1003",
))
print(refundry(
    "POST",
    "/refunds",
    {"invoice": INVOICE, "amount": "2.000000", "reason": "returned goods"},
    "refund-1003",
))
print(refundry("GET", f"/refunds/{REFUND}"))

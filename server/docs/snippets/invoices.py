print(refundry(
    "POST",
    "/invoices",
    {"mid": MID, "reference": "order-1003", "amount": "100.00", "currency": "USD", "asset": "USDT-TRON", "rate": "0.9890991"},
    "order-1003",
))
print(refundry("GET", f"/invoices?mid={MID}&status=pending&limit=10"))

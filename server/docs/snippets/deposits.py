print(refundry(
    "POST",
    "/deposits",
    {"external_id": "watcher-1003", "invoice": INVOICE, "amount": "1.000000", "asset": "USDT-TRON", "txid": "watcher-1003", "seen_at": "2026-06-01T12:00:00Z", "final": True},
    "deposit-1003",
))
print(refundry("GET", f"/deposits?invoice={INVOICE}"))

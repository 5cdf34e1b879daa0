print(refundry("GET", f"/mids/{MID}/policy"))
print(refundry(
    "POST",
    f"/mids/{MID}/policy/simulate",
    {"draft": {"on_over": "hold"}, "from": "2026-06-01", "to": "2026-07-01"},
))

source = refundry("POST", "/sources", {"kind": "btcpay", "mid": MID}, "source-1003")
print(refundry("GET", f"/sources/{source['id']}/news"))

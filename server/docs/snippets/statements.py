print(refundry("GET", f"/statements?mid={MID}&from=2026-06-01"))

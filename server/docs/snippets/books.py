print(refundry("GET", f"/balances?mid={MID}"))
print(refundry("GET", f"/ledger/entries?invoice={INVOICE}"))
print(refundry("GET", f"/statements?mid={MID}&from=2026-06-01"))

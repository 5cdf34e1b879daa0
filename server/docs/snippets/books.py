print(refundry("GET", f"/balances?mid={MID}"))
print(refundry("GET", f"/ledger/entries?invoice={INVOICE}"))

refundry "$API/balances?mid=$MID"
refundry "$API/ledger/entries?invoice=$INVOICE"
refundry "$API/statements?mid=$MID&from=2026-06-01"

refundry "$API/balances?mid=$MID"
refundry "$API/ledger/entries?invoice=$INVOICE"

# With a key of the operator's (refundry key create --operator).
refundry "$API/reconciliations?asset=USDT-TRON"

# With a key of the operator's (refundry key create --operator).
print(refundry("GET", "/reconciliations?asset=USDT-TRON"))

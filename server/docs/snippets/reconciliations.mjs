// With a key of the operator's (refundry key create --operator).
console.log(await refundry("GET", "/reconciliations?asset=USDT-TRON"));

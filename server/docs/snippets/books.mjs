console.log(await refundry("GET", `/balances?mid=${MID}`));
console.log(await refundry("GET", `/ledger/entries?invoice=${INVOICE}`));

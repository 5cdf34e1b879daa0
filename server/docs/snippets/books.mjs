console.log(await refundry("GET", `/balances?mid=${MID}`));
console.log(await refundry("GET", `/ledger/entries?invoice=${INVOICE}`));
console.log(await refundry("GET", `/statements?mid=${MID}&from=2026-06-01`));

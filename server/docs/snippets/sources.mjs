const source = await refundry("POST", "/sources", { kind: "btcpay", mid: MID }, "source-1002");
console.log(await refundry("GET", `/sources/${source.id}/news`));

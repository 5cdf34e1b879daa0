console.log(await refundry(
  "POST",
  "/invoices",
  { mid: MID, reference: "order-1002", amount: "100.00", currency: "USD", asset: "USDT-TRON", rate: "0.9890991" },
  "order-1002",
));
console.log(await refundry("GET", `/invoices?mid=${MID}&status=pending&limit=10`));

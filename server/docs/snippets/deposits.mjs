console.log(await refundry(
  "POST",
  "/deposits",
  { external_id: "watcher-1002", invoice: INVOICE, amount: "1.000000", asset: "USDT-TRON", txid: "watcher-1002", seen_at: "2026-06-01T12:00:00Z", final: true },
  "deposit-1002",
));
console.log(await refundry("GET", `/deposits?invoice=${INVOICE}`));

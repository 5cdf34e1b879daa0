console.log(await refundry(
  "POST",
  "/refunds",
  { invoice: INVOICE, amount: "2.000000", reason: "returned goods", preview: true },
  "quote-1002",
));
console.log(await refundry(
  "POST",
  "/refunds",
  { invoice: INVOICE, amount: "2.000000", reason: "returned goods" },
  "refund-1002",
));
console.log(await refundry("GET", `/refunds/${REFUND}`));

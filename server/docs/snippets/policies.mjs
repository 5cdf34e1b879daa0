console.log(await refundry("GET", `/mids/${MID}/policy`));
console.log(await refundry(
  "POST",
  `/mids/${MID}/policy/simulate`,
  { draft: { on_over: "hold" }, from: "2026-06-01", to: "2026-07-01" },
));

console.log(await refundry(
  "POST",
  "/webhook_endpoints",
  { url: "https://shop.example/webhooks/1002" },
  "endpoint-1002",
));
console.log(await refundry("GET", "/webhook_deliveries?status=given_up"));

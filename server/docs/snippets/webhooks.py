print(refundry(
    "POST",
    "/webhook_endpoints",
    {"url": "https://shop.example/webhooks/1003"},
    "endpoint-1003",
))
print(refundry("GET", "/webhook_deliveries?status=given_up"))

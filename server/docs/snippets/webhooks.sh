refundry "$API/webhook_endpoints" \
  --header "Idempotency-Key: endpoint-1001" \
  --json '{"url": "https://shop.example/webhooks/1001"}'
refundry "$API/webhook_deliveries?status=given_up"

refundry "$API/invoices" \
  --header "Idempotency-Key: order-1001" \
  --json '{"mid": "'"$MID"'", "reference": "order-1001", "amount": "100.00", "currency": "USD", "asset": "USDT-TRON", "rate": "0.9890991"}'
refundry "$API/invoices?mid=$MID&status=pending&limit=10"

refundry "$API/sandbox/deposits" \
  --header "Idempotency-Key: payment-1001" \
  --json '{"invoice": "'"$INVOICE"'", "amount": "3.000000"}'

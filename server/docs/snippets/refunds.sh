refundry "$API/refunds" \
  --header "Idempotency-Key: quote-1001" \
  --json '{"invoice": "'"$INVOICE"'", "amount": "2.000000", "reason": "returned goods", "preview": true}'
refundry "$API/refunds" \
  --header "Idempotency-Key: refund-1001" \
  --json '{"invoice": "'"$INVOICE"'", "amount": "2.000000", "reason": "returned goods"}'
refundry "$API/refunds/$REFUND"

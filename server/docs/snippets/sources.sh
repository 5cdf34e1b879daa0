refundry "$API/sources" \
  --header "Idempotency-Key: source-1001" \
  --json '{"kind": "btcpay", "mid": "'"$MID"'"}'
refundry "$API/sources"

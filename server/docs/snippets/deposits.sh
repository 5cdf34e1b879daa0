refundry "$API/deposits" \
  --header "Idempotency-Key: deposit-1001" \
  --json '{"external_id": "watcher-1001", "invoice": "'"$INVOICE"'", "amount": "1.000000", "asset": "USDT-TRON", "txid": "watcher-1001", "seen_at": "2026-06-01T12:00:00Z", "final": true}'
refundry "$API/deposits?invoice=$INVOICE"

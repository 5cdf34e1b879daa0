refundry "$API/mids/$MID/policy"
refundry "$API/mids/$MID/policy/simulate" \
  --json '{"draft": {"on_over": "hold"}, "from": "2026-06-01", "to": "2026-07-01"}'

refundry "$API/statements?mid=$MID&from=2026-06-01"

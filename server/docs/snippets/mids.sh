refundry "$API/mids"

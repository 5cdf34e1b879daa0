refundry "$API/events?refund=$REFUND"

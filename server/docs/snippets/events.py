print(refundry("GET", f"/events?refund={REFUND}"))

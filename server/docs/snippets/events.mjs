console.log(await refundry("GET", `/events?refund=${REFUND}`));

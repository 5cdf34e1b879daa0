console.log(await refundry("GET", "/mids"));

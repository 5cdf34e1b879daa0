print(refundry("GET", "/mids"))

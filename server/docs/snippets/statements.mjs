console.log(await refundry("GET", `/statements?mid=${MID}&from=2026-06-01`));

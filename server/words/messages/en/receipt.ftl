### The page that checks a receipt.

title = Check a receipt
content = Content of the receipt
content-hint = Open the file, copy everything and paste it here. It is not kept.
check = Check the receipt
checking = Checking…
genuine = This receipt is genuine
genuine-text = Refundry signed it here. The transaction ID leads to the payment on its network.
forged = This receipt is not genuine
forged-text = It was changed, or another installation of Refundry signed it. Do not rely on it.
unreadable = This is not a receipt
unreadable-text = Paste the whole content of the file that was downloaded, from the first bracket to the last.
merchant = Merchant
order = Order
asset = Asset
arrived = Arrived

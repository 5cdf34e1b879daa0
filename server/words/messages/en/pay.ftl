### The payment page.

title = Pay { $amount }
order = Order { $order }
email = Email
email-hint = If you send too much, too little or too late, the refund link goes to this address.
continue = Continue to payment
continuing = Continuing…
rate-held = Rate held for
# $left is a clock: 19:42
partly = { $seen } arrived. Send { $missing } more within { $left }.
exact-amount = Exact amount
still-to-pay = Still to pay
to-address = To this address
after-fee = Your wallet may add its own network fee. Send { $amount } after that fee.
send-only = Send only { $asset } on { $network }.
send-only-standard = Send only { $asset } on { $network } ({ $standard }).
others-lost = Other coins or networks sent here are lost.
# Where another system takes the payment and only tells of it.
elsewhere = Pay as { $merchant } told you. This page takes no payment: it shows when yours has arrived.
open-wallet = Open in wallet
qr-payment = QR code of this payment: { $amount } on { $network }, to the address below
qr-address = QR code of the address below
tag = Memo or tag, needed
tag-hint = Without it nobody knows what your payment is for.
waiting = Waiting for your payment
held-until = Held until { $time }
updates-itself = This page updates by itself
no-script = Load this page again to see whether your payment arrived.
confirming = Your payment is being confirmed
confirming-text = The network is confirming it. You can close this page.
paid = Paid
paid-text = Order { $order } is complete.
too-much = Paid. You sent a little extra
too-much-text = Order { $order } is complete. The extra is yours.
too-little = The payment was too small
too-little-text = Order { $order } was not completed. All of it is refunded.
too-late = The payment arrived too late
too-late-text = The rate had ended, so order { $order } was not completed. All of it is refunded.
not-accepted = The payment could not be accepted
not-accepted-text = { $merchant } could not accept it for order { $order }. All of it is refunded.
never-paid = The time to pay has ended
never-paid-text = Nothing arrived for order { $order }. Do not pay now: ask { $merchant } for a new payment page.
you-sent = You sent
order-price = Order price
refund = Refund
claim-now = Claim refund now
link-elsewhere = The link to it is in your email, or comes from { $merchant }.

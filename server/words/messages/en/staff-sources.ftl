### Other systems that tell of deposits. Times are in UTC.

copy-secret = Copy the secret now
# What is copied: after “Copy”.
secret-name = secret
secret-text = Enter it where BTCPay Server asks for the webhook’s secret. If you lose it, remove the source and add another.
none = No source yet
none-text = Let BTCPay Server, Cryptomus or NOWPayments tell Refundry what was paid. Orders are matched by their reference.
none-of-operator = Sources are set up by each merchant’s own staff.
# Where BTCPay Server has its settings.
place-btcpay = Store settings, Webhooks: the URL as payload URL, “A payment has been settled” and “received” on
place-cryptomus = url_callback of each payment
place-nowpayments = Store settings, Instant payment notifications, or ipn_callback_url of each payment
told = Told
order = Order
outcome = What became of it
last = Last
wrongly-signed = Wrongly signed
# $count is how many, $last a time.
forged = { $count }, the last { $last } UTC. Compare the secrets.
news = News
news-newest = What it told, newest first
remove-text = What it tells is not heard any more. The deposits it told stay.
remove-source = Remove the source
tells-of = Tells deposits of
enter-url = Enter this URL there
url = URL
where = Where
taken = Taken
unchanged = Known already
ignored = No payment
not-ours = Not ours
refused = Refused
# Why nothing came of it, and what to do.
why-no-order = It names no order: let the other system know the invoice’s reference as its order id.
why-no-invoice = No invoice of this MID has that reference.
# $charged is an asset with its network, $coin what the other system calls what came.
why-other-coin = This invoice is paid in { $charged }, and this is { $coin }: give it back where it came.
why-contradicts = This payment was told as final before, and differently: compare it with the other system.
# $words are those of the API, in English.
why-impossible = It cannot be booked: “{ $words }”
add = Add a source
add-text = It tells what was paid for orders of one MID. Whoever has its secret can do that: payouts are locked for a day.
system = System
its-secret = Its secret
its-secret-hint = Cryptomus: the payment API key. NOWPayments: the IPN secret key. BTCPay Server: leave it empty and one is made.
add-source = Add source
choose-system = Choose a system
secret-of-cryptomus = Copy the payment API key from Cryptomus: it signs with that
secret-of-nowpayments = Copy the IPN secret key from NOWPayments: it signs with that
secret-invalid = Use 16 to 200 characters without spaces, as the other system shows it

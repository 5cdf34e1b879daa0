### What payer pages have in common.

refunds-by = Refunds by Refundry
payments-by = Payments by Refundry
privacy = Privacy
get-help = Get help
language = Language: { $name }
problem = There is a problem
error = Error: { $text }
# $policy is a link.
consent = I agree to the { $policy }.
# $policy is a link.
consent-to-refund = I agree to the { $policy }. My address is used only to send this refund.
privacy-policy = privacy policy
privacy-policy-of = privacy policy of { $merchant } (version { $version })
agree = Agree to the privacy policy to continue
agree-again = The privacy policy has changed. Read it and agree again
enter-email = Enter an email address, like name@example.com
copy = Copy { $what }
# On the button itself; what is copied stands beside it.
copy-word = Copy
copied = Copied: { $what }
copy-refused = Your browser did not allow copying
asset-on = { $asset } on { $network }
standard-network = { $standard } network
amount = Amount
network = Network
address = Address
tag = Memo or tag
reference = Reference
txid = Transaction ID
# Said by a form that was not sent.
offline = You are offline. Nothing was sent. Try again.
# $time is when the page was made.
stale = You are offline. What you see is from { $time }.

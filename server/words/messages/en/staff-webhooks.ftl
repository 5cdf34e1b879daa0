### Where a merchant listens: endpoints, one endpoint, what was sent there. Times are in UTC.

copy-secret = Copy the signing secret now
# What is copied: after “Copy”.
secret-name = signing secret
secret-signs = It signs what is sent to { $url }. If you lose it, replace it by another one.
# What the operator sees: a MID, or “All MIDs”, of a merchant.
of-merchant = { $mid } of { $merchant }
endpoints = Endpoints
none = No endpoint yet
none-text = Refundry posts signed JSON for every change. Without an endpoint nobody is told.
none-of-operator = Endpoints are set up by each merchant’s own staff.
# $until is a time.
two-secrets-until = Two secrets sign until { $until } UTC, the new one and the one before
one-secret = One secret signs
switched-off = Switched off
two-secrets = Two secrets
deliveries-and-tests = Deliveries and tests
gets-of = Gets webhooks of
written-as = Written as
signing-secret = Signing secret
change-url = Change URL
new-url = New URL
new-url-hint = What waits to be delivered goes there too. Payouts are locked for a day.
change-the-url = Change the URL
replace-secret = Replace secret
replace-secret-text = The new secret is shown once. Both secrets sign for 24 hours, so nothing is lost while you deploy. Payouts are locked for a day.
replacing = Replacing…
replace-the-secret = Replace the secret
remove-text = Nothing more is sent there, also what waits to be delivered. This cannot be undone.
remove-endpoint = Remove the endpoint
# The dialect that is no other system's.
own-words = Refundry’s own
dialect-hint = For programs that already read another system’s webhooks.
add = Add an endpoint
add-text = Refundry posts signed JSON there for every change. Its webhooks carry claim links: payouts are locked for a day.
url = URL
url-hint = HTTPS only. Private and local addresses are refused.
add-endpoint = Add endpoint
wrong-url = Enter an HTTPS URL without user name and password, like https://shop.example/webhooks
url-taken = This URL gets these webhooks already
replaced-meanwhile = This secret was replaced meanwhile. Nothing was done.
no-key = The MID has no API key to sign with: make one
event = Event
time = Time
response = Response
attempts = Attempts
resend = Resend
# Said of the button in a row.
resend-named = Resend { $event } number { $number }
more = More deliveries
older = Older
# After a test. $outcome is outcome-status or what came instead, $millis how long it took.
tested-status = Test event: answered { $status } after { $millis } ms.
# After a test that nobody answered: $error is one of the messages below.
tested-error = Test event: { $error } after { $millis } ms.
# Why a webhook was not taken, where no status says it.
fault-removed = the endpoint was removed
fault-off = the endpoint is switched off
fault-no-key = no API key to sign with: make one
fault-not-a-url = this is no URL
fault-private = the address is private
fault-no-answer = no answer in time
fault-no-connection = no connection
fault-failed = the connection broke off
send-test = Send test event
public-key = Public key
# What is copied: after “Copy”.
public-key-name = public key
signatures = Signatures
switch-on = Switch on again
switching-on = Switching on…
# $since is a time.
off-since = Switched off since { $since } UTC.
off-why = It answered 410, which says that it wants nothing more. What happens meanwhile is not sent.
change-telling = Change how it is told
written-as-hint = From the next event on. What waits stays as it was written.
signatures-hint = Systems that sign their own way go on doing so.
save = Save
# What an endpoint answered, where it answered nothing.
nothing-said = Nothing
happened = Happened
number = Its number
last-answer = The last answer
body = Body, without claim links
no-body = The MID has no API key to sign with: make one.
nothing-sent = Nothing was sent there yet.
deliveries = Deliveries
deliveries-newest = Deliveries, newest first
deliveries-text = What fails is tried again for three days, then listed here for you to send again.
# How a delivery stands that has no status of the endpoint's.
delivered = Delivered
waiting = Waiting
no-answer = No answer
signed-v1 = A shared secret (v1)
signed-v1a = A key pair (v1a)
signed-both = Both, on the way from one to the other
# How many of all events are on, both numbers.
events-on = { $on } of { $all } on
events = Events
events-text = What this endpoint is told of. A choice is for what happens from now on; what waits is still sent, and test events always are.
events-of-dialect = In { $system }’s words it is told what that system tells. Events are chosen only for endpoints that are told in Refundry’s own words.
events-of-refunds = Refunds
events-of-invoices = Payments
save-events = Save events
no-events = Choose at least one event. To be told of nothing, remove the endpoint
event-invoice-processing = A payment was seen
event-invoice-complete = The invoice counts as paid
event-invoice-underpaid = Too little came; all of it goes back
event-invoice-expired = Nothing came in time
event-invoice-canceled = A payment came and was not accepted
event-invoice-held = A payment waits for a person
event-invoice-orphaned = A final payment vanished from the chain
event-invoice-restored = It is there again
event-refund-created = Money is owed to a payer
event-refund-claim-available = The claim link works; this carries it
event-refund-claimed = An address was confirmed
event-refund-claimed-again = Another address was given and not taken
event-refund-sending = The payout began
event-refund-fee-raised = The payout got a higher fee
event-refund-paid = The payout is confirmed
event-refund-payout-failed = The payout did not go through
event-refund-blocked = It is due and waits
event-refund-expired = Nobody claimed it in time
event-refund-canceled = Stopped by the payer or by you
event-refund-reorged = Its block is gone; it is sent again
event-refund-reissued = It is offered by a new link
event-refund-declined = The second person said no
event-refund-expiring = The claim link ends soon
event-refund-held = A person looks at it first
event-refund-delayed = The payer’s time to cancel is longer
event-refund-approval-needed = A second person must approve it
event-refund-undelivered = A mail to the payer did not arrive

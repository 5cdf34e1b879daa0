### The list of invoices, and one invoice: what it asks for, what came in, what goes back, its cases, its mails, the sandbox’s tools.

pending = Waiting for payment
processing = Confirming
complete = Paid
underpaid = Underpaid
expired = Expired
canceled = Not accepted

export-csv = Export CSV
search = Search invoices
search-hint = Order, email, address, tx, amount
all = All
views = Invoice views
newest-first = Invoices, newest first
head-order = Order and payer
head-price = Price
head-paid = Paid in
head-asset = Asset
head-status = Status
head-goes-back = Goes back
head-mid = MID
head-created = Created
none-found = No invoices match these filters
none-found-text = Search for the whole reference, as your shop wrote it, or for a whole email, address or transaction.
none-yet = No invoices yet
none-yet-text = Your shop creates them through the API.
clear-filters = Clear filters

refund = Refund
open-page = Open payment page
payment = Payment
exact-amount = Exact amount
received = Received
asset = Asset
address = Address
# What is copied.
the-address = address
tag = Tag
rate = Rate
rate-of = { $rate } { $currency } per { $symbol }
payer-email = Payer email
created = Created
expires = Expires
in-utc = { $time } UTC

payments = Payments received
payments-oldest-first = Payments received, oldest first
no-payment = No transaction seen yet.
times-in-utc = Times in UTC
head-amount = Amount
head-transaction = Transaction
head-seen = Seen
head-reference = Reference
final = Final
gone = Gone
undone = Undone
confirming = Confirming
refunds = Refunds
refunds-of = Refunds of this invoice
refunds-oldest-first = Refunds of this invoice, oldest first

differ = Payments that differ
# $flags are the messages that begin with “flag-”, with commas.
case = Case { $number }: { $flags }
# Between two flags.
comma = {", "}
case-received = Received
credited = Credited to you
goes-back = Goes back
kept-apart = Kept apart, too little to refund
what-happens = What happens to the money?
choose = Choose what happens
decide = Decide
deciding = Deciding…
operator-only = Only the operator decides this.
held = The money is held.
held-by-policy = Your policy leaves this payment to a person. What comes in until then is decided with it.
held-for-risk = It may come from an address on a sanctions list, so only the operator decides.
held-without-rate = Your policy needs the rate of the day, and none is known. Decide it yourself.
held-suspended = The operator suspended this MID, so nothing is decided by rule.
accept = Accept it
accept-text = All of it is yours and the invoice counts as paid
refund-extra = Refund the extra
refund-extra-text = You keep the price, the rest goes back to the payer
refund-all = Refund all of it
refund-all-text = You keep nothing, the payer gets a claim link
case-manual = Needs a decision
case-credited = Accepted
case-split = Price kept, rest refunded
case-refunded = Refunded
case-dust = Too little to refund
case-attributed = Paid another invoice
case-void = Undone by the network
flag-under = too little
flag-over = too much
flag-late = too late
flag-multi = in several payments
flag-wrong-asset = another coin
flag-missing-tag = without its tag
flag-risk = risky address
flag-post-resolution = after the invoice was settled

mails-title = Mails of invoice { $reference }
mails-here = { $reference }: mails
mails-text = What a payer who can be written to is told now. Their links work: whoever opens one acts for the payer.
back = Back to the invoice
no-mails = The payer is written nothing as things stand.
mail-to = { $reference }, to { $email }
mail-to-nobody = { $reference }, to nobody: no e-mail address is known
open-link = Open its link

tools = Sandbox tools
simulate = Simulate a payment
sandbox-only = Sandbox only
simulate-text = No real coins move. Webhooks are sent as in production.
scenario = What happens?
scenario-exact = Exact
scenario-exact-text = The full amount, on time
scenario-over = Too much
scenario-over-text = Half as much again
scenario-under = Too little
scenario-under-text = Half of it
scenario-late = Too late
scenario-late-text = After the rate has ended
# $optional is the next message, in small letters.
another-amount = Another amount { $optional }
optional = (optional)
simulate-payment = Simulate payment
paying = Paying…
more-than-nothing = Send more than nothing
not-watched = This invoice ended more than 90 days ago: its address is not watched any more
clock = Move the clock
clock-text = It is { $time } UTC in this sandbox. What falls due happens at once, for all invoices.
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
mails = Mails to the payer
mails-what = What they are told as things stand, also where no mail server is set.
show-mails = Show the mails

# What the sandbox says below a payment that it can make. $what is a choice of the policy: Refund the extra.
policy-does = Policy version { $number }: { $what }
waits-for-rest = Decided at { $time }: until then the rest may come
late-after = Late is what comes after { $time }

### Lists of staff and what narrows them down; the list of refunds, and what is done to several of them at once.

mid = MID
all-mids = All MIDs
asset = Asset
all-assets = All assets
from = From
to = To
# The button that narrows a list down.
show = Show
# On a filter: so many of its choices.
chosen = { $count } chosen
clear = Clear
newer = Newer
older = Older

export-csv = Export CSV
search-hint = Order, email, address, tx, amount
reason = Reason
any-reason = Any reason
expires-by = Expires by
views = Refund views
# Claim links that stop working within days.
expiring-soon = Expiring soon
all = All
caption = Refunds, newest first
amount = Amount
status = Status
order-and-payer = Order and payer
created = Created
# The head of the column of boxes to tick.
select = Select
select-one = Select { $reference }
select-page = Select all on this page
# $time is when a refund leaves.
sends = sends { $time }
# $time is when it ended.
paid-at = paid { $time }
ended-at = ended { $time }
waits-funds = waits: wallet holds too little
waits-balance = waits: balance too small
waits-fee = waits: network fee too high
waits-maintenance = waits: payouts are paused
waits-frozen = waits: payouts are locked
waits-suspended = waits: MID is suspended
waits-rate = waits: no exchange rate
waits-reorged = waits: payment undone by the network
first-use = First use
none = No refunds yet
none-text = When a payer sends too much, too little or too late, the refund shows up here by itself. You can also refund any paid invoice.
to-invoices = Go to invoices
no-match = No refunds match these filters
no-match-text = References, orders, emails, addresses, transactions and amounts are found when they are written whole.
clear-filters = Clear filters
all-time = Search all time

selected = Selected refunds
# Filled in by the browser, with any number.
some-selected = { $count } selected
all-match = All that match
export = Export
approve = Approve
remind = Remind
retry = Retry
cancel = Cancel refunds
approve-title = Approve refunds
approve-button = { $count ->
    [one] Approve { $count } refund
   *[other] Approve { $count } refunds
}
approve-then = Each goes on its way: to its payer’s claim link, or into its security delay. Those you created yourself are left out.
approve-done = { $count } approved
approve-some = { $count } approved, { $refused } could not be
remind-title = Remind payers
remind-button = { $count ->
    [one] Remind { $count } refund
   *[other] Remind { $count } refunds
}
remind-then = Each payer gets the claim link once more. No money moves.
remind-done = { $count } written to
remind-some = { $count } written to, { $refused } could not be
retry-title = Retry payouts
retry-button = { $count ->
    [one] Retry { $count } refund
   *[other] Retry { $count } refunds
}
retry-then = Each payout that failed is ordered once more. Nothing left the wallet for them before.
retry-done = { $count } ordered again
retry-some = { $count } ordered again, { $refused } could not be
cancel-button = { $count ->
    [one] Cancel { $count } refund
   *[other] Cancel { $count } refunds
}
cancel-then = Nothing is sent. The money goes back to where it came from and the payers’ links stop working.
cancel-done = { $count } cancelled
cancel-some = { $count } cancelled, { $refused } could not be
# Above what would be done: Approve refunds: 2 refunds
heading = { $count ->
    [one] { $title }: { $count } refund
   *[other] { $title }: { $count } refunds
}
to-be-done = The refunds it is done to, newest first
nothing-label = Nothing selected
nothing = Nothing is selected
nothing-text = Tick refunds in the list, or choose all that match its filters. Nothing was done.
to-refunds = Go to refunds
left-out = { $count ->
    [one] { $count } of the selected refunds stands where this cannot be done and is left out.
   *[other] { $count } of the selected refunds stand where this cannot be done and are left out.
}
more = More than { $most } match. This is about the newest { $most }; come back for the rest.
unseen = And { $count } more.
not-now = Not now
nothing-to-do = Nothing to do
# Before it is over: 20 of 31: 18 approved
so-far = { $looked } of { $all }: { $done }
skipped = { $count } stood where this cannot be done and were left as they are.
stopped = Stopped after { $most } that could not be done: look at the reasons first. { $untouched } were not touched.
refused = Could not be done
back = Back to refunds
go-on = Go on
stop-here = Stop here
untouched = { $count } are left as they are until you go on.
how-far = How far it is

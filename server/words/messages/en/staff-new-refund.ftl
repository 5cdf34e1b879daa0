### The page that makes a refund of a paid invoice: which invoice, how much, where to, and what a quote would do.

heading = Refund an invoice
which = Which invoice?
order = Order
order-hint = The whole reference, as your shop wrote it.
not-found = Invoice not found
several = Several of your MIDs have this order. Choose one.
find = Find invoice
look-through = Look through invoices

used-up = All that was paid for this invoice is refunded already.
nothing-paid = Refunds work only for completed payments. Nothing was paid on this invoice yet.
still-confirming = Refunds work only for completed payments. This invoice is still confirming.
goes-back-by-policy = Refunds work only for completed payments. What came in for this invoice goes back as your policy says.
too-old = This invoice is too old to be refunded. Your policy says for how long invoices can be.
locked = Payouts are locked until { $time }. You can create the refund; it is sent after that.

invoice = Invoice
change = Change
paid-in-full = Paid in full
# $status is a status of invoices, or the message before.
stands = { $status }, { $time }
stands-of = { $status } by { $email }, { $time }
paid-at = paid { $amount } at { $rate }

how-much = How much?
amount-type = Amount type
full = Full
part = Part
percent = Percent
all-left = All that can still be refunded: { $amount }.
all-left-worth = All that can still be refunded: { $amount }, { $worth } when they paid.
up-to = Up to { $amount }.
amount = Amount to refund
percentage = Percentage to refund
percentage-hint = Of what was paid, from more than 0 to 100.
coins = Coins to refund

at-which-rate = At which rate?
rate-then = Rate when they paid
rate-then-text = { $rate } { $currency } per { $symbol }. The same share of the coins they sent
rate-now = Rate now
rate-now-text = The same value as today, held while the preview is
rate-release = Rate when it is sent
rate-release-text = The same value on the day the coins leave; the preview shows today’s
rate-min = The fewer coins
rate-max = The more coins
rate-then-and-now = Of the rate when they paid and the rate now
custom = Custom
custom-text = Enter the amount of coins yourself

who-pays = Who pays the network fee?
we-pay = We pay
we-pay-text = The payer receives the full amount
payer-pays = The payer pays
payer-pays-text = The fee is taken from the refund

how-it-reaches = How does it reach the payer?
by-link = Send a claim link
by-link-text = They enter their own address. Valid for { $valid }, then a security delay of { $delay }
by-address = I know the address
by-address-text = { $network } only, the same network as the payment
their-address = Their { $symbol } address on { $network }
tag-hint = Exchanges often need this. Without it the money can be lost. Write none when the wallet uses none.
email-the-payer = Email the payer: { $email }
no-email = No email of this payer is known. Copy the claim link from the refund and send it to them yourself.
# $optional is the next message, in small letters.
message = Message to the payer { $optional }
optional = (optional)
message-hint = Shown with the refund. Write no passwords or keys.

preview = Preview
preview-text = See what the payer receives and what leaves your balance before anything is made.
show-preview = Show preview
update-preview = Update preview
working-it-out = Working it out…
nothing-moved = nothing has moved yet
edited = The refund changed. Check the new preview.
renewed = The rate changed. Check the new amount.
payer-receives = Payer receives
worth = { $amount } at the rate when they paid
worth-now = { $amount } at the rate now
worth-release = { $amount }. How many coins that is, the rate of the day they are sent says
refund = Refund
fee-you = Network fee, you
fee-taken = Network fee, taken from it
leaves = Leaves your balance
movement = Ledger movement, when it is sent
to-fees = { $mid } to Network fees
to-held = { $mid } to Held for refunds
balance-now = { $mid } now
balance-after = { $mid } after
too-small = too small now
holds-until = This preview holds until { $time } UTC.
second-person = Needs a second person.
second-person-text = What you refund today is over your { $limit } limit, so an approver must confirm it.
short = Your { $mid } balance is { $balance }, { $missing } short. You can create the refund; it is sent once the balance is enough.
ask-for-approval = Ask for approval
send-refund = Send refund
create-refund = Create refund
creating = Creating…

choose-how-much = Choose how much to refund
enter-coins = Enter the amount of coins to refund
enter-amount = Enter the amount to refund
enter-percent = Enter the percentage to refund
at-most = The most you can refund is { $amount }
fee-too-large = The fee is larger than the refund. Pay the fee yourself or refund more.
no-rate = No exchange rate is known now. Choose the rate when they paid.
write-number = Use digits and one point, such as 12.50
decimals = Too many decimals: this asset has { $count }
too-large = The amount is too large
more-than-nothing = Refund more than nothing
write-percent = Choose more than 0, up to 100 percent
message-too-long = Use at most { $count } characters, without control characters
not-accepted = This address cannot receive this refund. Use another.

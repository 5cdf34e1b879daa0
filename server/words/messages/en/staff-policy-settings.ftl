### The settings of a policy, as staff read them. What `domain::policy` says of them in English is for the API and the manual.

not-set = not set
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
percent = { $number } %
# Reminders of a claim link’s end: 30, 7, 1 days before.
days-before = { $list } days before
# Units to choose from, beside a number.
unit-years = years
unit-weeks = weeks
unit-seconds = seconds
unit-minutes = minutes
unit-hours = hours
unit-days = days
unit-months = months
# Labels of the parts of a setting, for those who hear them.
unit-of = { $setting }, unit
currency-of = { $setting }, currency
amount-of = { $setting }, amount { $number }
amounts-hint = An amount a row, with its currency. Clear an amount to take its row away.

# What can be written into fields that were filled in wrongly.
choose-one = Choose among these
write-grace = Enter 0 to 7 days
write-drift = Enter 0 to 100 percent
write-tolerance = Enter 0 to 50 percent
write-top-up = Enter 0 to 30 days
write-delay = Enter 0 to 30 days
write-claim = Enter 1 to 365 days
write-cap = Enter more than 0, up to 100 percent
write-requote = Enter 0 to 90 days
write-window = Enter 0 minutes to 1 day; 0 sends each alone, at once
write-quote = Enter 1 minute to 1 day
write-refund-window = Enter 1 to 3650 days
write-amounts = Enter amounts of at least 0 with at most 2 decimals, each with a currency of its own, such as EUR
write-reminders = Enter up to 10 numbers of days from 1 to 364, the largest first, such as 30, 7, 1

overpaid = Overpaid
overpaid-text = The payer sends more than the invoice asks, for example 150 USDT for 100 USDT.
underpaid = Underpaid
underpaid-text = The payer sends less than the invoice asks, for example 50 USDT for 100 USDT.
late = Late
late-text = The payment arrives after the invoice expired, so the rate no longer holds.
people = People
people-text = Who looks at a refund before it goes. An amount per currency; without any, nobody has to.
rules = Rules for every refund
rules-text = How payers claim, how long they can cancel, who pays the network.
news = Email and webhooks
news-text = Who tells the payer, and when they are reminded.
own = Refunds you make yourself
own-text = Of invoices that were paid.

ask-a-person = Ask a person
ask-a-person-text = The money is held until somebody decides
refund-everything = Refund everything
recalc = Work the price out again
recalc-text = At the rate of that moment: what covers it is accepted, what does not goes back

on-over = Overpaid: what should happen?
on-over-hint = What happens when a payer sends too much.
on-over-extra = Refund the extra
on-over-extra-text = You get 100 USDT. The payer gets a link for 50 USDT. The invoice is paid
on-over-keep = Keep everything
on-over-keep-text = You get all 150 USDT. No refund. The invoice is paid
on-over-refund-text = The payer gets a link for 150 USDT. The invoice is not paid
tolerance-hint = Up to which difference, under or over, a payment counts as exact: whichever of percent and amount allows more.
tolerance-percent = Ignore differences up to (%)
tolerance-absolute = Or up to these amounts
claim-floor = Smallest refund
claim-floor-hint = Below which amount a difference is not worth a refund: it is kept apart as a residual.

on-under = Underpaid: what should happen?
on-under-hint = What happens when a payer sends too little.
on-under-refund-text = The payer gets a link for 50 USDT. The invoice is not paid
on-under-accept = Accept what was sent
on-under-accept-text = You get 50 USDT. The invoice is marked underpaid
topup-until = Wait for a second payment
topup-until-hint = How long after an invoice expires the rest of a part payment may still come.

on-late = Late: what should happen?
on-late-hint = What happens when a payment comes after the invoice expired.
on-late-refund-text = The payer gets a link for all of it. The invoice stays expired
on-late-accept = Accept it
on-late-accept-text = You get the coins as they are. The invoice is marked paid late
on-late-close = Accept it while the rate is close
on-late-close-text = Else the payer gets a link for all of it
late-grace-hint = How long after an invoice expires a payment still counts as in time, by how the invoice was priced.
late-grace-fiat = Accept as on time within, priced in a currency
late-grace-coin = Accept as on time within, priced in coins
late-rate-drift = How close the rate must be (%)
late-rate-drift-hint = By how many percent the rate may have moved where a late payment is accepted while the rate is close.

approval-above = Second approval above
approval-above-hint = Above which sum of one person's or key's refunds in a day a second person must approve.
review-above = Look before it is sent above
review-above-hint = Above which amount a person looks at a refund before it is sent.
low-risk-band = The link alone is enough up to
low-risk-band-hint = Above which amount the claim link alone is not enough: its payer also gives a code that is mailed to them, or a person looks at it.

claim-ttl = Claim link works for
claim-ttl-hint = How long a claim link works, counted on the calendar: three months are not 90 days.
on-expiry = When nobody claims it
on-expiry-hint = What becomes of money nobody claimed.
on-expiry-credit = It is yours
on-expiry-credit-text = The money is credited to the MID
on-expiry-hold = Keep it for the payer
on-expiry-hold-text = It stays held until you offer it again
security-delay = Security delay after a claim
security-delay-hint = How long a confirmed refund waits before it is sent; until then the payer can cancel.
delay-anchor = The delay counts from
delay-anchor-hint = From when the security delay is counted.
delay-anchor-claim = The payer’s confirmation
delay-anchor-claim-text = Every payer has all of it to cancel
delay-anchor-refund = The refund’s creation
delay-anchor-refund-text = Who claims late waits less, or not at all
payer-cancel = During the delay the payer
payer-cancel-hint = Whether the payer can cancel during the security delay.
payer-cancel-can = Can cancel
payer-cancel-can-text = By the link in the mail
payer-cancel-cannot = Cannot cancel
payer-cancel-cannot-text = Only you can
reopen = After a payer cancelled
reopen-hint = Who may offer a refund again that its payer canceled.
reopen-merchant = You can offer it again
reopen-merchant-text = By a new link
reopen-admin = Only the operator can
reopen-admin-text = Ask them
destination = Who says where the money goes
destination-hint = Who says where the money goes.
destination-payer = The payer
destination-payer-text = On the claim page
destination-merchant = You
destination-merchant-text = Until then the payer’s link works too
destination-source = The address that paid
destination-source-text = When all of it came from one
destination-invoice = The invoice
destination-invoice-text = When an address came with it
fee-bearer = Network fee
fee-bearer-hint = Who pays the network's fee.
fee-bearer-payer = The payer pays
fee-bearer-payer-text = Taken from the refund
fee-bearer-merchant = We pay
fee-bearer-merchant-text = Taken from your balance
fee-cap = Wait while the fee is above (% of the refund)
fee-cap-hint = Up to how many percent of a refund the network's fee may be; above it the refund waits.
requote-after = Then ask the payer again after
requote-after-hint = How long a refund waits whose network fee rose above the one its payer agreed to, before they are asked again by a new link.
batch-window = Wait for others to be sent together
batch-window-hint = How long a refund that is sent waits for others, so that one transaction pays them together on networks that can do that.

notify = Who writes to the payer
notify-hint = Who writes to the payer.
notify-both = Refundry and you
notify-both-text = By email, and you get the link by webhook
notify-engine = Refundry
notify-engine-text = By email
notify-merchant = You
notify-merchant-text = You get the link by webhook
notify-nobody = Nobody
notify-nobody-text = Copy links from the dashboard
reminders = Remind so many days before the link ends
reminders-hint = How many days before a claim link ends the payer is reminded.

rate-rule = How many coins an amount is
rate-rule-hint = How many coins a refund of a priced amount is, when the merchant makes one.
rate-rule-release = Rate when it is sent
rate-rule-release-text = The same value on that day
rate-rule-create = Rate when it is made
rate-rule-create-text = The same value on that day
rate-rule-then = Rate when they paid
rate-rule-then-text = The invoice’s own rate
rate-rule-exact = The payer’s own coins
rate-rule-exact-text = As many as they sent for it
rate-rule-min = The fewer
rate-rule-min-text = Of then and now
rate-rule-max = The more
rate-rule-max-text = Of then and now
quote-ttl = A preview holds for
quote-ttl-hint = How long a quote for a refund holds: waiting for a better price is nobody's free option.
refund-window = Invoices can be refunded for
refund-window-hint = How long after an invoice was made the merchant can refund it.
refundable-states = Invoices that can be refunded are
refundable-states-hint = In which states an invoice can be refunded by the merchant.

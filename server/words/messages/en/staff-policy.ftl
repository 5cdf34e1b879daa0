### The list of policies, and one MID’s policy: its form, its simulator and its history.

list-text = Each MID has its own. It decides what happens when a payment does not match its invoice.
head-mid = MID
head-live = Live
head-state = State
head-since = Since
open = Open
suspended = Suspended
version = Version { $number }

title = Refund policy, { $mid }
version-live = Version { $number } live
text = Decides what happens when a payment does not match its invoice. Payments already detected keep the version they started with.
saved = Saved. It is live.
saved-scheduled = Saved. It becomes live at its time.
saved-draft = Saved, and not live yet: it loosens a guard, so a second person has to agree to it below.

save-title = Save
save-text = A version that loosens a guard waits for a second person, where you ask for second persons at all.
# $empty is the next message, in small letters.
live-from = Live from, in UTC { $empty }
at-once = (empty: at once)
save = Save version { $number }
saving = Saving…
try-it = { $days ->
    [one] Try it on the last { $days } day
   *[other] Try it on the last { $days } days
}
trying = Trying…
discard = Discard
# Behind what a setting does.
locked = The operator keeps this setting.
is-now = It is { $value } now.

meanwhile = Somebody changed this policy meanwhile. Nothing was saved. Load the page again and see what is different.
write-time = Write a date and time, such as 2026-12-01T08:00
within-a-year = Choose a time within the next year, or leave it empty
keeps = The operator keeps this setting: ask them to change it
own-version = You wrote this version, so someone else has to agree to it. Nothing was done.

# What is different for one asset. $asset is an asset in words: USDT on Tron.
title-asset = Refund policy for { $asset }, { $mid }
text-asset = What is changed here is for { $asset } alone. The rest follows the policy for all assets, also when that changes.
all-assets = Policy for all assets
for-all-it-is = Without a change for this asset it is { $value }.
take-back = As for all assets again
assets = Different for one asset
assets-text = Amounts mean something else where fees are high or coins are few: say here what is not the same everywhere.
head-asset = Asset
head-different = Different
head-action = Action
as-for-all = As for all assets
says-of = { $setting }: { $value }
# Names a setting of one asset where changes are listed.
setting-of = { $asset }, { $setting }
change = Change
look-at = Look
# What a button does, and for which asset.
action-for = { $action }: { $asset }

history = History
times-in-utc = Times in UTC
waits = Waits for a second person
waits-for = Version { $number } waits for a second person.
scheduled = Scheduled
live = Live
replaced = Replaced
given-up = Given up
by-you = By you, { $time }
by-a-colleague = By a colleague, { $time }
by-person = By { $who }, { $time }
by-a-key = By an API key, { $time }
by-refundry = By Refundry, { $time }
# After who wrote it and when: “By you, 3 Nov, 14:32, live from 4 Nov, 08:00”.
and-live-from = { $written }, live from { $time }
# What a version says of a setting. $to is an arrow, or the next message for those who do not see it.
differs = { $setting }: { $old } { $to } { $new }
to = to
says-nothing = Says nothing different from the version before.
tried-none = Tried on payments of { $from } to { $to }: there were none.
tried-same = { $count ->
    [one] Tried on payments of { $from } to { $to }: all { $count } invoice would stand where they stand.
   *[other] Tried on payments of { $from } to { $to }: all { $count } invoices would stand where they stand.
}
tried-differs = { $count ->
    [one] Tried on payments of { $from } to { $to }: { $changed } of { $count } invoice would stand elsewhere.
   *[other] Tried on payments of { $from } to { $to }: { $changed } of { $count } invoices would stand elsewhere.
}
give-up = Give up
giving-up = Giving up…
agree = Agree to it
agreeing = Agreeing…
someone-else = You wrote this version, so someone else has to agree to it.

simulator-label = Policy simulator
simulator = Simulator
last-days = { $days ->
    [one] last { $days } day
   *[other] last { $days } days
}
change-first = Change something, then try it: real payments are judged again by the draft.
who-may = Who may change the policy can try it on real payments here.
nothing-sent = Nothing is sent. The simulator replays real payments against the draft.
too-many = There are too many payments in this time to try them all at once.
what-changes = What changes
newest-ten = Only the newest ten are listed.
with-this-draft = With this draft
# Behind the number, which is large.
elsewhere = { $count ->
    [one] invoice would stand elsewhere
   *[other] invoices would stand elsewhere
}
tried = { $count ->
    [one] { $count } invoice tried, { $differing } with a payment that did not match.
   *[other] { $count } invoices tried, { $differing } with a payment that did not match.
}
left-out = { $count ->
    [one] { $count } invoice could not be tried.
   *[other] { $count } invoices could not be tried.
}
was = was { $amount }
to-you = To you
to-payers = Back to payers
held = Held
dust = Too little to refund

# What an invoice would have become by the draft. $asset is an asset with its network: USDT-TRON.
would-credit = { $amount } { $asset } would be credited to the merchant instead of { $was }
would-refund = { $amount } { $asset } would be given back to the payer instead of { $was }
would-hold = { $amount } { $asset } would be held instead of { $was }
would-keep-apart = { $amount } { $asset } would be kept as too little for a refund instead of { $was }
# Both are statuses of invoices.
would-stand = the invoice would be “{ $status }” instead of “{ $was }”
would-count = its payment would count as { $flags } instead of { $was }
exact = exact and in time
would-decide = a person would decide about it
would-decide-otherwise = a person would decide about it for another reason
would-not-decide = no person would have to decide about it
would-give = { $count ->
    [0] there would be no refund instead of { $was }
    [one] there would be { $count } refund instead of { $was }
   *[other] there would be { $count } refunds instead of { $was }
}
would-wait = the refund would wait { $delay } instead of { $was } before it is sent
would-review = a person would look at the refund before it is sent
would-not-review = the refund would be sent without a person's look at it
could-cancel = the payer could cancel it
could-not-cancel = the payer could not cancel it
would-work = its link would work { $time } instead of { $was }
would-expire-to-you = unclaimed, it would go to the merchant
would-stay-held = unclaimed, it would stay held for the payer
payer-would-pay = the payer would pay the network's fee
merchant-would-pay = the merchant would pay the network's fee
payer-would-say = the payer would say where it goes
merchant-would-say = the merchant would say where it goes
would-go-to-source = it would go to the address that paid
would-go-to-invoice = it would go to the address that came with the invoice
other-terms = the refunds would be given on other terms

# In the bar below the form. $count is a number.
unsaved = Unsaved changes: { $count }
untried = Not tried on real payments yet.
would-change = { $count ->
    [one] With this draft { $count } invoice would stand elsewhere.
   *[other] With this draft { $count } invoices would stand elsewhere.
}

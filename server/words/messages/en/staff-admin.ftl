### What the operator looks after: shops, the installation's own work, who did what. Times are in UTC.

# The heads of the list of MIDs: what its policy does then.
overpaid = Overpaid
underpaid = Underpaid
late = Late
state = State
email-refunds = Emails
email-refunds-on = On
email-refunds-off = Off
open-refunds = Open refunds
held = Held
all-mids = All MIDs
find-mid = Find a MID
find-hint = Name, merchant or ID
find = Find
find-all = Show all
no-mid-found = No MID has that in its name, its merchant’s name or its ID.
no-mid = There is no MID yet
no-mid-text = Add the first one above. It begins with the default policy.
new-mid = New MID
merchant-hint = The name payers know the business by. One that does not exist yet is made.
mid-name = MID
mid-name-hint = The name staff know the shop by, such as EU store.
settles-in = Settles in
settles-in-hint = Currency it is credited in for refunds nobody claimed, such as EUR. Empty: in their own coins.
add-mid = Add the MID
mid-taken = The merchant has a MID of this name: choose another
wrong-currency = Use a currency’s code of three letters, such as EUR
mids-text = A suspended MID decides nothing by rule and sends nothing. What is already on its way to a network goes on.
mids-by-name = Merchant IDs, by name
is-open = Open
is-suspended = Suspended
# Said of the button in a row.
suspend-named = Suspend { $mid }
suspend = Suspend
suspend-text = Its payments are held for a person, and nothing of it is sent.
suspending = Suspending…
suspend-mid = Suspend the MID
# Said of the button in a row.
open-named = Open { $mid }
open = Open
opening = Opening…
# $until is a time.
locked-until = payouts locked until { $until }
# Said of the button in a row.
unlock-of = Unlock the payouts of { $merchant }
unlock = Unlock
unlock-text = Only when you made sure, by another way than email, that the change was the merchant’s own.
unlocking = Unlocking…
unlock-payouts = Unlock payouts
# What a policy does, in a few words.
refund-extra = Refund the extra
keep-all = Keep everything
refund-all = Refund everything
ask-person = Ask a person
accept-sent = Accept what was sent
price-again = Work the price out again
accept-late = Accept it
accept-close = Accept it while the rate is close
payouts = Payouts
stopped = Payouts are stopped.
stopped-text = Claims still work and wait. What is already on its way to a network goes on.
letting-go = Letting them go…
let-go = Let payouts go
running-text = Payouts go as they fall due. Stopping them keeps every merchant’s money where it is; claims still work.
stop-all = Stop all payouts
stop-text = Nothing of any merchant is sent until somebody lets payouts go again. What is already on its way goes on.
stopping = Stopping…
stop = Stop payouts
asset = Asset
books = Books
rail = Rail
compared = Compared
matches = Matches
differs = Differs
no-answer = No answer
# What a comparison means, in the note of its row.
holds-all = the rail holds what the books say
surplus = surplus: the operator's float, or coins for which no deposit was booked
under-way = less by no more than payouts under way: they wait to be booked as final
not-paid-in = less than the books say: what others took in and told of is paid to the hot address by you
missing = shortfall: coins that are owed are not on the rail’s accounts; look for what left
# $words are the rail’s own, or what the connection met with.
rail-said = it could not be asked: “{ $words }”
not-compared = Books and rails were not compared yet. That happens once an hour.
books-and-rails = Books and rails
books-beside = Books beside what the rails hold, by asset
# $command is a command.
books-text = Once an hour. A difference is told, never corrected. { $command } proves the books from the rows alone.
work = Work
waiting = Waiting
due = Due
failing = Failing
next-due = Next due
nothing-waits = Nothing waits.
all-well = All is well
warnings = { $count ->
    [one] { $count } warning
   *[other] { $count } warnings
}
webhooks-waiting = Webhooks waiting
endpoints-answer = Every endpoint answers
endpoints-silent = { $count ->
    [one] { $count } endpoint does not answer
   *[other] { $count } endpoints do not answer
}
payouts-under-way = Payouts under way
mails-waiting = Mails waiting
mails-off = No mail server is set
mails-text = For payers and merchants
work-due = Work due
# $time is how long, such as "12 min".
oldest = Oldest: { $time }
nothing-old = None waits
block = Block
queues = Queues
queues-by-kind = Work that waits, by kind
in-utc = Times in UTC
# Kinds of work.
work-expire-invoice = Invoices whose time ends
work-expire-claim = Claim links that end
work-remind = Reminders
work-release = Refunds to send
work-pay = Payouts under way
work-recheck = Payouts to look at again
work-recheck-deposit = Payments to look at again
work-unwind = Payments that vanished
work-activate-policy = Policies with a date
work-deliver = Webhooks
work-mail = Mails
work-reconcile = Books and rails to compare
nothing-written = Nothing is written here
no-match = No row matches these filters.
audit-newest = Audit log, newest first
# $command is a command.
audit-text = Who did what, written with the deed. Each row’s hash covers the row and the hash before it: { $command } proves it.
newest = Newest
older = Older
merchant = Merchant
installation = The installation
any-action = Everything done
subject = Reference, email or id of what it was done to
subject-hint = Reference, email or id
show = Show
you = You
by-operator = The operator
by-payer = The payer
by-key = An API key
no-owner = No owner
invite-owner = Invite owner
# Said of the button in a row.
invite-owner-of = Invite owner: { $merchant }
owner-email = Email of the owner
owner-text = They get a link that works once, for 7 days, and then set the shop up and invite their colleagues.
send-invitation = Send invitation
# $email is an address.
owner-invited = { $email } is invited
has-owner = Somebody owns this account: its owner invites others

### The overview: what needs somebody, what is held, what was made lately; a merchant's first steps.

recent = Recent refunds
recent-caption = Recent refunds, newest first
see-all = See all
period = Period
last-days = { $count ->
    [one] Last { $count } day
   *[other] Last { $count } days
}
paid-out = Paid out
in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
claimed-within = Claimed within
median = median since created
returned = Returned to you
returned-none = { $days ->
    [one] Nothing expired in { $days } day.
   *[other] Nothing expired in { $days } days.
}
returned-some = { $count ->
    [one] { $count } refund expired and was credited to your MIDs: { $amounts }.
   *[other] { $count } refunds expired and were credited to your MIDs: { $amounts }.
}

attention = Needs attention
# Behind such a line: what the refunds come to, and since when the first of them waits, or until when it can be claimed.
sums-since = { $amounts }, the first since { $time }.
sums-ending = { $amounts }, the first until { $time }.
# $shown is the number as it is shown: 1000+ where nobody counts further.
approvals = { $count ->
    [one] { $shown } refund needs approval
   *[other] { $shown } refunds need approval
}
approvals-text = A second person decides; until then nothing is sent.
policy-waits = A policy waits for a second person
policy-waits-text = A change at { $mids } loosens a limit. It is not live before somebody else agrees.
review = Review
failures = { $count ->
    [one] { $shown } payout failed
   *[other] { $shown } payouts failed
}
failures-text = Nothing left the wallet; the money is still owed to the payers.
retry = Retry
holds = { $count ->
    [one] { $shown } refund is on hold
   *[other] { $shown } refunds are on hold
}
holds-text = Somebody looks at them before they are sent.
look = Look
expiring = { $count ->
    [one] { $shown } refund expires within 7 days
   *[other] { $shown } refunds expire within 7 days
}
expiring-text = Nobody has claimed them. Tick them there to write to their payers again.
remind = Remind
# What a button does, and to what.
action-for = { $action }: { $task }
calm = Nothing needs you.
scheduled = { $count ->
    [one] { $shown } refund is scheduled.
   *[other] { $shown } refunds are scheduled.
}
scheduled-next = { $count ->
    [one] { $shown } refund is scheduled, the next leaves { $time }.
   *[other] { $shown } refunds are scheduled, the next leaves { $time }.
}

# Whether the work behind the refunds is done. Each is a line of its own.
webhooks-delivered = Webhooks delivered
webhooks-wait = { $count ->
    [one] { $shown } webhook waits to be delivered
   *[other] { $shown } webhooks wait to be delivered
}
rails-in-sync = Rails in sync
ledger-balanced = Ledger balanced at { $time }
endpoints-off = { $count ->
    [one] { $count } webhook endpoint is switched off
   *[other] { $count } webhook endpoints are switched off
}
endpoints-off-text = It answered that it is gone (410), so nothing is sent there until somebody switches it on again.
endpoints-failing = { $count ->
    [one] { $count } webhook endpoint does not answer
   *[other] { $count } webhook endpoints do not answer
}
endpoints-failing-text = What it did not take for three days is not sent again by itself. Look why, then send it again.
# $networks is one or more: Tron and Bitcoin.
rails-away = No answer from { $networks }
rails-away-text = Books and rails could not be compared. Nothing is lost: payouts there wait until it answers.
books-short = The rails hold less than the books say
books-short-text = More than payouts under way explain. System health says of which asset, and how much.
books-short-elsewhere = The operator of this installation looks into it. What you owe payers stays as it is written here.

held = Held for refunds
held-caption = Money owed to payers, by asset
asset = Asset
open = Open
held-head = Held
matches = Matches rails
being-checked = Being checked
off-by = Off by { $amounts }
nothing-owed = Nothing is owed to payers now.

made = Refunds created
made-none = { $days ->
    [one] None in { $days } day.
   *[other] None in { $days } days.
}
made-some = { $days ->
    [one] { $count } in { $days } day
   *[other] { $count } in { $days } days
}
chart = Refunds created per day in { $days } days: { $all } in all, { $most } on the busiest day
per-day = Refunds created per day
as-table = Show as table
table-label = Refunds created, by day and reason
day = Day
other = Other

claimed = Time to claim
claimed-none = { $days ->
    [one] None of the refunds made in { $days } day was claimed yet.
   *[other] None of the refunds made in { $days } days was claimed yet.
}
# $days is “in 30 days”: when they were made.
claimed-of = { $count ->
    [one] { $count } claimed, made { $days }
   *[other] { $count } claimed, made { $days }
}
claimed-label = Refunds by how soon they were claimed
claimed-after = Claimed within
within-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
within-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
later = Longer
refunds = Refunds
share = Share
# Shares added up, down to this line.
so-far = In all
returned-chart = Refunds that expired per day in { $days } days: { $all } in all, { $most } on the busiest day
returned-per-day = Expired refunds per day
returned-label = Expired refunds, by day
returned-head = Credited to you

setup = Set up your shop
setup-far = { $done } of { $all } done. Each can wait, or be skipped.
# Behind a step, for those who do not see that it is ticked.
setup-done = { $step }, done
skip = Skip
skip-step = Skip: { $step }
skipping = Skipping…
step-brand = Say how payers see you
step-brand-text = Your name, logo and colour on every page and mail they get.
step-policy = Choose what happens when a payment differs
step-policy-text = Until you change it: the extra, and what is too little or too late, is refunded.
step-key = Connect your program
step-key-text = A key lets it make invoices and refunds.
step-webhook = Hear of every refund
step-webhook-text = A webhook tells your program as it happens, claim links included.
step-colleague = Invite a colleague
step-colleague-text = Who makes a large refund never approves it: somebody else does.
step-second-factor = Protect your own sign-in
step-second-factor-text = A passkey or a code app keeps out who learns your password.

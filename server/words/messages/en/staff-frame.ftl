### What every page of staff has around it: navigation, who is signed in, and the dialogs of the keyboard.

overview = Overview
refunds = Refunds
invoices = Invoices
policies = Policies
settings = Settings
mids = Merchant IDs
health = System health
audit = Audit log
# The heading above what only the operator sees.
admin = Admin
# Behind the number on the way to the refunds, for those who do not see it.
waiting = { $count ->
    [one] { $shown } waits for approval
   *[other] { $shown } wait for approval
}
new-refund = New refund
breadcrumb = Breadcrumb
search-all = Search all refunds
search-hint = Search refunds, orders, addresses
skip = Skip to content
navigation = Navigation
main = Main
sandbox = Sandbox
sign-out = Sign out
staff-only = You can see this but not change it. Ask an owner.

role-admin = Admin
role-owner = Owner
role-manager = Manager
role-support = Support
role-viewer = Viewer

# Said when the connection is lost; { $time } is filled in by the browser.
lost = Shown as of { $time }. Reconnecting…
changed = This page changed meanwhile.
show-it = Show it

# The dialog that goes to anything.
go-to = Go to anything
go-to-search = Search, or go to a page
go-to-hint = Reference, order, email, address, transaction
results = Results
one-result = 1 result
# { $count } is filled in by the browser, and never 1.
many-results = { $count } results
refund = Refund { $reference }
invoice = Invoice { $reference }
search-refunds = Search refunds
search-invoices = Search invoices
search-for = for “{ $text }”
# What the keys at the foot of that dialog do; each variable is a key.
go-to-keys = { $up } { $down } move { $enter } open { $escape } close

shortcuts = Keyboard shortcuts
close = Close
single-keys = Single-key shortcuts
# Keys that are pressed after each other.
then = { $first } then { $next }
key-search = Search
key-lists = Overview, Refunds, Invoices
key-settings = Policies, Settings
key-rows = Next, previous row
key-select = Select row, range
key-open = Open
key-approve = Approve
key-copy = Copy claim link
key-export = Export
key-send = Send a form

# Things of a list, one after the other.
and = { $first } and { $second }

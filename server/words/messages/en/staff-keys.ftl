### A merchant's API keys.

copy-key = Copy your new key now
# What is copied: after “Copy”.
key-name = key
copy-key-text = We store only a hash. If you lose the key, make another and revoke this one.
id = Id
can = Can
everything = Everything
read-and-write = Read and write
read = Read
none = No keys yet
none-text = A key lets your shop’s programs in. It can never approve a refund.
oldest-first = API keys, oldest first
about = Give each system its own key with the least it needs. Keys can never approve refunds.
# Said of the button in a row.
revoke-named = Revoke the key { $name }, { $id }
revoke = Revoke
revoke-text = Programs with this key are refused at once. Payouts are locked for a day.
revoking = Revoking…
revoke-key = Revoke the key
create = Create a key
create-text = It is shown once. Payouts are locked for a day, so that a thief’s key moves nothing meanwhile.
can-write = It may create invoices and refunds and change settings, not only read
creating = Creating…
create-key = Create key
name = Name
name-hint = Empty: what it can do.
last-used = Last used
not-used = Never
# $most is a number.
wrong-name = Use 1 to { $most } characters

### What the settings have in common. Times are in UTC.

# The document's title: $page is one of the tabs.
title = { $page } settings
webhooks = Webhooks
sources = Sources
keys = API keys
team = Team
brand = Brand
email = Email
security = Security
# $until is a time.
locked-until = Payouts are locked until { $until } UTC.
locked-why = Something changed that a thief would change first. Claims still come in and wait; nothing is lost. Refunds resume by themselves.
mid = MID
all-mids = All MIDs
choose-mid = Choose a MID
shown-once = Shown once
since = Since
# An instant of the past or future; $time is a time.
instant = { $time } UTC
# The head of a column of buttons, heard only.
action = Action
remove = Remove
removing = Removing…
# Said of the button in a row; $name is what the row is about.
remove-named = Remove { $name }
adding = Adding…
saving = Saving…
changing = Changing…
sending = Sending…
# The name of the choice between a merchant and its MIDs, heard only.
whose = Whose settings

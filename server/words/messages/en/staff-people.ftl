### People of the staff: what they are, and how they prove who they are.

# The role of who runs the installation; the others are in staff-frame.
operator = Operator
email = Email
password = Password
your-password = Your password
new-password = New password
change-password = Change password
changing = Changing…
code = Code
# A password that was chosen.
too-short = Use at least 10 characters
# A password that was chosen.
unusable = This password cannot be used
email-taken = Somebody signs in with this e-mail already
operator-text = Runs the installation for every merchant.
owner-text = Does everything, and answers for people, keys and webhooks.
manager-text = Works with refunds and policies, and approves what others made.
support-text = Sees everything and writes to payers again, for who answers their questions. Moves no money.
viewer-text = Sees everything and changes nothing, for accountants and auditors.
name = Your name
name-text = What your colleagues read beside what you did.
name-hint = Empty: your email. Nobody else of your team can have the same.
name-taken = A colleague goes by this name: add something to yours
# $most is a number.
wrong-name = Use 1 to { $most } characters on one line, without @, <, >, \ and "

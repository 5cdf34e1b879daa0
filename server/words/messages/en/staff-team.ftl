### Who signs in for a merchant, and who is invited to.

invitation-for = Invitation for { $email }
hand-over = Hand this link over yourself.
mailed-link = We mail this link.
link-text = It works once, for 7 days. Whoever has it can join: send it to nobody else.
# What is copied: after “Copy”.
link-name = invitation link
person = Person
role = Role
sign-in = Sign-in
last-seen = Last seen
now = Now
signed-out = Signed out
you = You
passkey = Passkey
code-app = Code app
people = People
people-text = Who was removed is signed out at once and stays in the history.
people-by-email = People, by email
# Said of the button in a row.
change-role-of = Change the role of { $email }
new-role = New role
change-role = Change the role
remove-text = They are signed out at once and cannot sign in again. What they did stays in the history.
remove-person = Remove the person
invited = Invited
works-until = Link works until
# $error is what the mail server said.
mail-refused = The mail was refused: { $error }
mailed-by = Mailed, by { $person }
invited-by = Invited by { $person }
too-old = Too old
# Said of the button in a row.
withdraw-of = Withdraw the invitation of { $email }
withdraw = Withdraw
withdrawing = Withdrawing…
invitations = Open invitations
invitations-oldest = Open invitations, oldest first
invite-person = Invite a person
invite-text = They get a link that works once, and choose their own password.
invite = Invite
inviting = Inviting…
choose-role = Choose a role
in-use = Somebody signs in with this email or is invited by it already: withdraw that invitation first
too-many = Too many invitations are open: withdraw some first
role-too-high = Choose a role up to your own
last-owner = Somebody has to own the account. Make another person its owner first. Nothing was done.
yourself = Another operator has to remove you. Nothing was done.
roles-up-to-own = You can give roles up to your own. Nothing was done.
permission = Permission
see = See refunds and invoices
write-to-payers = Write to payers again
move-money = Create and cancel refunds
approve = Approve refunds over the limit
change-policy = Edit policies
change-settings = Webhooks, API keys and team
yes = Yes
no = No
rights = What each role can do
rights-text = Nobody can approve a refund they created.

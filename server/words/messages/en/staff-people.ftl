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

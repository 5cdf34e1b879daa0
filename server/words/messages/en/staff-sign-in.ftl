### The pages in front of the dashboard: signing in, proving it once more, a new password, joining by an invitation.

heading = Sign in to Refundry
sign-in = Sign in
signing-in = Signing in…
password-changed = Your password is changed. Sign in with it.
session-ended = Your session has ended. Sign in again to go on.
by-passkey = Continue with a passkey
or-password = or use your password
or-code = or use a code
forgot = Forgot your password?
nobody-yet = Nobody can sign in yet. On the server, “{ $command }” adds the first person.
enter-code = Enter your code
back = Back to sign in
wrong-email-or-password = The email or password is wrong.
# After wrong-email-or-password.
tries-left = { $count ->
    [one] 1 try left before a 15-minute pause.
   *[other] { $count } tries left before a 15-minute pause.
}
pause = { $minutes ->
    [one] Too many attempts. Wait { $minutes } minute, then try again.
   *[other] Too many attempts. Wait { $minutes } minutes, then try again.
}
wrong-code = This code does not work. Each works once: wait for the next one, or use a recovery code.
wrong-password = This is not your password.
passkey-not-taken = This passkey does not sign you in here. Try again, or use your password.
passkey-not-yours = This passkey is not yours, or it answered too late. Try again.
still-you = Is it still you?
why-again = Approving, settings, people and policies ask again when you signed in more than 10 minutes ago. Nothing was done yet.
why-again-held = You signed in more than 10 minutes ago. Nothing was done yet: what you sent is kept here and done once you continue.
app-code = Code of your app
signed-in-with = You are signed in with
checking = Checking…
continue = Continue
go-back = Go back
no-email = This installation sends no email. Whoever runs it gives you a new password:
# Always the same: it says nothing of whether somebody has the address.
reset-asked = If somebody signs in with this email, a link is on its way. It works once, for one hour.
nothing-came = Nothing came? Look in the spam folder, check the address, and try again after 5 minutes.
reset-hint = We send a link by which you choose a new password.
sending = Sending…
send-link = Send the link
reset-closed = This link does not work
reset-closed-text = It was used, a later one took its place, or it is older than an hour. Ask for another one on the sign-in page.
choose-new = Choose a new password
choose-new-text = It signs you out everywhere and locks payouts for a day.
invitation-closed = This invitation does not work
invitation-closed-text = It was used or withdrawn, or is older than 7 days. Ask for another one.
# $place is the merchant's name, or Refundry.
join-place = Join { $place }
invited-by = { $person } invited you. Your role: { $role }.
sign-in-with = You sign in with
choose-password = Choose a password
join = Join
joining = Joining…
signs-in-already = Somebody signs in with this email already. Sign in, or ask for an invitation to another email.

### How somebody signs in, and where they are signed in. Times are in UTC.

password-changed = Your password is changed. You are signed out everywhere else.
passkey-added = Your passkey is added. It signs you in from now on.
email-changed = Your email is changed. Sign in with it from now on.
passkey = Passkey
added = Added
last-used = Last used
# When it was last used: never.
not-yet = Not yet
remove-passkey-text = It signs you in no more, you are signed out everywhere else, and payouts are locked for a day.
remove-passkey = Remove the passkey
passkeys = Passkeys
passkeys-oldest = Your passkeys, the first one first
passkeys-text = A passkey signs you in without password and code. Adding or removing one locks payouts for a day.
passkeys-closed = Browsers allow passkeys only by HTTPS at a host with a name. This installation is reached at { $url }: whoever runs it sets public_url.
passkeys-unavailable = Passkeys need HTTPS and a host name: this installation is reached at { $url }
add-passkey = Add passkey
name = Name
name-hint = What you will know it by, such as Phone.
scripts-needed = Adding one takes a script in your browser.
passkey-wrong = Your browser and this page did not agree on a passkey. Nothing was added. Try again.
passkey-taken = This passkey is added already
passkey-too-many = Remove a passkey that you use no more first
wrong-name = Give the passkey a name of up to 60 characters
password-text = Changing it signs you out everywhere else and locks payouts for a day.
password-now = Your password now
wrong-password = This is not your password
same-password = Choose another password than the old one
wait = Too many wrong passwords. Wait { $minutes } min, then try again
email-text = You sign in with { $email }. Changing it locks payouts for a day.
new-email = New email
change-email = Change email
same-email = This is your e-mail already
recovery-codes = Recovery codes
recovery-codes-text = Keep them where your phone is not. Each signs you in once when you have no app.
# $since is a time.
app-on-since = On since { $since }.
# A number of codes, also 0.
codes-left = { $count ->
    [one] { $count } recovery codes are left.
   *[other] { $count } recovery codes are left.
}
new-codes = New recovery codes
new-codes-text = The ones you have work no more. Payouts are locked for a day.
making-codes = Making new ones…
make-codes = Make new ones
app-off = Turn the code app off
app-off-text = Your password alone signs you in then. Payouts are locked for a day.
turning-off = Turning off…
turn-off = Turn it off
scan = Scan this with your app, or type the key into it. Then enter the code that it shows.
# Said of the QR code.
app-key = Key for your code app
turning-on = Turning on…
turn-on = Turn on
setting-up = Setting up…
set-up = Set up a code app
app = Code app
app-text = A code beside your password keeps out who only knows that. Changing it locks payouts for a day.
wrong-code = This code does not work. Check the clock of your phone and enter the code it shows now.
app-taken = A code app is on already: turn it off first
browser = Browser
browser-on = { $browser } on { $system }
# What a session's browser did not say.
unknown-browser = Unknown browser
signed-in = Signed in
this-one = This one
# Said of the button in a row.
sign-out-of = Sign out of { $browser }
signing-out = Signing out…
sign-out = Sign out
sign-out-elsewhere = Sign out everywhere else
sessions = Sessions
sessions-newest = Your sessions, the one used last first
sessions-text = Where you are signed in, in UTC. Use is noted once an hour. A session ends by itself after 12 hours.
name-changed = Your name is changed.
change-name = Change name

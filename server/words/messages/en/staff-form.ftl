### What forms of staff have in common.

password-hint = At least 10 characters.
code-hint = The six digits that your app shows, or one of your recovery codes.
passkey-waiting = Waiting for your passkey…
passkey-known = This device has a passkey for you already.
passkey-silent = No passkey answered. Nothing was done. Try again.
# Where a file that is chosen is too large; { $size } is filled in by the browser.
file-too-large = This file has { $size } bytes. Choose one of up to { $most }.

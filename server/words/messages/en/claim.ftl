### The claim page, in all its states. Why there is a refund is said as in mails (mails.ftl).

title = Claim your refund of { $amount }
from = Your refund from { $merchant }
# $date is a day, in bold.
claim-by = Claim by { $date }
message = “{ $message }”
email = Email for updates and for cancelling
email-hint = If the address turns out to be wrong, you cancel from there.
review = Review refund
checking = Checking…
nothing-sent-yet = Nothing is sent yet. You check everything on the next screen.
fee-too-large = The network fee is larger than this refund.
fee-too-large-text = Sending it costs { $fee } right now. The money stays yours: try again when the fee is lower, or ask { $merchant }.
review-title = Check your refund
change-address = Change the address
check = Check before you confirm
check-text = Crypto payments cannot be reversed. Compare the address with your wallet.
send-to = Send to this { $network } address
compare = Compare the bold characters with your wallet, then a few in between.
unchecked = This address came without a checksum, so a typing mistake in it cannot be seen. Compare every character.
sent-on = Sent on
email-known = Email for updates
no-tag-used = None: my wallet does not use one
delay-days = { $days ->
    [one] { $days }-day security delay.
   *[other] { $days }-day security delay.
}
delay-hours = { $hours ->
    [one] { $hours }-hour security delay.
   *[other] { $hours }-hour security delay.
}
delay-short = Short security delay.
# Where nobody is written to.
delay-text = If the address is wrong or this was not you, you can cancel until it is sent. The next screen has the cancel link.
tick = The address is mine and I have checked it.
tick-evm = The address is mine, I have checked it, and my wallet supports { $asset } on { $network }.
tick-needed = Tick the box after you have checked the address
confirm = Confirm refund of { $amount }
confirming = Confirming…
offline = You are offline. Nothing was confirmed. Try again.
fee-changed = The network fee changed from { $before } to { $fee }. Check the new total.
code = Code from your email
code-next = Next we email a code to { $email }. You confirm with it.
send-code = Email me the code
code-sent = We sent a code to { $email }. Enter it to confirm that the refund goes to this address.
code-wrong = This is not the code we sent. Check it, or ask for a new one
code-ended = This code does not work any more. Ask for a new one
code-again = Send a new code
code-too-many = No more codes for now. You can ask again after { $time }
code-none-left = Too many codes were sent for this refund. Ask { $merchant } for a new link
code-review = We cannot send you a code by e-mail, so { $merchant } checks this refund before it is sent.
delay-text-mail = We email you now. If the address is wrong or this was not you, you can cancel until it is sent.
within = Claim within
scheduled-title = Refund scheduled
leaves-on = Your refund leaves on { $day }
leaves-text = { $amount } will be sent at { $time }. You can close this page: keep its link, or copy the cancel link.
leaves-text-mail = { $amount } will be sent at { $time }. You can close this page: we emailed the cancel link to { $email }.
sends-in = Sends in
security-delay = Security delay
security-delay-text = Time to catch a wrong address or someone else’s request
link-here = You get the transaction link here
wrong-address = Wrong address, or was this not you?
cancel-before = Cancel before { $time }. After that nobody can stop the payment.
cancel = Cancel this refund
copy-cancel = Copy the cancel link
cancel-copied = Cancel link copied
already = This refund has already been claimed
already-text = It was claimed on { $claimed } and is scheduled for { $due }.
# $waiting is a sentence of its own: why it was not sent yet.
already-waits = It was claimed on { $claimed }. { $waiting }
not-yours = Not your address?
not-yours-mail = Use the cancel link in the email that was sent when it was claimed, or contact { $merchant } with the reference { $reference } before it is sent.
not-yours-text = Contact { $merchant } with the reference { $reference } before it is sent. If you confirmed it yourself, open this page in the same browser: it has the cancel link.
not-yours-late = Contact { $merchant } with the reference { $reference } before it is sent.
mail-again = Email me the cancel link again
mailing = Sending…
# Always the same: it says nothing of whether, and where, somebody is written to.
mailed = If we know an email address for this refund, its cancel link is on its way there. It can take a few minutes.
waiting = Your refund is waiting
checked = { $merchant } is checking your refund
checked-text = You do not need to do anything. This page shows when it is sent.
checked-text-mail = You do not need to do anything. We email you when it is sent.
waiting-funds = The wallet that pays refunds is being filled up. Your claim is safe and goes out after that.
waiting-balance = { $merchant } is getting the money for it ready. Your claim is safe and goes out after that.
waiting-fee = { $network } costs more right now than you were told. Your claim is safe and goes out when the fee has come down.
waiting-maintenance = Payouts are paused for maintenance. Your claim is safe and goes out after that.
waiting-frozen = { $merchant } has paused payouts for up to a day, for security. Your claim is safe and goes out after that.
waiting-frozen-until = { $merchant } has paused payouts until { $time }. Your claim is safe and goes out after that.
waiting-suspended = Payouts of { $merchant } are paused. Your claim is safe and goes out when they go on. Nothing was sent yet.
waiting-rate = The exchange rate that decides the amount is not known right now. Your claim is safe and goes out when it is.
waiting-reorged = { $network } undid the payment that this refund gives back, and we are checking it. Nothing was sent. It goes out when the payment is back.
sent-title = Refund sent
delayed = Your refund is delayed
delayed-text = The network did not accept the payment. Nothing was lost: the money is still yours. { $merchant } can send it again.
expired = This refund has expired
expired-held = It could be claimed until { $time }. The money is still held for you.
expired-returned = It could be claimed until { $time }. The money has gone back to { $merchant }.
expired-next = { $merchant } can send you a new link. Give them this reference:
# The label before an address.
to = To
receipt = Download the receipt
# $page is a link.
receipt-text = A signed file. Anybody can check that it is genuine at { $page }.
receipt-page = the receipt page

### Mails to payers. $amount is coins with their symbol (48.897896 USDT), $order the shop's own name for what was paid.

# At the end of every mail.
never-ask = We never ask for passwords, private keys or recovery phrases.
# At the end of every mail: why it came.
sent-by = Sent by { $merchant } with Refundry because you paid order { $order }.
privacy = Privacy policy
# A date and a time: Wed 17 Feb 2027, 07:36 UTC
instant = { $minute } UTC

claim-subject = { $amount } to claim from { $merchant }
claim-heading = You have { $amount } to claim
# After the reason, where mail programs show a mail's beginning.
claim-by-day = Claim it by { $day }.
why-overpaid-extra = You paid more than order { $order } cost. The order is complete and the extra is yours.
why-overpaid-all = You paid more than order { $order } cost, so the shop could not accept the payment. All of it is refunded.
why-underpaid = You paid less than order { $order } cost, so the order was not completed. All of it is refunded.
why-late = Your payment for order { $order } arrived after the rate had ended, so the order was not completed. All of it is refunded.
why-late-settled = Your payment arrived after order { $order } was settled. It is refunded.
why-other-coin = You paid order { $order } with another coin than it asked for, so the shop could not accept it. All of it is refunded.
why-no-tag = Your payment came without the tag that says what it is for, so the shop could not accept it. All of it is refunded.
why-not-accepted = The shop could not accept your payment for order { $order }. All of it is refunded.
why-merchant = { $merchant } is refunding order { $order }.
# Instead of the reason, when the payer is asked a second time.
why-requoted = The network fee stayed above the one you agreed to, so your refund was not sent. Give an address again to receive it at the fee of now.
you-sent = You sent
order-price = Order price
to-claim = To claim
claim-button = Claim your refund
wallet-needed = You need a wallet address for { $symbol } on { $network }.
fee-taken-now = The network fee, { $fee } now, is taken from the refund.
fee-taken = The network fee is taken from the refund.
fee-paid = The network fee is paid by { $merchant }.
link-works-until = The link works until { $instant }.

expiring-subject = { $days ->
    [one] Your refund link ends in { $days } day
   *[other] Your refund link ends in { $days } days
}
expiring-heading = You still have { $amount } to claim

scheduled-subject = Your refund leaves on { $weekday }. Cancel if this was not you
scheduled-subject-final = Your refund leaves on { $weekday }
scheduled-heading = Your refund leaves on { $day }
scheduled-lead = An address was confirmed for your refund. Nothing has been sent yet.
# Instead of scheduled-lead in a mail that was asked for on the refund's page.
cancel-link-lead = Here is the cancel link that was asked for on the refund’s page. Nothing has been sent yet.

code-subject = Your code for the refund from { $merchant }
code-heading = Confirm your refund with this code
# $address is masked.
code-lead = It confirms that { $amount } goes to { $address }. Enter it on the refund’s page.
code-works = { $minutes ->
    [one] It works for { $minutes } minute, once.
   *[other] It works for { $minutes } minutes, once.
}
code-keep = Never pass this code on, whoever asks: nobody from the shop or from us needs it.
code-not-you = If you did not ask for it, or the address is not yours, do nothing. Without the code nothing is sent.
goes-to = { $amount } goes to { $address } on { $instant }.
you-receive = You receive
you-received = You received
network = Network
sent-on = Sent on
to-address = To this address
tag = Memo or tag
transaction = Transaction ID
cancel-question = Is the address wrong, or was this not you?
cancel-before = Cancel before { $weekday } { $clock } UTC. After that nobody can stop the payment.
cancel-button = Cancel this refund
nothing-to-do = If all is right you do not need to do anything.
# Where the policy lets no payer cancel.
ask-merchant = If the address is wrong, or this was not you, contact { $merchant } now.

sent-subject = Your refund was sent
sent-heading = Your refund is on its way
sent-lead = { $count ->
    [one] It arrives when { $network } has confirmed it once.
   *[other] It arrives when { $network } has confirmed it { $count } times.
}
arrived = Your refund has arrived
arrived-lead = { $count ->
    [one] The confirmation is in. If your wallet does not show it, search for the transaction ID.
   *[other] All { $count } confirmations are in. If your wallet does not show it, search for the transaction ID.
}
track-button = See the refund

canceled-subject = Your refund was cancelled
canceled-heading = You cancelled this refund
canceled-lead = Nothing was sent. { $amount } is still held safely for you by { $merchant }. The links you were sent cannot be used again. Only { $merchant } can start a new refund.
withdrawn-heading = { $merchant } withdrew this refund
withdrawn-lead = Nothing was sent. Contact { $merchant } with this reference.
unpayable-heading = This refund cannot be paid
unpayable-lead = The network took back the payment that it came from. Nothing was sent. Contact { $merchant } with this reference.
reference = Reference

expired-subject = Your refund has expired
expired-heading = This refund has expired
expired-returned = It could be claimed until { $instant }. The money has gone back to { $merchant }. They can send you a new link: give them this reference.
expired-held = It could be claimed until { $instant }. The money is still held for you. { $merchant } can send you a new link: give them this reference.

delayed = Your refund is delayed
delayed-lead = The network did not accept the payment. Nothing was lost. { $merchant } tries again and we email you.
waiting = Your refund is waiting
waiting-paused = { $merchant } has paused payouts. Your claim is safe and goes out after that.
waiting-fee = The network costs more now than you were told. Nothing was lost: your refund goes out when the fee has fallen.
waiting-funds = It could not be sent yet. Your claim is safe: it goes out as soon as { $merchant } can send it.

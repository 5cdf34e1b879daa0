### A refund on its way, arrived or stopped, and its sums: on the claim page and on the cancel page.

refund = Refund
fee = Network fee
fee-paid-by = Network fee, paid by { $merchant }
you-receive = You receive
on-its-way = Your refund is on its way
was-sent = { $amount } was sent to your address. It arrives when { $network } has confirmed it { $count } times.
is-being-sent = { $amount } is being sent to your address. It arrives when { $network } has confirmed it { $count } times.
fee-raised = The network is slow, so the shop raised the fee; you receive the same.
confirmations = { $done } of { $needed } confirmations
# Behind the line before: 12 of 19 confirmations, about 3 min left
about-left = about { $time } left
moments-left = less than a minute left
confirmations-label = Confirmations
arriving = Arriving
has-arrived = Your refund has arrived
has-arrived-text = All { $count } confirmations are in. If your wallet does not show it, search for the transaction ID.
arrived = Arrived
received = { $amount } received
address-confirmed = Address confirmed
to = To { $address }
to-with-tag = To { $address }, tag { $tag }
delay-over = Security delay finished
nobody-cancelled = Nobody cancelled
sent-on = Sent on { $network }
open-explorer = Open explorer
cancelled-title = Refund cancelled
you-cancelled = You cancelled this refund
you-cancelled-text = Nothing was sent. { $amount } is still held safely for you by { $merchant }.
withdrawn = { $merchant } withdrew this refund
withdrawn-text = Nothing was sent. Contact them with this reference.
stopped = This refund was stopped
stopped-text = Nothing was sent. { $network } undid the payment that this refund was for, so that money is back where it came from. If your wallet shows something else, contact { $merchant } with this reference.
next = What happens next
next-text = This link cannot be used again. Only { $merchant } can start a new refund, so contact them with the reference below.
cancelled-at = Cancelled
done = done

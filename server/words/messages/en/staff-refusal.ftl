### What is refused to staff. Each says that nothing was done, and what to do.

own-request = You created this refund, so someone else has to approve it. Nothing was done.
operator-only = The payer cancelled this refund, so only the operator can offer it again. Nothing was done.
fee-exceeds = The network fee is larger than the refund. Nothing was done. Try again when the fee is lower.
fee-above-cap = The network fee is too high for this refund right now. Nothing was done. Try again when it is lower.
exceeds-refundable = Only { $amount } of this payment can still be refunded. Nothing was done.
active-refund = All of this payment is promised to { $reference }. Nothing was done. Cancel that refund first.
frozen = The operator has suspended this store, so no refund can be made now. Nothing was done.
insufficient = Your balance has { $amount }, which is less than this refund. Nothing was done.
other-asset = This money is another coin than the invoice asks for. It can be refunded, not accepted. Nothing was done.
decided = Somebody decided this case already. Nothing was done.
untagged = Nobody knows what this payment is for. It can be refunded, or attributed to its invoice. Nothing was done.
payment-gone = This payment vanished from the chain. Nothing was done.
moment-ago = { $minutes ->
    [one] This was done a moment ago. Nothing was done now. Try again in { $minutes } minute.
   *[other] This was done a moment ago. Nothing was done now. Try again in { $minutes } minutes.
}
network-away = The network does not answer. Nothing was done. Try again in a minute.

# Why an action on many refunds could not be done to one of them.
signed-out = You are signed out. Nothing was done.
not-your-role = Your role may not do this. Nothing was done.
not-there = It is not there. Nothing was done.
moved-on = It moved on meanwhile. Look where it stands now.
too-much = Too much was tried. Nothing was done. Try again later.
unknown = The server could not say whether it was done. Look where it stands now.

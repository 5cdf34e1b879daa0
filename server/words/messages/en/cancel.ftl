### The page behind a cancel link.

title = Cancel your refund
heading = Cancel this refund?
scheduled = It is scheduled for { $time }. Nothing has been sent yet.
time-back = Nothing has been sent yet, and you can still cancel: this page or its link reached you late, so you get that time back.
why = Why are you cancelling?
wrong-address = The address is wrong
wrong-address-text = I typed or pasted the wrong wallet address
not-requested = I did not request this refund
not-requested-text = Someone else used my link. { $merchant } is told at once
other = Another reason
other-text = You can add a note on the next line
note-for = Note for { $merchant } { $optional }
optional = (optional)
note-hint = Up to { $count } characters. Do not write passwords or recovery phrases.
choose = Choose why you are cancelling
shorten = Shorten the note to { $count } characters
# $only is the next sentence, in bold.
after = After you cancel, this link stops working. { $only }
only = Only { $merchant } can start a new refund.
cancel = Cancel the refund
cancelling = Cancelling…
keep = Keep the refund
kept-title = Refund kept
kept = Your refund stays as it is
kept-text = Nothing was changed. It leaves on { $time }. Until then this link can still cancel it.
too-late-title = Too late to cancel
too-late = The payment was ordered, so it can no longer be cancelled.
was-due = It was due at { $time }. The time to cancel it is over.
contact = If something is wrong, contact { $merchant } with the reference { $reference }.
note = Note { $optional }

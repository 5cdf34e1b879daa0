### Pages for what failed. Each says where the money is, and what to do.

no-page = We cannot find this page
no-page-text = Check the address, or go back and try again.
no-refund = We cannot find this refund
no-refund-text = Check that you opened the whole link from the email.
changed = This has changed meanwhile
changed-text = Nothing was done. Go back, load the page again and see its new state.
unreadable = We could not read this form
unreadable-text = Nothing was saved. Go back, load the page again and try once more.
too-many = Too many attempts
too-many-text = Wait 15 minutes, then open the link again.
away = We cannot answer at the moment
away-text = Your money is not affected. Load the page again in a minute to see how it stands.
ours = Something went wrong on our side
ours-text = Nothing was sent and your money is not affected. Try again in a minute.

# To staff.
sign-in = Sign in to Refundry
sign-in-text = This page is for staff.
prove = Is it still you?
prove-text = Give your password once more.
forbidden = You can see this but not change it
forbidden-text = Ask an owner.
home = Go to the overview

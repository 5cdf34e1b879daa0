### Plain pages for payers: privacy and help.

privacy-lead = What is kept when you pay or claim a refund, and why.
kept = What is kept
kept-text = The email address that you gave, or the shop with your order. The wallet address you enter, with its tag where the network has one. When you confirmed it, and that you agreed to this page. Which language you read. If you cancel: the reason you chose and your note.
used = What it is used for
used-email = Your email address is used only to write to you about this payment and its refund. The shop sees it too.
used-address = Your wallet address is used only to send this refund. The shop that owes you the refund sees it, because it keeps the books of what it paid. Transfers are written to a public blockchain, where anybody can see address and amount and nobody can delete them.
not-done = What is not done
not-done-text = There is no advertising and no tracking: these pages load nothing from anywhere else, and neither do the emails. Cookies keep the language you chose, and let your browser, and no other, see your payment and your refund again.
rights = Your rights
rights-text = Ask the shop what it keeps about you, or to correct or delete what it may delete. Give it the reference of your refund.
help-lead = The shop you paid owes you the refund, so it is the one to ask.
contact = Contact the shop
# $reference is an example: REFUND-1042
contact-text = Give it the reference that your refund page shows, such as { $reference }. It tells the shop which payment you mean.
wrong = The address is wrong, or it was not you
wrong-text = Until the refund is sent it can be cancelled. Use the cancel link in the email that came when the address was confirmed, or on your refund page in the browser that confirmed it. Or ask the shop to cancel it.
safe = Keep your wallet safe
safe-text = Nobody needs your password, private key or recovery phrase to send you a refund. We never ask for them.

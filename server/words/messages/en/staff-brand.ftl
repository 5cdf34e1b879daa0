### How payers see a merchant, and where people are written to.

whose = Whose brand
about = How payers see you on payment, claim and cancel pages. A MID can say something else.
about-mid = How payers of { $mid } see you. What is empty here is as for all MIDs.
your-logo = Your logo
without-logo = Take the logo away
no-logo = No logo: payers see the first letter of the name.
new-logo = New logo
new-logo-hint = A PNG or WebP picture of up to 8 KiB. Without scripts, send it through the API.
brand = Brand
name = Name payers read
name-hint = Empty for the merchant’s own name.
colour = Colour of buttons
colour-hint = # and six hexadecimal digits, such as #0b5a54. White text must be readable on it.
save-brand = Save brand
email = Email
email-text = Where you are told of payouts that fail and approvals that wait, and where payers’ answers go.
alerts = Alerts go to
alerts-hint = Empty: nobody is alerted.
answers = Payers’ answers go to
answers-hint = Empty: payers are told of no address.
language = Language of mails
language-default = English, unless the payer’s is known
save-email = Save email
wrong-name = Use 1 to 100 characters
wrong-colour = Write a colour as # and six hexadecimal digits, such as #0b4f4a
# $nearest is a colour.
light-colour = White text on this colour is hard to read (less than 4.5 to 1): { $nearest } is the nearest that works
wrong-logo = Use a PNG or WebP picture
large-logo = The logo is too large: make it { $most } bytes at most

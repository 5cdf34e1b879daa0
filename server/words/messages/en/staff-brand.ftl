### How payers see a merchant.

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
wrong-name = Use 1 to 100 characters
wrong-colour = Write a colour as # and six hexadecimal digits, such as #0b4f4a
# $nearest is a colour.
light-colour = White text on this colour is hard to read (less than 4.5 to 1): { $nearest } is the nearest that works
wrong-logo = Use a PNG or WebP picture
large-logo = The logo is too large: make it { $most } bytes at most
privacy = Privacy policy
privacy-text = What your payers agree to before they pay or claim, and what their pages, mails and receipts link to. Empty: Refundry’s own page.
privacy-text-mid = What payers of { $mid } agree to. Empty: as for all MIDs.
privacy-url = Link
privacy-url-hint = Begins with https://. It opens beside the payer’s page.
privacy-version = Version
privacy-version-hint = Such as 2026-11. Each consent is kept with it. Say another one whenever the text changes: who was shown the old one is asked again.
save-privacy = Save privacy policy
privacy-texts = Texts so far
first-used = Since
in-use = In use
wrong-privacy-url = Enter a link that begins with https://, of up to { $most } characters, without user name and password
no-privacy-url = Say where this version can be read
wrong-privacy-version = Use 1 to { $most } letters, digits, dots, dashes and underscores, such as 2026-11
no-privacy-version = Say which version of your policy this is, such as 2026-11
taken-privacy-version = This version is of another link: give this link a version of its own

### From whom payers read a merchant's mails, where people are written to, and whether mails go out. Times are in UTC.

sender = Sender
sender-text = From whom your payers read their mails, whichever of your MIDs they paid.
# Before a name and an address.
seen = Payers read
name = Name
# $name is the brand's name.
name-hint = Empty: { $name }, as on your payment pages.
reply-hint = Empty: payers are told of no address, unless their MID has one of its own.
own-answers = These MIDs have an address of their own for answers, which goes first:
save-sender = Save sender
# $most is a number.
wrong-name = Use 1 to { $most } characters on one line, without @, <, >, \ and "
no-address = You do not sign in with an email address
email = Email
email-text = Where you are told of payouts that fail and approvals that wait, and where payers’ answers go.
alerts = Alerts go to
alerts-hint = Empty: nobody is alerted.
answers = Payers’ answers go to
answers-hint = Empty: payers are told of no address.
language = Language of mails
language-default = English, unless the payer’s is known
save-email = Save email
server = Mail server
server-text = Mails go out through the mail server of this installation, from its address.
from = Sent from
no-server = No mail server is set
no-server-text = Nobody is written to. Copy each claim link from its refund’s page, and send it to the payer yourself.
ask-operator = Ask who runs this installation to set one.
set-server = Set REFUNDRY_SMTP_URL and REFUNDRY_MAIL_FROM, and start Refundry again.
try = Send me a test email
# $email is an address.
try-text = Goes to { $email } as your payers’ mails go: with this sender, through this mail server.
test-waits = A test is waiting already
last-test = Last test
to = To
server-said = The mail server said
test-sent = The mail server took it. If it does not arrive within minutes, look among unwanted mail.
test-waiting = The mail server did not take it yet. It is tried every minute for an hour. Load this page again to see what became of it.
test-refused = It was not sent. Tell who runs this installation what the mail server said, and try again.
undelivered = Mails that did not arrive
undelivered-text = The latest of all MIDs. Each refund’s page says what can be done.
newest = Newest first
mail = Mail
time = Time
answered = What became of it
all-arrived = None: the mail server took every mail, and none came back.
none-sent = None: no mails are sent.

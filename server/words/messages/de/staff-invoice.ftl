### Die Liste der Rechnungen und eine einzelne.

pending = Wartet auf Zahlung
processing = Wird bestätigt
complete = Bezahlt
underpaid = Unterzahlt
expired = Abgelaufen
canceled = Nicht angenommen

export-csv = CSV exportieren
search = Rechnungen suchen
search-hint = Bestellung, E-Mail, Adresse, Tx, Betrag
all = Alle
views = Ansichten der Rechnungen
newest-first = Rechnungen, die neueste zuerst
head-order = Bestellung und Zahler
head-price = Preis
head-paid = Eingezahlt
head-asset = Coin
head-status = Status
head-goes-back = Geht zurück
head-mid = MID
head-created = Angelegt
none-found = Keine Rechnung passt zu diesen Filtern
none-found-text = Suchen Sie nach der ganzen Referenz, wie Ihr Shop sie geschrieben hat, oder nach einer ganzen E-Mail-Adresse, Wallet-Adresse oder Transaktion.
none-yet = Noch keine Rechnungen
none-yet-text = Ihr Shop legt sie über die API an.
clear-filters = Filter leeren

refund = Erstatten
open-page = Zahlungsseite öffnen
payment = Zahlung
exact-amount = Genauer Betrag
received = Eingegangen
asset = Coin
address = Adresse
the-address = Adresse
tag = Tag
rate = Kurs
rate-of = { $rate } { $currency } je { $symbol }
payer-email = E-Mail des Zahlers
created = Angelegt
expires = Läuft ab
in-utc = { $time } UTC

payments = Eingegangene Zahlungen
payments-oldest-first = Eingegangene Zahlungen, die älteste zuerst
no-payment = Noch keine Transaktion gesehen.
times-in-utc = Zeiten in UTC
head-amount = Betrag
head-transaction = Transaktion
head-seen = Gesehen
head-reference = Referenz
final = Endgültig
gone = Verschwunden
undone = Rückgängig
confirming = Wird bestätigt
refunds = Erstattungen
refunds-of = Erstattungen dieser Rechnung
refunds-oldest-first = Erstattungen dieser Rechnung, die älteste zuerst

differ = Abweichende Zahlungen
case = Fall { $number }: { $flags }
comma = {", "}
case-received = Eingegangen
credited = Ihnen gutgeschrieben
goes-back = Geht zurück
kept-apart = Gesondert verwahrt, zu wenig zum Erstatten
what-happens = Was geschieht mit dem Geld?
choose = Wählen Sie, was geschieht
decide = Entscheiden
deciding = Wird entschieden …
operator-only = Darüber entscheidet nur der Betreiber.
held = Das Geld wird verwahrt.
held-by-policy = Ihre Richtlinie überlässt diese Zahlung einer Person. Was bis dahin noch eingeht, wird mit entschieden.
held-for-risk = Sie kommt vielleicht von einer Adresse auf einer Sanktionsliste, darum entscheidet nur der Betreiber.
held-without-rate = Ihre Richtlinie braucht den Tageskurs, und keiner ist bekannt. Entscheiden Sie selbst.
held-suspended = Der Betreiber hat diese MID gesperrt, darum wird nichts nach Regeln entschieden.
accept = Annehmen
accept-text = Alles gehört Ihnen, und die Rechnung gilt als bezahlt
refund-extra = Den Überschuss erstatten
refund-extra-text = Sie behalten den Preis, der Rest geht an den Zahler zurück
refund-all = Alles erstatten
refund-all-text = Sie behalten nichts, der Zahler bekommt einen Erstattungslink
case-manual = Braucht eine Entscheidung
case-credited = Angenommen
case-split = Preis behalten, Rest erstattet
case-refunded = Erstattet
case-dust = Zu wenig zum Erstatten
case-attributed = Bezahlte eine andere Rechnung
case-void = Vom Netzwerk rückgängig gemacht
flag-under = zu wenig
flag-over = zu viel
flag-late = zu spät
flag-multi = in mehreren Zahlungen
flag-wrong-asset = anderer Coin
flag-missing-tag = ohne Tag
flag-risk = riskante Adresse
flag-post-resolution = nach Abschluss der Rechnung

mails-title = E-Mails zu Rechnung { $reference }
mails-here = { $reference }: E-Mails
mails-text = Was ein Zahler, der erreichbar ist, jetzt geschrieben bekommt. Die Links darin gelten: Wer einen öffnet, handelt für den Zahler.
back = Zurück zur Rechnung
no-mails = Nach jetzigem Stand bekommt der Zahler nichts geschrieben.
mail-to = { $reference }, an { $email }
mail-to-nobody = { $reference }, an niemanden: Es ist keine E-Mail-Adresse bekannt
open-link = Link darin öffnen

tools = Werkzeuge der Sandbox
simulate = Eine Zahlung simulieren
sandbox-only = Nur in der Sandbox
simulate-text = Es bewegen sich keine echten Coins. Webhooks werden wie im Betrieb gesendet.
scenario = Was geschieht?
scenario-exact = Genau
scenario-exact-text = Der volle Betrag, rechtzeitig
scenario-over = Zu viel
scenario-over-text = Anderthalbmal so viel
scenario-under = Zu wenig
scenario-under-text = Die Hälfte
scenario-late = Zu spät
scenario-late-text = Nachdem der Kurs abgelaufen ist
another-amount = Anderer Betrag { $optional }
optional = (freiwillig)
simulate-payment = Zahlung simulieren
paying = Wird gezahlt …
more-than-nothing = Senden Sie mehr als nichts
not-watched = Diese Rechnung endete vor mehr als 90 Tagen: Ihre Adresse wird nicht mehr beobachtet
clock = Die Uhr vorstellen
clock-text = In dieser Sandbox ist es { $time } UTC. Was fällig wird, geschieht sofort, für alle Rechnungen.
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
mails = E-Mails an den Zahler
mails-what = Was er nach jetzigem Stand geschrieben bekommt, auch ohne Mailserver.
show-mails = E-Mails zeigen

policy-does = Version { $number } der Richtlinie: { $what }
waits-for-rest = Entschieden wird um { $time }: Bis dahin darf der Rest kommen
late-after = Verspätet ist, was nach { $time } kommt

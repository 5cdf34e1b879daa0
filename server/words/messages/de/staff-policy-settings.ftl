### Die Einstellungen einer Richtlinie.

not-set = nicht gesetzt
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
months = { $count ->
    [one] { $count } Monat
   *[other] { $count } Monate
}
years = { $count ->
    [one] { $count } Jahr
   *[other] { $count } Jahre
}
weeks = { $count ->
    [one] { $count } Woche
   *[other] { $count } Wochen
}
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
percent = { $number } %
days-before = { $list } Tage vorher
unit-years = Jahre
unit-weeks = Wochen
unit-seconds = Sekunden
unit-minutes = Minuten
unit-hours = Stunden
unit-days = Tage
unit-months = Monate
unit-of = { $setting }, Einheit
currency-of = { $setting }, Währung
amount-of = { $setting }, Betrag { $number }
amounts-hint = Ein Betrag je Zeile, mit seiner Währung. Leeren Sie einen Betrag, um seine Zeile zu entfernen.

choose-one = Wählen Sie unter diesen
write-grace = Geben Sie 0 bis 7 Tage ein
write-drift = Geben Sie 0 bis 100 Prozent ein
write-tolerance = Geben Sie 0 bis 50 Prozent ein
write-top-up = Geben Sie 0 bis 30 Tage ein
write-delay = Geben Sie 0 bis 30 Tage ein
write-claim = Geben Sie 1 bis 365 Tage ein
write-cap = Geben Sie mehr als 0, bis zu 100 Prozent ein
write-requote = Geben Sie 0 bis 90 Tage ein
write-window = Geben Sie 0 Minuten bis 1 Tag ein; bei 0 wird jede für sich und sofort gesendet
write-quote = Geben Sie 1 Minute bis 1 Tag ein
write-refund-window = Geben Sie 1 bis 3650 Tage ein
write-amounts = Geben Sie Beträge ab 0 mit höchstens 2 Nachkommastellen ein, jeden mit eigener Währung wie EUR
write-reminders = Geben Sie bis zu 10 Anzahlen von Tagen von 1 bis 364 ein, die größte zuerst, etwa 30, 7, 1

overpaid = Überzahlt
overpaid-text = Es kommt mehr, als die Rechnung verlangt, zum Beispiel 150 USDT statt 100 USDT.
underpaid = Unterzahlt
underpaid-text = Es kommt weniger, als die Rechnung verlangt, zum Beispiel 50 USDT statt 100 USDT.
late = Verspätet
late-text = Die Zahlung kommt nach Ablauf der Rechnung an, der Kurs gilt also nicht mehr.
people = Menschen
people-text = Wer eine Erstattung ansieht, bevor sie hinausgeht. Ein Betrag je Währung; ohne einen muss es niemand.
rules = Regeln für jede Erstattung
rules-text = Wie Zahler abholen, wie lange sie abbrechen können, wer das Netzwerk bezahlt.
news = E-Mail und Webhooks
news-text = Wer dem Zahler Bescheid gibt und wann er erinnert wird.
own = Erstattungen, die Sie selbst anlegen
own-text = Zu bezahlten Rechnungen.

ask-a-person = Eine Person fragen
ask-a-person-text = Das Geld wird verwahrt, bis jemand entscheidet
refund-everything = Alles erstatten
recalc = Preis neu berechnen
recalc-text = Zum Kurs jenes Moments: Was ihn deckt, wird angenommen, was nicht, geht zurück

on-over = Überzahlt: Was soll geschehen?
on-over-hint = Was geschieht, wenn zu viel gesendet wird.
on-over-extra = Den Überschuss erstatten
on-over-extra-text = Sie bekommen 100 USDT. Der Zahler bekommt einen Link für 50 USDT. Die Rechnung ist bezahlt
on-over-keep = Alles behalten
on-over-keep-text = Sie bekommen alle 150 USDT. Keine Erstattung. Die Rechnung ist bezahlt
on-over-refund-text = Der Zahler bekommt einen Link für 150 USDT. Die Rechnung ist nicht bezahlt
tolerance-hint = Bis zu welcher Abweichung, nach unten oder oben, eine Zahlung als genau gilt: Prozent oder Betrag, je nachdem, was mehr erlaubt.
tolerance-percent = Abweichungen ignorieren bis (%)
tolerance-absolute = Oder bis zu diesen Beträgen
claim-floor = Kleinste Erstattung
claim-floor-hint = Unter welchem Betrag eine Abweichung keine Erstattung wert ist: Sie wird als Rest gesondert verwahrt.

on-under = Unterzahlt: Was soll geschehen?
on-under-hint = Was geschieht, wenn zu wenig gesendet wird.
on-under-refund-text = Der Zahler bekommt einen Link für 50 USDT. Die Rechnung ist nicht bezahlt
on-under-accept = Annehmen, was gesendet wurde
on-under-accept-text = Sie bekommen 50 USDT. Die Rechnung wird als unterzahlt markiert
topup-until = Auf eine zweite Zahlung warten
topup-until-hint = Wie lange nach Ablauf einer Rechnung der Rest einer Teilzahlung noch kommen darf.

on-late = Verspätet: Was soll geschehen?
on-late-hint = Was geschieht, wenn eine Zahlung nach Ablauf der Rechnung kommt.
on-late-refund-text = Der Zahler bekommt einen Link für alles. Die Rechnung bleibt abgelaufen
on-late-accept = Annehmen
on-late-accept-text = Sie bekommen die Coins, wie sie sind. Die Rechnung wird als verspätet bezahlt markiert
on-late-close = Annehmen, solange der Kurs nahe ist
on-late-close-text = Sonst bekommt der Zahler einen Link für alles
late-grace-hint = Wie lange nach Ablauf einer Rechnung eine Zahlung noch als pünktlich gilt, je nachdem, worin ihr Preis angegeben ist.
late-grace-fiat = Als pünktlich annehmen innerhalb von, Preis in einer Währung
late-grace-coin = Als pünktlich annehmen innerhalb von, Preis in Coins
late-rate-drift = Wie nahe der Kurs sein muss (%)
late-rate-drift-hint = Um wie viel Prozent sich der Kurs bewegt haben darf, wo eine verspätete Zahlung bei nahem Kurs angenommen wird.

approval-above = Zweite Freigabe über
approval-above-hint = Ab welcher Tagessumme der Erstattungen einer Person oder eines Schlüssels eine zweite Person zustimmen muss.
review-above = Vor dem Senden ansehen über
review-above-hint = Ab welchem Betrag eine Person eine Erstattung ansieht, bevor sie gesendet wird.
low-risk-band = Der Link allein genügt bis
low-risk-band-hint = Ab welchem Betrag der Link allein nicht genügt: Die zahlende Person gibt auch einen Code an, der ihr gemailt wird, oder eine Person sieht die Erstattung an.

claim-ttl = Erstattungslink gilt für
claim-ttl-hint = Wie lange ein Erstattungslink gilt, nach dem Kalender gezählt: Drei Monate sind nicht 90 Tage.
on-expiry = Wenn niemand sie abholt
on-expiry-hint = Was aus Geld wird, das niemand abgeholt hat.
on-expiry-credit = Es gehört Ihnen
on-expiry-credit-text = Das Geld wird der MID gutgeschrieben
on-expiry-hold = Für den Zahler aufbewahren
on-expiry-hold-text = Es bleibt verwahrt, bis Sie es wieder anbieten
security-delay = Sicherheitsfrist nach dem Abholen
security-delay-hint = Wie lange eine bestätigte Erstattung wartet, bevor sie gesendet wird; bis dahin kann der Zahler abbrechen.
delay-anchor = Die Frist zählt ab
delay-anchor-hint = Ab wann die Sicherheitsfrist gezählt wird.
delay-anchor-claim = Bestätigung des Zahlers
delay-anchor-claim-text = Jeder Zahler hat die ganze Frist zum Abbrechen
delay-anchor-refund = Anlegen der Erstattung
delay-anchor-refund-text = Wer spät abholt, wartet kürzer oder gar nicht
payer-cancel = Der Zahler kann während der Frist
payer-cancel-hint = Ob der Zahler während der Sicherheitsfrist abbrechen kann.
payer-cancel-can = Abbrechen
payer-cancel-can-text = Mit dem Link in der E-Mail
payer-cancel-cannot = Nicht abbrechen
payer-cancel-cannot-text = Nur Sie können es
reopen = Nachdem ein Zahler abgebrochen hat
reopen-hint = Wer eine Erstattung wieder anbieten darf, die ihr Zahler abgebrochen hat.
reopen-merchant = Sie können sie wieder anbieten
reopen-merchant-text = Mit einem neuen Link
reopen-admin = Nur der Betreiber kann es
reopen-admin-text = Fragen Sie ihn
destination = Wer sagt, wohin das Geld geht
destination-hint = Wer sagt, wohin das Geld geht.
destination-payer = Der Zahler
destination-payer-text = Auf der Abholseite
destination-merchant = Sie
destination-merchant-text = Bis dahin gilt auch der Link des Zahlers
destination-source = Die Adresse, die gezahlt hat
destination-source-text = Wenn alles von einer kam
destination-invoice = Die Rechnung
destination-invoice-text = Wenn eine Adresse dabei war
fee-bearer = Netzwerkgebühr
fee-bearer-hint = Wer die Gebühr des Netzwerks zahlt.
fee-bearer-payer = Der Zahler zahlt
fee-bearer-payer-text = Wird von der Erstattung abgezogen
fee-bearer-merchant = Wir zahlen
fee-bearer-merchant-text = Wird von Ihrem Guthaben abgezogen
fee-cap = Warten, solange die Gebühr höher ist als (% der Erstattung)
fee-cap-hint = Wie viel Prozent einer Erstattung die Netzwerkgebühr höchstens sein darf; darüber wartet die Erstattung.
requote-after = Danach den Zahler erneut fragen nach
requote-after-hint = Wie lange eine Erstattung wartet, deren Netzwerkgebühr über die gestiegen ist, der ihr Zahler zugestimmt hat, bevor er mit einem neuen Link erneut gefragt wird.
batch-window = Auf andere warten, um gemeinsam zu senden
batch-window-hint = Wie lange eine fällige Erstattung auf andere wartet, damit eine Transaktion sie gemeinsam bezahlt, wo das Netzwerk das kann.

notify = Wer dem Zahler schreibt
notify-hint = Wer dem Zahler schreibt.
notify-both = Refundry und Sie
notify-both-text = Per E-Mail, und Sie bekommen den Link per Webhook
notify-engine = Refundry
notify-engine-text = Per E-Mail
notify-merchant = Sie
notify-merchant-text = Sie bekommen den Link per Webhook
notify-nobody = Niemand
notify-nobody-text = Kopieren Sie Links aus dem Dashboard
reminders = So viele Tage vor Ende des Links erinnern
reminders-hint = Wie viele Tage vor Ende eines Erstattungslinks der Zahler erinnert wird.

rate-rule = Wie viele Coins ein Betrag ist
rate-rule-hint = Wie viele Coins die Erstattung eines Betrags ist, wenn der Händler sie anlegt.
rate-rule-release = Kurs beim Senden
rate-rule-release-text = Derselbe Wert an jenem Tag
rate-rule-create = Kurs beim Anlegen
rate-rule-create-text = Derselbe Wert an jenem Tag
rate-rule-then = Kurs bei der Zahlung
rate-rule-then-text = Der Kurs der Rechnung selbst
rate-rule-exact = Die eigenen Coins des Zahlers
rate-rule-exact-text = So viele, wie dafür gesendet wurden
rate-rule-min = Die kleinere Anzahl
rate-rule-min-text = Von damals und jetzt
rate-rule-max = Die größere Anzahl
rate-rule-max-text = Von damals und jetzt
quote-ttl = Eine Vorschau gilt für
quote-ttl-hint = Wie lange ein Angebot für eine Erstattung gilt: Auf einen besseren Kurs zu warten, ist für niemanden kostenlos.
refund-window = Rechnungen können erstattet werden für
refund-window-hint = Wie lange nach dem Anlegen einer Rechnung der Händler sie erstatten kann.
refundable-states = Rechnungen, die erstattet werden können
refundable-states-hint = In welchen Zuständen der Händler eine Rechnung erstatten kann.

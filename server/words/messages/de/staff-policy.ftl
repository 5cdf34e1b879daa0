### Die Liste der Richtlinien und eine einzelne.

list-text = Jede MID hat ihre eigene. Sie entscheidet, was geschieht, wenn eine Zahlung nicht zu ihrer Rechnung passt.
head-mid = MID
head-live = Gültig
head-state = Zustand
head-since = Seit
open = Offen
suspended = Gesperrt
version = Version { $number }

title = Erstattungsrichtlinie, { $mid }
version-live = Version { $number } gilt
text = Entscheidet, was geschieht, wenn eine Zahlung nicht zu ihrer Rechnung passt. Schon erkannte Zahlungen behalten die Version, mit der sie begannen.
saved = Gespeichert. Sie gilt.
saved-scheduled = Gespeichert. Sie gilt ab ihrem Zeitpunkt.
saved-draft = Gespeichert, gilt aber noch nicht: Sie lockert eine Sicherung, darum muss unten eine zweite Person zustimmen.

save-title = Speichern
save-text = Eine Version, die eine Sicherung lockert, wartet auf eine zweite Person, sofern Sie überhaupt zweite Personen verlangen.
live-from = Gültig ab, in UTC { $empty }
at-once = (leer: sofort)
save = Version { $number } speichern
saving = Wird gespeichert …
try-it = { $days ->
    [one] Am letzten { $days } Tag erproben
   *[other] An den letzten { $days } Tagen erproben
}
trying = Wird erprobt …
discard = Verwerfen
locked = Diese Einstellung legt der Betreiber fest.
is-now = Jetzt gilt: { $value }.

meanwhile = Jemand hat diese Richtlinie inzwischen geändert. Es wurde nichts gespeichert. Laden Sie die Seite neu und sehen Sie, was anders ist.
write-time = Schreiben Sie Datum und Uhrzeit, etwa 2026-12-01T08:00
within-a-year = Wählen Sie einen Zeitpunkt innerhalb des nächsten Jahres, oder lassen Sie das Feld leer
keeps = Diese Einstellung legt der Betreiber fest: Bitten Sie ihn, sie zu ändern
own-version = Sie haben diese Version geschrieben, darum muss jemand anderes zustimmen. Es wurde nichts getan.

title-asset = Erstattungsrichtlinie für { $asset }, { $mid }
text-asset = Was hier geändert wird, gilt nur für { $asset }. Alles andere folgt der Richtlinie für alle Coins, auch wenn die sich ändert.
all-assets = Richtlinie für alle Coins
for-all-it-is = Ohne Änderung für diesen Coin gilt { $value }.
take-back = Wieder wie für alle Coins
assets = Anders für einzelne Coins
assets-text = Wo Gebühren hoch sind oder Coins viel wert, bedeuten Beträge etwas anderes: Sagen Sie hier, was nicht überall gleich ist.
head-asset = Coin
head-different = Anders
head-action = Aktion
as-for-all = Wie für alle Coins
says-of = { $setting }: { $value }
setting-of = { $asset }, { $setting }
change = Ändern
look-at = Ansehen
action-for = { $action }: { $asset }

history = Verlauf
times-in-utc = Zeiten in UTC
waits = Wartet auf eine zweite Person
waits-for = Version { $number } wartet auf eine zweite Person.
scheduled = Geplant
live = Gültig
replaced = Ersetzt
given-up = Aufgegeben
by-you = Von Ihnen, { $time }
by-a-colleague = Von einem Teammitglied, { $time }
by-person = Von { $who }, { $time }
by-a-key = Von einem API-Schlüssel, { $time }
by-refundry = Von Refundry, { $time }
and-live-from = { $written }, gültig ab { $time }
differs = { $setting }: { $old } { $to } { $new }
to = zu
says-nothing = Sagt nichts anderes als die Version davor.
tried-none = An Zahlungen vom { $from } bis { $to } erprobt: Es gab keine.
tried-same = { $count ->
    [one] An Zahlungen vom { $from } bis { $to } erprobt: Die { $count } Rechnung stünde, wo sie steht.
   *[other] An Zahlungen vom { $from } bis { $to } erprobt: Alle { $count } Rechnungen stünden, wo sie stehen.
}
tried-differs = { $count ->
    [one] An Zahlungen vom { $from } bis { $to } erprobt: { $changed } von { $count } Rechnung stünde anders.
   *[other] An Zahlungen vom { $from } bis { $to } erprobt: { $changed } von { $count } Rechnungen stünden anders.
}
give-up = Aufgeben
giving-up = Wird aufgegeben …
agree = Zustimmen
agreeing = Zustimmung läuft …
someone-else = Sie haben diese Version geschrieben, darum muss jemand anderes zustimmen.

simulator-label = Simulator der Richtlinie
simulator = Simulator
last-days = { $days ->
    [one] letzter { $days } Tag
   *[other] letzte { $days } Tage
}
change-first = Ändern Sie etwas und erproben Sie es: Echte Zahlungen werden nach dem Entwurf noch einmal beurteilt.
who-may = Wer die Richtlinie ändern darf, kann sie hier an echten Zahlungen erproben.
nothing-sent = Es wird nichts gesendet. Der Simulator spielt echte Zahlungen mit dem Entwurf nach.
too-many = In dieser Zeit gibt es zu viele Zahlungen, um alle auf einmal zu erproben.
what-changes = Was sich ändert
newest-ten = Nur die zehn neuesten sind aufgeführt.
with-this-draft = Mit diesem Entwurf
elsewhere = { $count ->
    [one] Rechnung stünde anders
   *[other] Rechnungen stünden anders
}
tried = { $count ->
    [one] { $count } Rechnung erprobt, { $differing } mit einer Zahlung, die nicht passte.
   *[other] { $count } Rechnungen erprobt, { $differing } mit einer Zahlung, die nicht passte.
}
left-out = { $count ->
    [one] { $count } Rechnung konnte nicht erprobt werden.
   *[other] { $count } Rechnungen konnten nicht erprobt werden.
}
was = zuvor { $amount }
to-you = An Sie
to-payers = Zurück an Zahler
held = Verwahrt
dust = Zu wenig zum Erstatten

would-credit = { $amount } { $asset } würden dem Händler gutgeschrieben statt { $was }
would-refund = { $amount } { $asset } gingen an den Zahler zurück statt { $was }
would-hold = { $amount } { $asset } würden verwahrt statt { $was }
would-keep-apart = { $amount } { $asset } würden als zu wenig für eine Erstattung behalten statt { $was }
would-stand = die Rechnung stünde auf „{ $status }“ statt „{ $was }“
would-count = ihre Zahlung gälte als { $flags } statt { $was }
exact = genau und rechtzeitig
would-decide = eine Person würde darüber entscheiden
would-decide-otherwise = eine Person würde aus einem anderen Grund darüber entscheiden
would-not-decide = keine Person müsste darüber entscheiden
would-give = { $count ->
    [0] es gäbe keine Erstattung statt { $was }
    [one] es gäbe { $count } Erstattung statt { $was }
   *[other] es gäbe { $count } Erstattungen statt { $was }
}
would-wait = Wartezeit der Erstattung vor dem Senden: { $delay } statt { $was }
would-review = eine Person würde die Erstattung ansehen, bevor sie gesendet wird
would-not-review = die Erstattung würde gesendet, ohne dass eine Person sie ansieht
could-cancel = der Zahler könnte sie abbrechen
could-not-cancel = der Zahler könnte sie nicht abbrechen
would-work = Gültigkeit ihres Links: { $time } statt { $was }
would-expire-to-you = nicht abgeholt, ginge sie an den Händler
would-stay-held = nicht abgeholt, bliebe sie für den Zahler verwahrt
payer-would-pay = der Zahler würde die Netzwerkgebühr zahlen
merchant-would-pay = der Händler würde die Netzwerkgebühr zahlen
payer-would-say = der Zahler würde sagen, wohin sie geht
merchant-would-say = der Händler würde sagen, wohin sie geht
would-go-to-source = sie ginge an die Adresse, die gezahlt hat
would-go-to-invoice = sie ginge an die Adresse, die mit der Rechnung kam
other-terms = die Erstattungen hätten andere Bedingungen

unsaved = Nicht gespeicherte Änderungen: { $count }
untried = Noch nicht an echten Zahlungen ausprobiert.
would-change = { $count ->
    [one] Mit diesem Entwurf stünde { $count } Rechnung anders da.
   *[other] Mit diesem Entwurf stünden { $count } Rechnungen anders da.
}

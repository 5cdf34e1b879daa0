mid = MID
all-mids = Alle MIDs
asset = Coin
all-assets = Alle Coins
from = Von
to = Bis
show = Anzeigen
# On a filter: so many of its choices.
chosen = { $count } gewählt
clear = Zurücksetzen
newer = Neuere
older = Ältere

export-csv = CSV exportieren
search-hint = Bestellung, E-Mail, Adresse, Tx, Betrag
reason = Grund
any-reason = Jeder Grund
expires-by = Läuft ab bis
views = Ansichten der Erstattungen
# Claim links that stop working within days.
expiring-soon = Läuft bald ab
all = Alle
caption = Erstattungen, die neuesten zuerst
amount = Betrag
status = Status
order-and-payer = Bestellung und Zahlender
created = Angelegt
select = Auswählen
select-one = { $reference } auswählen
select-page = Alle auf dieser Seite auswählen
sends = geht hinaus { $time }
# $time is when it ended.
paid-at = ausgezahlt { $time }
ended-at = beendet { $time }
waits-funds = wartet: Wallet hat zu wenig
waits-balance = wartet: Guthaben zu klein
waits-fee = wartet: Netzwerkgebühr zu hoch
waits-maintenance = wartet: Auszahlungen ruhen
waits-frozen = wartet: Auszahlungen sind gesperrt
waits-suspended = wartet: MID ist gesperrt
waits-rate = wartet: kein Kurs
waits-reorged = wartet: Zahlung vom Netzwerk zurückgenommen
first-use = Erster Besuch
none = Noch keine Erstattungen
none-text = Wenn jemand zu viel, zu wenig oder zu spät zahlt, erscheint die Erstattung hier von selbst. Sie können auch jede bezahlte Rechnung erstatten.
to-invoices = Zu den Rechnungen
no-match = Keine Erstattung passt zu diesen Filtern
no-match-text = Referenzen, Bestellungen, E-Mail-Adressen, Wallet-Adressen, Transaktionen und Beträge werden gefunden, wenn sie ganz geschrieben sind.
clear-filters = Filter zurücksetzen
all-time = Ohne Zeitraum suchen

selected = Ausgewählte Erstattungen
some-selected = { $count } ausgewählt
all-match = Alle passenden
export = Exportieren
approve = Genehmigen
remind = Erinnern
retry = Wiederholen
cancel = Erstattungen abbrechen
approve-title = Erstattungen genehmigen
approve-button = { $count ->
    [one] { $count } Erstattung genehmigen
   *[other] { $count } Erstattungen genehmigen
}
approve-then = Jede geht ihren Weg: zum Erstattungslink ihres Zahlenden oder in die Sicherheitsfrist. Selbst angelegte werden ausgelassen.
approve-done = { $count } genehmigt
approve-some = { $count } genehmigt, bei { $refused } ging es nicht
remind-title = Zahlende erinnern
remind-button = { $count ->
    [one] An { $count } Erstattung erinnern
   *[other] An { $count } Erstattungen erinnern
}
remind-then = Jeder Zahlende bekommt den Erstattungslink noch einmal. Es bewegt sich kein Geld.
remind-done = { $count } angeschrieben
remind-some = { $count } angeschrieben, bei { $refused } ging es nicht
retry-title = Auszahlungen wiederholen
retry-button = { $count ->
    [one] { $count } Erstattung wiederholen
   *[other] { $count } Erstattungen wiederholen
}
retry-then = Jede fehlgeschlagene Auszahlung wird noch einmal beauftragt. Für sie hat zuvor nichts die Wallet verlassen.
retry-done = { $count } erneut beauftragt
retry-some = { $count } erneut beauftragt, bei { $refused } ging es nicht
cancel-button = { $count ->
    [one] { $count } Erstattung abbrechen
   *[other] { $count } Erstattungen abbrechen
}
cancel-then = Es wird nichts gesendet. Das Geld geht dorthin zurück, wo es herkam, und die Links der Zahlenden funktionieren nicht mehr.
cancel-done = { $count } abgebrochen
cancel-some = { $count } abgebrochen, bei { $refused } ging es nicht
heading = { $count ->
    [one] { $title }: { $count } Erstattung
   *[other] { $title }: { $count } Erstattungen
}
to-be-done = Die betroffenen Erstattungen, die neuesten zuerst
nothing-label = Nichts ausgewählt
nothing = Nichts ist ausgewählt
nothing-text = Kreuzen Sie Erstattungen in der Liste an, oder wählen Sie alle, die zu ihren Filtern passen. Es wurde nichts getan.
to-refunds = Zu den Erstattungen
left-out = { $count ->
    [one] { $count } der ausgewählten Erstattungen steht so, dass das nicht geht, und wird ausgelassen.
   *[other] { $count } der ausgewählten Erstattungen stehen so, dass das nicht geht, und werden ausgelassen.
}
more = Mehr als { $most } passen. Hier geht es um die neuesten { $most }; kommen Sie für den Rest wieder.
unseen = Und { $count } weitere.
not-now = Jetzt nicht
nothing-to-do = Nichts zu tun
so-far = { $looked } von { $all }: { $done }
skipped = { $count } standen so, dass das nicht geht, und wurden gelassen, wie sie sind.
stopped = Angehalten nach { $most }, die nicht gingen: Sehen Sie zuerst die Gründe an. { $untouched } wurden nicht angerührt.
refused = Ging nicht
back = Zurück zu den Erstattungen
go-on = Weiter
stop-here = Hier aufhören
untouched = { $count } bleiben, wie sie sind, bis Sie weitermachen.
how-far = Wie weit es ist

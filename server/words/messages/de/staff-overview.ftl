recent = Neueste Erstattungen
recent-caption = Neueste Erstattungen, die neuesten zuerst
see-all = Alle ansehen
period = Zeitraum
last-days = { $count ->
    [one] Letzter Tag ({ $count })
   *[other] Letzte { $count } Tage
}
paid-out = Ausgezahlt
in-days = { $count ->
    [one] in { $count } Tag
   *[other] in { $count } Tagen
}
claimed-within = Abgeholt innerhalb von
median = Median seit dem Anlegen
returned = An Sie zurückgegangen
returned-none = { $days ->
    [one] In { $days } Tag ist nichts abgelaufen.
   *[other] In { $days } Tagen ist nichts abgelaufen.
}
returned-some = { $count ->
    [one] { $count } Erstattung ist abgelaufen und wurde Ihren MIDs gutgeschrieben: { $amounts }.
   *[other] { $count } Erstattungen sind abgelaufen und wurden Ihren MIDs gutgeschrieben: { $amounts }.
}

attention = Braucht Aufmerksamkeit
sums-since = { $amounts }, die erste seit { $time }.
sums-ending = { $amounts }, die erste bis { $time }.
approvals = { $count ->
    [one] { $shown } Erstattung braucht Genehmigung
   *[other] { $shown } Erstattungen brauchen Genehmigung
}
approvals-text = Eine zweite Person entscheidet; bis dahin wird nichts gesendet.
policy-waits = Eine Richtlinie wartet auf eine zweite Person
policy-waits-text = Eine Änderung bei { $mids } lockert eine Grenze. Sie gilt erst, wenn jemand anderes zustimmt.
review = Prüfen
failures = { $count ->
    [one] { $shown } Auszahlung ist fehlgeschlagen
   *[other] { $shown } Auszahlungen sind fehlgeschlagen
}
failures-text = Nichts hat die Wallet verlassen; das Geld steht weiter den Zahlenden zu.
retry = Wiederholen
holds = { $count ->
    [one] { $shown } Erstattung ist angehalten
   *[other] { $shown } Erstattungen sind angehalten
}
holds-text = Jemand sieht sie an, bevor sie gesendet werden.
look = Ansehen
expiring = { $count ->
    [one] { $shown } Erstattung läuft innerhalb von 7 Tagen ab
   *[other] { $shown } Erstattungen laufen innerhalb von 7 Tagen ab
}
expiring-text = Niemand hat sie abgeholt. Kreuzen Sie sie dort an, um den Zahlenden noch einmal zu schreiben.
remind = Erinnern
action-for = { $action }: { $task }
calm = Nichts steht an.
scheduled = { $count ->
    [one] { $shown } Erstattung ist geplant.
   *[other] { $shown } Erstattungen sind geplant.
}
scheduled-next = { $count ->
    [one] { $shown } Erstattung ist geplant, die nächste geht hinaus am { $time }.
   *[other] { $shown } Erstattungen sind geplant, die nächste geht hinaus am { $time }.
}

webhooks-delivered = Webhooks zugestellt
webhooks-wait = { $count ->
    [one] { $shown } Webhook wartet auf Zustellung
   *[other] { $shown } Webhooks warten auf Zustellung
}
rails-in-sync = Netze im Gleichstand
ledger-balanced = Bücher ausgeglichen um { $time }
endpoints-off = { $count ->
    [one] { $count } Webhook-Endpunkt ist abgeschaltet
   *[other] { $count } Webhook-Endpunkte sind abgeschaltet
}
endpoints-off-text = Er hat geantwortet, dass es ihn nicht mehr gibt (410): Dorthin wird nichts gesendet, bis ihn jemand wieder einschaltet.
endpoints-failing = { $count ->
    [one] { $count } Webhook-Endpunkt antwortet nicht
   *[other] { $count } Webhook-Endpunkte antworten nicht
}
endpoints-failing-text = Was er drei Tage lang nicht angenommen hat, wird nicht von selbst noch einmal gesendet. Sehen Sie nach, woran es liegt, und senden Sie es dann erneut.
rails-away = Keine Antwort von { $networks }
rails-away-text = Bücher und Netze konnten nicht verglichen werden. Nichts ist verloren: Auszahlungen dort warten, bis eine Antwort kommt.
books-short = Die Netze halten weniger, als die Bücher sagen
books-short-text = Mehr, als laufende Auszahlungen erklären. Unter Systemzustand steht, bei welchem Coin und wie viel.
books-short-elsewhere = Wer diese Installation betreibt, geht dem nach. Was Sie Zahlenden schulden, bleibt, wie es hier steht.

held = Für Erstattungen verwahrt
held-caption = Zahlenden geschuldetes Geld, nach Coin
asset = Coin
open = Offen
held-head = Verwahrt
matches = Stimmt mit den Netzen überein
being-checked = Wird geprüft
off-by = Differenz { $amounts }
nothing-owed = Zahlenden wird gerade nichts geschuldet.

made = Angelegte Erstattungen
made-none = { $days ->
    [one] Keine in { $days } Tag.
   *[other] Keine in { $days } Tagen.
}
made-some = { $days ->
    [one] { $count } in { $days } Tag
   *[other] { $count } in { $days } Tagen
}
chart = Angelegte Erstattungen pro Tag in { $days } Tagen: { $all } insgesamt, { $most } am stärksten Tag
per-day = Angelegte Erstattungen pro Tag
as-table = Als Tabelle anzeigen
table-label = Angelegte Erstattungen, nach Tag und Grund
day = Tag
other = Andere

claimed = Zeit bis zur Abholung
claimed-none = { $days ->
    [one] Von den in { $days } Tag angelegten Erstattungen wurde noch keine abgeholt.
   *[other] Von den in { $days } Tagen angelegten Erstattungen wurde noch keine abgeholt.
}
claimed-of = { $count ->
    [one] { $count } abgeholt, angelegt { $days }
   *[other] { $count } abgeholt, angelegt { $days }
}
claimed-label = Erstattungen nach der Zeit bis zur Abholung
claimed-after = Abgeholt innerhalb von
within-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
within-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}
later = Später
refunds = Erstattungen
share = Anteil
so-far = Zusammen
returned-chart = Abgelaufene Erstattungen pro Tag in { $days } Tagen: { $all } insgesamt, { $most } am stärksten Tag
returned-per-day = Abgelaufene Erstattungen pro Tag
returned-label = Abgelaufene Erstattungen, nach Tag
returned-head = Ihnen gutgeschrieben

setup = Richten Sie Ihren Shop ein
setup-far = { $done } von { $all } erledigt. Jeder Schritt kann warten oder übersprungen werden.
setup-done = { $step }, erledigt
skip = Überspringen
skip-step = Überspringen: { $step }
skipping = Wird übersprungen …
step-brand = Sagen Sie, wie Zahlende Sie sehen
step-brand-text = Ihr Name, Logo und Ihre Farbe auf jeder Seite und in jeder Mail, die sie bekommen.
step-policy = Wählen Sie, was bei abweichenden Zahlungen geschieht
step-policy-text = Bis Sie es ändern: Was zu viel, zu wenig oder zu spät ist, wird erstattet.
step-key = Verbinden Sie Ihr Programm
step-key-text = Mit einem Schlüssel legt es Rechnungen und Erstattungen an.
step-webhook = Von jeder Erstattung erfahren
step-webhook-text = Ein Webhook sagt es Ihrem Programm sofort, mit Erstattungslinks.
step-colleague = Laden Sie jemanden ein
step-colleague-text = Wer eine große Erstattung anlegt, genehmigt sie nie: Das tut jemand anderes.
step-second-factor = Schützen Sie Ihre Anmeldung
step-second-factor-text = Ein Passkey oder eine Code-App hält fern, wer Ihr Passwort erfährt.

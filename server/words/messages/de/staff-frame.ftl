overview = Übersicht
refunds = Erstattungen
invoices = Rechnungen
policies = Richtlinien
settings = Einstellungen
mids = Händler-IDs
health = Systemzustand
audit = Prüfprotokoll
admin = Verwaltung
waiting = { $count ->
    [one] { $shown } wartet auf Genehmigung
   *[other] { $shown } warten auf Genehmigung
}
new-refund = Neue Erstattung
breadcrumb = Pfad der Seite
search-all = Alle Erstattungen durchsuchen
search-hint = Erstattungen, Bestellungen, Adressen
skip = Zum Inhalt springen
navigation = Navigation
main = Hauptmenü
sandbox = Sandbox
sign-out = Abmelden
staff-only = Sie können das sehen, aber nicht ändern. Fragen Sie einen Inhaber.

role-admin = Administrator
role-owner = Inhaber
role-manager = Manager
role-support = Support
role-viewer = Betrachter

lost = Stand von { $time }. Verbindung wird wiederhergestellt …
changed = Diese Seite hat sich inzwischen geändert.
show-it = Anzeigen

go-to = Überallhin springen
go-to-search = Suchen oder zu einer Seite gehen
go-to-hint = Referenz, Bestellung, E-Mail, Adresse, Transaktion
results = Ergebnisse
one-result = 1 Ergebnis
many-results = { $count } Ergebnisse
refund = Erstattung { $reference }
invoice = Rechnung { $reference }
search-refunds = Erstattungen durchsuchen
search-invoices = Rechnungen durchsuchen
search-for = nach „{ $text }“
go-to-keys = { $up } { $down } bewegen { $enter } öffnen { $escape } schließen

shortcuts = Tastenkürzel
close = Schließen
single-keys = Kürzel mit einer einzelnen Taste
then = { $first }, dann { $next }
key-search = Suchen
key-lists = Übersicht, Erstattungen, Rechnungen
key-settings = Richtlinien, Einstellungen
key-rows = Nächste, vorige Zeile
key-select = Zeile, Bereich auswählen
key-open = Öffnen
key-approve = Genehmigen
key-copy = Erstattungslink kopieren
key-export = Exportieren
key-send = Formular senden

and = { $first } und { $second }

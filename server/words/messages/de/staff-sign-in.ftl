heading = Bei Refundry anmelden
sign-in = Anmelden
signing-in = Wird angemeldet …
password-changed = Ihr Passwort ist geändert. Melden Sie sich damit an.
session-ended = Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an, um weiterzumachen.
by-passkey = Mit einem Passkey fortfahren
or-password = oder mit Ihrem Passwort
or-code = oder mit einem Code
forgot = Passwort vergessen?
nobody-yet = Noch kann sich niemand anmelden. Auf dem Server fügt „{ $command }“ die erste Person hinzu.
enter-code = Geben Sie Ihren Code ein
back = Zurück zur Anmeldung
wrong-email-or-password = E-Mail oder Passwort ist falsch.
tries-left = { $count ->
    [one] Noch 1 Versuch vor einer Pause von 15 Minuten.
   *[other] Noch { $count } Versuche vor einer Pause von 15 Minuten.
}
pause = { $minutes ->
    [one] Zu viele Versuche. Warten Sie { $minutes } Minute, und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Warten Sie { $minutes } Minuten, und versuchen Sie es dann noch einmal.
}
wrong-code = Dieser Code gilt nicht. Jeder gilt nur einmal: Warten Sie auf den nächsten, oder verwenden Sie einen Wiederherstellungscode.
wrong-password = Das ist nicht Ihr Passwort.
passkey-not-taken = Mit diesem Passkey können Sie sich hier nicht anmelden. Versuchen Sie es noch einmal, oder verwenden Sie Ihr Passwort.
passkey-not-yours = Dieser Passkey gehört nicht Ihnen, oder er hat zu spät geantwortet. Versuchen Sie es noch einmal.
still-you = Sind Sie es noch?
why-again = Beim Genehmigen und bei Einstellungen, Personen und Richtlinien wird noch einmal gefragt, wenn Ihre Anmeldung mehr als 10 Minuten her ist. Es wurde noch nichts getan.
why-again-held = Ihre Anmeldung ist mehr als 10 Minuten her. Es wurde noch nichts getan: Was Sie gesendet haben, bleibt hier und wird getan, sobald Sie fortfahren.
app-code = Code Ihrer App
signed-in-with = Sie sind angemeldet mit
checking = Wird geprüft …
continue = Fortfahren
go-back = Zurück
no-email = Diese Installation versendet keine E-Mails. Wer sie betreibt, gibt Ihnen ein neues Passwort:
reset-asked = Wenn sich jemand mit dieser E-Mail-Adresse anmeldet, ist ein Link unterwegs. Er gilt einmal und eine Stunde lang.
nothing-came = Nichts angekommen? Sehen Sie im Spam-Ordner nach, prüfen Sie die Adresse, und versuchen Sie es nach 5 Minuten noch einmal.
reset-hint = Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.
sending = Wird gesendet …
send-link = Link senden
reset-closed = Dieser Link gilt nicht
reset-closed-text = Er wurde verwendet, ein späterer hat ihn ersetzt, oder er ist älter als eine Stunde. Fordern Sie auf der Anmeldeseite einen neuen an.
choose-new = Wählen Sie ein neues Passwort
choose-new-text = Sie werden überall abgemeldet, und Auszahlungen sind einen Tag lang gesperrt.
invitation-closed = Diese Einladung gilt nicht
invitation-closed-text = Sie wurde verwendet oder zurückgezogen oder ist älter als 7 Tage. Bitten Sie um eine neue.
join-place = { $place } beitreten
invited-by = { $person } hat Sie eingeladen. Ihre Rolle: { $role }.
sign-in-with = Sie melden sich an mit
choose-password = Wählen Sie ein Passwort
join = Beitreten
joining = Beitritt …
signs-in-already = Mit dieser E-Mail-Adresse meldet sich schon jemand an. Melden Sie sich an, oder bitten Sie um eine Einladung an eine andere Adresse.

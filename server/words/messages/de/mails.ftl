### Mails an Zahlende.

never-ask = Wir fragen nie nach Passwörtern, privaten Schlüsseln oder Wiederherstellungsphrasen.
sent-by = Gesendet von { $merchant } mit Refundry, weil Sie die Bestellung { $order } bezahlt haben.
privacy = Datenschutzerklärung
instant = { $minute } UTC

claim-subject = { $amount } von { $merchant } zum Abholen
claim-heading = Sie können { $amount } abholen
claim-by-day = Holen Sie den Betrag bis { $day } ab.
why-overpaid-extra = Sie haben mehr bezahlt, als die Bestellung { $order } gekostet hat. Die Bestellung ist vollständig, der Überschuss gehört Ihnen.
why-overpaid-all = Sie haben mehr bezahlt, als die Bestellung { $order } gekostet hat, darum konnte der Shop die Zahlung nicht annehmen. Alles wird erstattet.
why-underpaid = Sie haben weniger bezahlt, als die Bestellung { $order } gekostet hat, darum wurde sie nicht ausgeführt. Alles wird erstattet.
why-late = Ihre Zahlung für die Bestellung { $order } kam an, als der Kurs nicht mehr galt, darum wurde sie nicht ausgeführt. Alles wird erstattet.
why-late-settled = Ihre Zahlung kam an, als die Bestellung { $order } schon abgeschlossen war. Sie wird erstattet.
why-other-coin = Sie haben die Bestellung { $order } mit einer anderen Münze bezahlt als verlangt, darum konnte der Shop sie nicht annehmen. Alles wird erstattet.
why-no-tag = Ihre Zahlung kam ohne das Tag, das sagt, wofür sie ist, darum konnte der Shop sie nicht annehmen. Alles wird erstattet.
why-not-accepted = Der Shop konnte Ihre Zahlung für die Bestellung { $order } nicht annehmen. Alles wird erstattet.
why-merchant = { $merchant } erstattet die Bestellung { $order }.
why-requoted = Die Netzwerkgebühr blieb höher als die, der Sie zugestimmt hatten. Ihre Erstattung wurde deshalb nicht gesendet. Geben Sie noch einmal eine Adresse an, um sie zur jetzigen Gebühr zu erhalten.
you-sent = Gesendet
order-price = Preis der Bestellung
to-claim = Zum Abholen
claim-button = Erstattung abholen
wallet-needed = Sie brauchen eine Wallet-Adresse für { $symbol } auf { $network }.
fee-taken-now = Die Netzwerkgebühr, derzeit { $fee }, wird von der Erstattung abgezogen.
fee-taken = Die Netzwerkgebühr wird von der Erstattung abgezogen.
fee-paid = Die Netzwerkgebühr zahlt { $merchant }.
link-works-until = Der Link gilt bis { $instant }.

expiring-subject = { $days ->
    [one] Ihr Erstattungslink endet in { $days } Tag
   *[other] Ihr Erstattungslink endet in { $days } Tagen
}
expiring-heading = Sie können noch { $amount } abholen

scheduled-subject = Ihre Erstattung geht am { $weekday } ab. Brechen Sie ab, wenn Sie das nicht waren
scheduled-subject-final = Ihre Erstattung geht am { $weekday } ab
scheduled-heading = Ihre Erstattung geht am { $day } ab
scheduled-lead = Für Ihre Erstattung wurde eine Adresse bestätigt. Es wurde noch nichts gesendet.
cancel-link-lead = Hier ist der Link zum Abbrechen, der auf der Seite der Erstattung angefordert wurde. Es wurde noch nichts gesendet.

code-subject = Ihr Code für die Erstattung von { $merchant }
code-heading = Bestätigen Sie Ihre Erstattung mit diesem Code
code-lead = Er bestätigt, dass { $amount } an { $address } gehen. Geben Sie ihn auf der Seite der Erstattung ein.
code-works = { $minutes ->
    [one] Er gilt { $minutes } Minute, einmal.
   *[other] Er gilt { $minutes } Minuten, einmal.
}
code-keep = Geben Sie diesen Code nie weiter, wer auch danach fragt: Weder der Shop noch wir brauchen ihn.
code-not-you = Haben Sie ihn nicht angefordert oder ist die Adresse nicht Ihre, tun Sie nichts. Ohne den Code wird nichts gesendet.
goes-to = { $amount } geht an { $address } am { $instant }.
you-receive = Sie erhalten
you-received = Sie haben erhalten
network = Netzwerk
sent-on = Wird gesendet am
to-address = An diese Adresse
tag = Memo oder Tag
transaction = Transaktions-ID
cancel-question = Ist die Adresse falsch, oder waren Sie das nicht?
cancel-before = Brechen Sie ab vor { $weekday }, { $clock } UTC. Danach kann niemand die Zahlung mehr aufhalten.
cancel-button = Diese Erstattung abbrechen
nothing-to-do = Wenn alles stimmt, brauchen Sie nichts zu tun.
ask-merchant = Wenn die Adresse falsch ist oder Sie das nicht waren, wenden Sie sich sofort an { $merchant }.

sent-subject = Ihre Erstattung wurde gesendet
sent-heading = Ihre Erstattung ist unterwegs
sent-lead = { $count ->
    [one] Sie kommt an, wenn { $network } sie einmal bestätigt hat.
   *[other] Sie kommt an, wenn { $network } sie { $count } Mal bestätigt hat.
}
arrived = Ihre Erstattung ist angekommen
arrived-lead = { $count ->
    [one] Die Bestätigung ist da. Wenn Ihre Wallet nichts anzeigt, suchen Sie nach der Transaktions-ID.
   *[other] Alle { $count } Bestätigungen sind da. Wenn Ihre Wallet nichts anzeigt, suchen Sie nach der Transaktions-ID.
}
track-button = Erstattung ansehen

canceled-subject = Ihre Erstattung wurde abgebrochen
canceled-heading = Sie haben diese Erstattung abgebrochen
canceled-lead = Es wurde nichts gesendet. { $merchant } verwahrt { $amount } weiter sicher für Sie. Die Links, die Sie bekommen haben, gelten nicht mehr. Nur { $merchant } kann eine neue Erstattung beginnen.
withdrawn-heading = { $merchant } hat diese Erstattung zurückgezogen
withdrawn-lead = Es wurde nichts gesendet. Wenden Sie sich mit dieser Referenz an { $merchant }.
unpayable-heading = Diese Erstattung kann nicht ausgezahlt werden
unpayable-lead = Das Netzwerk hat die Zahlung zurückgenommen, aus der sie stammt. Es wurde nichts gesendet. Wenden Sie sich mit dieser Referenz an { $merchant }.
reference = Referenz

expired-subject = Ihre Erstattung ist abgelaufen
expired-heading = Diese Erstattung ist abgelaufen
expired-returned = Sie konnte bis { $instant } abgeholt werden. Das Geld ist an { $merchant } zurückgegangen. Dort bekommen Sie mit dieser Referenz einen neuen Link.
expired-held = Sie konnte bis { $instant } abgeholt werden. Das Geld wird weiter für Sie verwahrt. Von { $merchant } bekommen Sie mit dieser Referenz einen neuen Link.

delayed = Ihre Erstattung verzögert sich
delayed-lead = Das Netzwerk hat die Zahlung nicht angenommen. Es ging nichts verloren. { $merchant } versucht es noch einmal, und wir schreiben Ihnen.
waiting = Ihre Erstattung wartet
waiting-paused = { $merchant } hat Auszahlungen angehalten. Ihr Anspruch ist sicher und wird danach ausgezahlt.
waiting-fee = Das Netzwerk kostet jetzt mehr, als Ihnen gesagt wurde. Es ging nichts verloren: Ihre Erstattung geht ab, sobald die Gebühr gesunken ist.
waiting-funds = Sie konnte noch nicht gesendet werden. Ihr Anspruch ist sicher: Sie geht ab, sobald { $merchant } sie senden kann.

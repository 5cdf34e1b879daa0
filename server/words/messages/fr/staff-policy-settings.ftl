### Les réglages d’une politique.

not-set = non défini
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
months = { $count ->
    [one] { $count } mois
   *[other] { $count } mois
}
years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
weeks = { $count ->
    [one] { $count } semaine
   *[other] { $count } semaines
}
seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
percent = { $number } %
days-before = { $list } jours avant
unit-years = ans
unit-weeks = semaines
unit-seconds = secondes
unit-minutes = minutes
unit-hours = heures
unit-days = jours
unit-months = mois
unit-of = { $setting }, unité
currency-of = { $setting }, devise
amount-of = { $setting }, montant { $number }
amounts-hint = Un montant par ligne, avec sa devise. Videz un montant pour retirer sa ligne.

choose-one = Choisissez parmi ces options
write-grace = Entrez de 0 à 7 jours
write-drift = Entrez de 0 à 100 pour cent
write-tolerance = Entrez de 0 à 50 pour cent
write-top-up = Entrez de 0 à 30 jours
write-delay = Entrez de 0 à 30 jours
write-claim = Entrez de 1 à 365 jours
write-cap = Entrez plus de 0, jusqu’à 100 pour cent
write-requote = Entrez de 0 à 90 jours
write-window = Entrez de 0 minute à 1 jour ; avec 0, chacun part seul et aussitôt
write-quote = Entrez de 1 minute à 1 jour
write-refund-window = Entrez de 1 à 3650 jours
write-amounts = Entrez des montants d’au moins 0 avec 2 décimales au plus, chacun avec sa propre devise, par exemple EUR
write-reminders = Entrez jusqu’à 10 nombres de jours de 1 à 364, du plus grand au plus petit, par exemple 30, 7, 1

overpaid = Trop payé
overpaid-text = Le payeur envoie plus que la facture ne demande, par exemple 150 USDT au lieu de 100 USDT.
underpaid = Pas assez payé
underpaid-text = Le payeur envoie moins que la facture ne demande, par exemple 50 USDT au lieu de 100 USDT.
late = En retard
late-text = Le paiement arrive après l’expiration de la facture : le taux ne vaut plus.
people = Personnes
people-text = Qui regarde un remboursement avant son départ. Un montant par devise ; sans aucun, personne n’y est obligé.
rules = Règles pour tous les remboursements
rules-text = Comment les payeurs demandent leur argent, combien de temps ils peuvent annuler, qui paie le réseau.
news = E-mail et webhooks
news-text = Qui prévient le payeur, et quand il reçoit un rappel.
own = Remboursements que vous faites vous-même
own-text = De factures payées.

ask-a-person = Demander à une personne
ask-a-person-text = L’argent est gardé jusqu’à ce que quelqu’un décide
refund-everything = Tout rembourser
recalc = Recalculer le prix
recalc-text = Au taux de ce moment : ce qui le couvre est accepté, ce qui ne le couvre pas est rendu

on-over = Trop payé : que faire ?
on-over-hint = Ce qui se passe quand un payeur envoie trop.
on-over-extra = Rembourser l’excédent
on-over-extra-text = Vous recevez 100 USDT. Le payeur reçoit un lien pour 50 USDT. La facture est payée
on-over-keep = Tout garder
on-over-keep-text = Vous recevez les 150 USDT. Pas de remboursement. La facture est payée
on-over-refund-text = Le payeur reçoit un lien pour 150 USDT. La facture n’est pas payée
tolerance-hint = Jusqu’à quel écart, en moins ou en plus, un paiement compte comme exact : le pourcentage ou le montant, selon ce qui permet le plus.
tolerance-percent = Ignorer les écarts jusqu’à (%)
tolerance-absolute = Ou jusqu’à ces montants
claim-floor = Plus petit remboursement
claim-floor-hint = Au-dessous de quel montant un écart ne vaut pas un remboursement : il est gardé à part comme reliquat.

on-under = Pas assez payé : que faire ?
on-under-hint = Ce qui se passe quand un payeur n’envoie pas assez.
on-under-refund-text = Le payeur reçoit un lien pour 50 USDT. La facture n’est pas payée
on-under-accept = Accepter ce qui a été envoyé
on-under-accept-text = Vous recevez 50 USDT. La facture est marquée comme insuffisamment payée
topup-until = Attendre un second paiement
topup-until-hint = Combien de temps après l’expiration d’une facture le reste d’un paiement partiel peut encore arriver.

on-late = En retard : que faire ?
on-late-hint = Ce qui se passe quand un paiement arrive après l’expiration de la facture.
on-late-refund-text = Le payeur reçoit un lien pour le tout. La facture reste expirée
on-late-accept = L’accepter
on-late-accept-text = Vous recevez les cryptos telles quelles. La facture est marquée comme payée en retard
on-late-close = L’accepter tant que le taux est proche
on-late-close-text = Sinon, le payeur reçoit un lien pour le tout
late-grace-hint = Combien de temps après l’expiration d’une facture un paiement compte encore comme à temps, selon la façon dont son prix est fixé.
late-grace-fiat = Accepter comme à temps pendant, prix dans une devise
late-grace-coin = Accepter comme à temps pendant, prix en cryptos
late-rate-drift = Écart de taux toléré (%)
late-rate-drift-hint = De combien de pour cent le taux peut avoir bougé là où un paiement en retard est accepté tant que le taux est proche.

approval-above = Seconde approbation au-dessus de
approval-above-hint = Au-dessus de quelle somme des remboursements d’une personne ou d’une clé en un jour une seconde personne doit approuver.
review-above = Regarder avant l’envoi au-dessus de
review-above-hint = Au-dessus de quel montant une personne regarde un remboursement avant son envoi.
low-risk-band = Le lien seul suffit jusqu’à
low-risk-band-hint = Au-dessus de quel montant le lien seul ne suffit pas : le payeur donne aussi un code qui lui est envoyé par e-mail, ou une personne regarde le remboursement.

claim-ttl = Le lien de remboursement fonctionne pendant
claim-ttl-hint = Combien de temps un lien de remboursement fonctionne, compté sur le calendrier : trois mois ne font pas 90 jours.
on-expiry = Quand personne ne le demande
on-expiry-hint = Ce que devient l’argent que personne n’a demandé.
on-expiry-credit = Il est à vous
on-expiry-credit-text = L’argent est crédité au MID
on-expiry-hold = Le garder pour le payeur
on-expiry-hold-text = Il reste gardé jusqu’à ce que vous le proposiez à nouveau
security-delay = Délai de sécurité après une demande
security-delay-hint = Combien de temps un remboursement confirmé attend avant son envoi ; jusque-là, le payeur peut annuler.
delay-anchor = Le délai court à partir de
delay-anchor-hint = À partir de quand le délai de sécurité est compté.
delay-anchor-claim = La confirmation du payeur
delay-anchor-claim-text = Chaque payeur a tout le délai pour annuler
delay-anchor-refund = La création du remboursement
delay-anchor-refund-text = Qui demande tard attend moins, ou pas du tout
payer-cancel = Pendant le délai, le payeur
payer-cancel-hint = Si le payeur peut annuler pendant le délai de sécurité.
payer-cancel-can = Peut annuler
payer-cancel-can-text = Par le lien de l’e-mail
payer-cancel-cannot = Ne peut pas annuler
payer-cancel-cannot-text = Vous seul le pouvez
reopen = Après l’annulation par un payeur
reopen-hint = Qui peut proposer à nouveau un remboursement que son payeur a annulé.
reopen-merchant = Vous pouvez le proposer à nouveau
reopen-merchant-text = Par un nouveau lien
reopen-admin = Seul l’opérateur le peut
reopen-admin-text = Demandez-lui
destination = Qui dit où va l’argent
destination-hint = Qui dit où va l’argent.
destination-payer = Le payeur
destination-payer-text = Sur la page de remboursement
destination-merchant = Vous
destination-merchant-text = D’ici là, le lien du payeur fonctionne aussi
destination-source = L’adresse qui a payé
destination-source-text = Quand tout est venu d’une seule
destination-invoice = La facture
destination-invoice-text = Quand une adresse l’accompagnait
fee-bearer = Frais de réseau
fee-bearer-hint = Qui paie les frais du réseau.
fee-bearer-payer = Le payeur paie
fee-bearer-payer-text = Déduits du remboursement
fee-bearer-merchant = Nous payons
fee-bearer-merchant-text = Déduits de votre solde
fee-cap = Attendre tant que les frais dépassent (% du remboursement)
fee-cap-hint = Jusqu’à combien de pour cent d’un remboursement les frais de réseau peuvent aller ; au-dessus, le remboursement attend.
requote-after = Ensuite, redemander au payeur après
requote-after-hint = Combien de temps attend un remboursement dont les frais de réseau dépassent ceux que son payeur a acceptés, avant qu’un nouveau lien le lui redemande.
batch-window = En attendre d’autres pour un envoi groupé
batch-window-hint = Combien de temps un remboursement envoyé en attend d’autres, pour qu’une transaction les paie ensemble sur les réseaux qui le permettent.

notify = Qui écrit au payeur
notify-hint = Qui écrit au payeur.
notify-both = Refundry et vous
notify-both-text = Par e-mail, et vous recevez le lien par webhook
notify-engine = Refundry
notify-engine-text = Par e-mail
notify-merchant = Vous
notify-merchant-text = Vous recevez le lien par webhook
notify-nobody = Personne
notify-nobody-text = Copiez les liens depuis le tableau de bord
reminders = Rappels, en jours avant la fin du lien
reminders-hint = Combien de jours avant la fin d’un lien de remboursement le payeur reçoit un rappel.

rate-rule = Combien de cryptos vaut un montant
rate-rule-hint = Combien de cryptos vaut le remboursement d’un montant, quand le marchand en fait un.
rate-rule-release = Taux à l’envoi
rate-rule-release-text = La même valeur ce jour-là
rate-rule-create = Taux à la création
rate-rule-create-text = La même valeur ce jour-là
rate-rule-then = Taux au moment du paiement
rate-rule-then-text = Le taux de la facture elle-même
rate-rule-exact = Les cryptos mêmes du payeur
rate-rule-exact-text = Autant qu’il en a envoyé
rate-rule-min = Le moins de cryptos
rate-rule-min-text = Entre alors et maintenant
rate-rule-max = Le plus de cryptos
rate-rule-max-text = Entre alors et maintenant
quote-ttl = Un aperçu tient pendant
quote-ttl-hint = Combien de temps tient un devis de remboursement : attendre un meilleur prix n’est gratuit pour personne.
refund-window = Les factures peuvent être remboursées pendant
refund-window-hint = Combien de temps après la création d’une facture le marchand peut la rembourser.
refundable-states = Factures qui peuvent être remboursées
refundable-states-hint = Dans quels états le marchand peut rembourser une facture.

### La liste des factures, et une facture.

pending = En attente de paiement
processing = En confirmation
complete = Payée
underpaid = Pas assez payée
expired = Expirée
canceled = Non acceptée

export-csv = Exporter en CSV
search = Chercher des factures
search-hint = Commande, e-mail, adresse, tx, montant
all = Toutes
views = Vues des factures
newest-first = Factures, les plus récentes d’abord
head-order = Commande et payeur
head-price = Prix
head-paid = Encaissé
head-asset = Monnaie
head-status = Statut
head-goes-back = Rendu
head-mid = MID
head-created = Créée
none-found = Aucune facture ne correspond à ces filtres
none-found-text = Cherchez la référence entière, telle que votre boutique l’a écrite, ou un e-mail, une adresse ou une transaction en entier.
none-yet = Pas encore de factures
none-yet-text = Votre boutique les crée par l’API.
clear-filters = Effacer les filtres

refund = Rembourser
open-page = Ouvrir la page de paiement
payment = Paiement
exact-amount = Montant exact
received = Reçu
asset = Monnaie
address = Adresse
the-address = adresse
tag = Tag
rate = Taux
rate-of = { $rate } { $currency } pour { $symbol }
payer-email = E-mail du payeur
created = Créée
expires = Expire
in-utc = { $time } UTC

payments = Paiements reçus
payments-oldest-first = Paiements reçus, les plus anciens d’abord
no-payment = Aucune transaction vue pour l’instant.
times-in-utc = Heures en UTC
head-amount = Montant
head-transaction = Transaction
head-seen = Vu
head-reference = Référence
final = Définitif
gone = Disparu
undone = Annulé
confirming = En confirmation
refunds = Remboursements
refunds-of = Remboursements de cette facture
refunds-oldest-first = Remboursements de cette facture, les plus anciens d’abord

differ = Paiements qui diffèrent
case = Cas { $number } : { $flags }
comma = {", "}
case-received = Reçu
credited = Crédité à vous
goes-back = Rendu
kept-apart = Gardé à part, trop peu pour rembourser
what-happens = Que devient l’argent ?
choose = Choisissez ce qui se passe
decide = Décider
deciding = Décision…
operator-only = Seul l’opérateur en décide.
held = L’argent est conservé.
held-by-policy = Votre politique laisse ce paiement à une personne. Ce qui arrive d’ici là est décidé avec lui.
held-for-risk = Il vient peut-être d’une adresse figurant sur une liste de sanctions : seul l’opérateur décide.
held-without-rate = Votre politique a besoin du taux du jour, et aucun n’est connu. Décidez vous-même.
held-suspended = L’opérateur a suspendu ce MID : rien n’est décidé par règle.
accept = L’accepter
accept-text = Tout est à vous et la facture compte comme payée
refund-extra = Rembourser l’excédent
refund-extra-text = Vous gardez le prix, le reste retourne au payeur
refund-all = Tout rembourser
refund-all-text = Vous ne gardez rien, le payeur reçoit un lien de remboursement
case-manual = Décision requise
case-credited = Accepté
case-split = Prix gardé, reste remboursé
case-refunded = Remboursé
case-dust = Trop peu pour rembourser
case-attributed = A payé une autre facture
case-void = Annulé par le réseau
flag-under = trop peu
flag-over = trop
flag-late = trop tard
flag-multi = en plusieurs paiements
flag-wrong-asset = une autre monnaie
flag-missing-tag = sans son tag
flag-risk = adresse à risque
flag-post-resolution = après le règlement de la facture

mails-title = E-mails de la facture { $reference }
mails-here = { $reference } : e-mails
mails-text = Ce qu’un payeur joignable reçoit maintenant. Les liens fonctionnent : qui en ouvre un agit pour le payeur.
back = Retour à la facture
no-mails = En l’état, rien n’est écrit au payeur.
mail-to = { $reference }, à { $email }
mail-to-nobody = { $reference }, à personne : aucun e-mail n’est connu
open-link = Ouvrir son lien

tools = Outils du bac à sable
simulate = Simuler un paiement
sandbox-only = Bac à sable uniquement
simulate-text = Aucune vraie crypto ne bouge. Les webhooks partent comme en production.
scenario = Que se passe-t-il ?
scenario-exact = Exact
scenario-exact-text = Le montant entier, à temps
scenario-over = Trop
scenario-over-text = La moitié en plus
scenario-under = Trop peu
scenario-under-text = La moitié
scenario-late = Trop tard
scenario-late-text = Après l’expiration du taux
another-amount = Autre montant { $optional }
optional = (facultatif)
simulate-payment = Simuler le paiement
paying = Paiement…
more-than-nothing = Envoyez plus que rien
not-watched = Cette facture est terminée depuis plus de 90 jours : son adresse n’est plus surveillée
clock = Avancer l’horloge
clock-text = Il est { $time } UTC dans ce bac à sable. Ce qui arrive à échéance se produit aussitôt, pour toutes les factures.
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
mails = E-mails au payeur
mails-what = Ce qu’il reçoit en l’état, même sans serveur de messagerie.
show-mails = Afficher les e-mails

policy-does = Version { $number } de la politique : { $what }
waits-for-rest = Décidé le { $time } : d’ici là, le reste peut arriver
late-after = Est en retard ce qui arrive après le { $time }

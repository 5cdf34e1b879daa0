mid = MID
all-mids = Tous les MID
asset = Actif
all-assets = Tous les actifs
from = Du
to = Au
show = Afficher
# On a filter: so many of its choices.
chosen = { $count } choisis
clear = Effacer
newer = Plus récents
older = Plus anciens

export-csv = Exporter en CSV
search-hint = Commande, e-mail, adresse, tx, montant
reason = Raison
any-reason = Toute raison
expires-by = Expire avant
views = Vues des remboursements
# Claim links that stop working within days.
expiring-soon = Expire bientôt
all = Tous
caption = Remboursements, les plus récents d’abord
amount = Montant
status = État
order-and-payer = Commande et payeur
created = Créé
select = Sélectionner
select-one = Sélectionner { $reference }
select-page = Tout sélectionner sur cette page
sends = part { $time }
# $time is when it ended.
paid-at = payé { $time }
ended-at = terminé { $time }
waits-funds = attend : portefeuille insuffisant
waits-balance = attend : solde insuffisant
waits-fee = attend : frais de réseau trop élevés
waits-maintenance = attend : versements suspendus
waits-frozen = attend : versements verrouillés
waits-suspended = attend : MID suspendu
waits-rate = attend : aucun cours
waits-reorged = attend : paiement défait par le réseau
first-use = Première utilisation
none = Aucun remboursement pour l’instant
none-text = Quand un payeur envoie trop, trop peu ou trop tard, le remboursement apparaît ici tout seul. Vous pouvez aussi rembourser toute facture payée.
to-invoices = Aller aux factures
no-match = Aucun remboursement ne correspond à ces filtres
no-match-text = Les références, commandes, e-mails, adresses, transactions et montants se trouvent lorsqu’ils sont écrits en entier.
clear-filters = Effacer les filtres
all-time = Rechercher sans limite de dates

selected = Remboursements sélectionnés
some-selected = Sélection : { $count }
all-match = Tous ceux qui correspondent
export = Exporter
approve = Approuver
remind = Relancer
retry = Réessayer
cancel = Annuler des remboursements
approve-title = Approuver des remboursements
approve-button = { $count ->
    [one] Approuver { $count } remboursement
   *[other] Approuver { $count } remboursements
}
approve-then = Chacun suit son cours : vers le lien de son payeur, ou dans son délai de sécurité. Ceux que vous avez créés vous-même sont laissés de côté.
approve-done = Approuvés : { $count }
approve-some = Approuvés : { $count } ; impossible pour { $refused }
remind-title = Relancer les payeurs
remind-button = { $count ->
    [one] Relancer pour { $count } remboursement
   *[other] Relancer pour { $count } remboursements
}
remind-then = Chaque payeur reçoit encore une fois le lien de remboursement. Aucun argent ne bouge.
remind-done = E-mails envoyés : { $count }
remind-some = E-mails envoyés : { $count } ; impossible pour { $refused }
retry-title = Relancer les versements
retry-button = { $count ->
    [one] Relancer { $count } remboursement
   *[other] Relancer { $count } remboursements
}
retry-then = Chaque versement échoué est ordonné encore une fois. Rien n’avait quitté le portefeuille pour eux.
retry-done = Ordonnés à nouveau : { $count }
retry-some = Ordonnés à nouveau : { $count } ; impossible pour { $refused }
cancel-button = { $count ->
    [one] Annuler { $count } remboursement
   *[other] Annuler { $count } remboursements
}
cancel-then = Rien n’est envoyé. L’argent retourne d’où il vient et les liens des payeurs cessent de fonctionner.
cancel-done = Annulés : { $count }
cancel-some = Annulés : { $count } ; impossible pour { $refused }
heading = { $count ->
    [one] { $title } : { $count } remboursement
   *[other] { $title } : { $count } remboursements
}
to-be-done = Les remboursements concernés, les plus récents d’abord
nothing-label = Rien de sélectionné
nothing = Rien n’est sélectionné
nothing-text = Cochez des remboursements dans la liste, ou choisissez tous ceux qui correspondent à ses filtres. Rien n’a été fait.
to-refunds = Aller aux remboursements
left-out = { $count ->
    [one] { $count } des remboursements sélectionnés ne le permet pas et est laissé de côté.
   *[other] { $count } des remboursements sélectionnés ne le permettent pas et sont laissés de côté.
}
more = Plus de { $most } correspondent. Il s’agit ici des { $most } plus récents ; revenez pour le reste.
unseen = Et { $count } de plus.
not-now = Pas maintenant
nothing-to-do = Rien à faire
so-far = { $looked } sur { $all }. { $done }
skipped = { $count } ne le permettaient pas et ont été laissés tels quels.
stopped = Arrêté après { $most } impossibles : regardez d’abord les raisons. { $untouched } n’ont pas été touchés.
refused = Impossible
back = Retour aux remboursements
go-on = Continuer
stop-here = S’arrêter ici
untouched = { $count } restent tels quels jusqu’à ce que vous continuiez.
how-far = Avancement

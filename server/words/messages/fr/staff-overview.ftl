recent = Remboursements récents
recent-caption = Remboursements récents, les plus récents d’abord
see-all = Tout voir
period = Période
last-days = { $count ->
    [one] Dernier jour ({ $count })
   *[other] { $count } derniers jours
}
paid-out = Versés
in-days = { $count ->
    [one] en { $count } jour
   *[other] en { $count } jours
}
claimed-within = Demandés en
median = médiane depuis la création
returned = Revenu chez vous
returned-none = { $days ->
    [one] Rien n’a expiré en { $days } jour.
   *[other] Rien n’a expiré en { $days } jours.
}
returned-some = { $count ->
    [one] { $count } remboursement a expiré et a été crédité à vos MID : { $amounts }.
   *[other] { $count } remboursements ont expiré et ont été crédités à vos MID : { $amounts }.
}

attention = À traiter
sums-since = { $amounts }, le premier depuis le { $time }.
sums-ending = { $amounts }, le premier jusqu’au { $time }.
approvals = { $count ->
    [one] { $shown } remboursement à approuver
   *[other] { $shown } remboursements à approuver
}
approvals-text = Une seconde personne décide ; d’ici là, rien n’est envoyé.
policy-waits = Une politique attend une seconde personne
policy-waits-text = Un changement chez { $mids } relâche une limite. Il n’entre pas en vigueur avant qu’une autre personne soit d’accord.
review = Examiner
failures = { $count ->
    [one] { $shown } versement a échoué
   *[other] { $shown } versements ont échoué
}
failures-text = Rien n’a quitté le portefeuille ; l’argent est toujours dû aux payeurs.
retry = Réessayer
holds = { $count ->
    [one] { $shown } remboursement est suspendu
   *[other] { $shown } remboursements sont suspendus
}
holds-text = Quelqu’un les examine avant l’envoi.
look = Voir
expiring = { $count ->
    [one] { $shown } remboursement expire sous 7 jours
   *[other] { $shown } remboursements expirent sous 7 jours
}
expiring-text = Personne ne les a demandés. Cochez-les là-bas pour réécrire à leurs payeurs.
remind = Relancer
action-for = { $action } : { $task }
calm = Rien à traiter.
scheduled = { $count ->
    [one] { $shown } remboursement est programmé.
   *[other] { $shown } remboursements sont programmés.
}
scheduled-next = { $count ->
    [one] { $shown } remboursement est programmé, le prochain part le { $time }.
   *[other] { $shown } remboursements sont programmés, le prochain part le { $time }.
}

webhooks-delivered = Webhooks remis
webhooks-wait = { $count ->
    [one] { $shown } webhook attend d’être remis
   *[other] { $shown } webhooks attendent d’être remis
}
rails-in-sync = Réseaux à jour
ledger-balanced = Livres équilibrés le { $time }
endpoints-off = { $count ->
    [one] { $count } point de réception de webhooks est désactivé
   *[other] { $count } points de réception de webhooks sont désactivés
}
endpoints-off-text = Il a répondu qu’il n’existe plus (410) : rien n’y est envoyé tant que personne ne le réactive.
endpoints-failing = { $count ->
    [one] { $count } point de réception de webhooks ne répond pas
   *[other] { $count } points de réception de webhooks ne répondent pas
}
endpoints-failing-text = Ce qu’il n’a pas pris en trois jours n’est pas renvoyé tout seul. Cherchez pourquoi, puis renvoyez-le.
rails-away = Pas de réponse de { $networks }
rails-away-text = Les livres et les réseaux n’ont pas pu être comparés. Rien n’est perdu : les versements y attendent une réponse.
books-short = Les réseaux détiennent moins que ne disent les livres
books-short-text = Plus que n’expliquent les versements en cours. L’état du système dit de quel actif, et combien.
books-short-elsewhere = L’opérateur de cette installation s’en occupe. Ce que vous devez aux payeurs reste tel qu’écrit ici.

held = Conservé pour remboursements
held-caption = Argent dû aux payeurs, par actif
asset = Actif
open = Ouverts
held-head = Conservé
matches = Conforme aux réseaux
being-checked = En vérification
off-by = Écart de { $amounts }
nothing-owed = Rien n’est dû aux payeurs en ce moment.

made = Remboursements créés
made-none = { $days ->
    [one] Aucun en { $days } jour.
   *[other] Aucun en { $days } jours.
}
made-some = { $days ->
    [one] { $count } en { $days } jour
   *[other] { $count } en { $days } jours
}
chart = Remboursements créés par jour en { $days } jours : { $all } au total, { $most } le jour le plus chargé
per-day = Remboursements créés par jour
as-table = Afficher en tableau
table-label = Remboursements créés, par jour et raison
day = Jour
other = Autres

claimed = Délai de demande
claimed-none = { $days ->
    [one] Aucun des remboursements créés en { $days } jour n’a encore été demandé.
   *[other] Aucun des remboursements créés en { $days } jours n’a encore été demandé.
}
claimed-of = { $count ->
    [one] { $count } demandé, créé { $days }
   *[other] { $count } demandés, créés { $days }
}
claimed-label = Remboursements selon leur délai de demande
claimed-after = Demandés en
within-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
within-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
later = Plus
refunds = Remboursements
share = Part
so-far = Au total
returned-chart = Remboursements expirés par jour en { $days } jours : { $all } au total, { $most } le jour le plus chargé
returned-per-day = Remboursements expirés par jour
returned-label = Remboursements expirés, par jour
returned-head = Crédité chez vous

setup = Configurez votre boutique
setup-far = { $done } sur { $all } faits. Chacun peut attendre, ou être ignoré.
setup-done = { $step }, fait
skip = Ignorer
skip-step = Ignorer : { $step }
skipping = En cours…
step-brand = Dites comment les payeurs vous voient
step-brand-text = Votre nom, votre logo et votre couleur sur chaque page et e-mail qu’ils reçoivent.
step-policy = Choisissez ce qui se passe quand un paiement diffère
step-policy-text = Tant que vous n’y changez rien : l’excédent, et ce qui est trop peu ou trop tard, est remboursé.
step-key = Connectez votre programme
step-key-text = Une clé lui permet de créer factures et remboursements.
step-webhook = Soyez informé de chaque remboursement
step-webhook-text = Un webhook prévient votre programme aussitôt, liens de remboursement compris.
step-colleague = Invitez un collègue
step-colleague-text = Qui crée un gros remboursement ne l’approuve jamais : quelqu’un d’autre le fait.
step-second-factor = Protégez votre connexion
step-second-factor-text = Une clé d’accès ou une application de codes tient à l’écart qui apprend votre mot de passe.

### La liste des politiques, et une politique.

list-text = Chaque MID a la sienne. Elle décide de ce qui se passe quand un paiement ne correspond pas à sa facture.
head-mid = MID
head-live = En vigueur
head-state = État
head-since = Depuis
open = Ouvert
suspended = Suspendu
version = Version { $number }

title = Politique de remboursement, { $mid }
version-live = Version { $number } en vigueur
text = Décide de ce qui se passe quand un paiement ne correspond pas à sa facture. Les paiements déjà détectés gardent la version avec laquelle ils ont commencé.
saved = Enregistrée. Elle est en vigueur.
saved-scheduled = Enregistrée. Elle entre en vigueur à son heure.
saved-draft = Enregistrée, mais pas encore en vigueur : elle assouplit une protection, une seconde personne doit donc l’accepter ci-dessous.

save-title = Enregistrer
save-text = Une version qui assouplit une protection attend une seconde personne, si vous en exigez.
live-from = En vigueur à partir de, en UTC { $empty }
at-once = (vide : aussitôt)
save = Enregistrer la version { $number }
saving = Enregistrement…
try-it = { $days ->
    [one] L’essayer sur le dernier jour
   *[other] L’essayer sur les { $days } derniers jours
}
trying = Essai…
discard = Abandonner
locked = L’opérateur garde ce réglage.
is-now = Actuellement : { $value }.

meanwhile = Quelqu’un a modifié cette politique entre-temps. Rien n’a été enregistré. Rechargez la page et voyez ce qui diffère.
write-time = Écrivez une date et une heure, par exemple 2026-12-01T08:00
within-a-year = Choisissez un moment dans l’année qui vient, ou laissez vide
keeps = L’opérateur garde ce réglage : demandez-lui de le changer
own-version = Vous avez écrit cette version, quelqu’un d’autre doit donc l’accepter. Rien n’a été fait.

title-asset = Politique de remboursement pour { $asset }, { $mid }
text-asset = Ce qui est changé ici ne vaut que pour { $asset }. Le reste suit la politique de tous les actifs, même quand elle change.
all-assets = Politique de tous les actifs
for-all-it-is = Sans changement pour cet actif : { $value }.
take-back = De nouveau comme tous les actifs
assets = Différent pour un actif
assets-text = Les montants n’ont pas le même sens là où les frais sont élevés : dites ici ce qui n’est pas pareil partout.
head-asset = Actif
head-different = Différences
head-action = Action
as-for-all = Comme tous les actifs
says-of = { $setting } : { $value }
setting-of = { $asset }, { $setting }
change = Changer
look-at = Voir
action-for = { $action } : { $asset }

history = Historique
times-in-utc = Heures en UTC
waits = Attend une seconde personne
waits-for = La version { $number } attend une seconde personne.
scheduled = Programmée
live = En vigueur
replaced = Remplacée
given-up = Abandonnée
by-you = Par vous, { $time }
by-a-colleague = Par un collègue, { $time }
by-person = Par { $who }, { $time }
by-a-key = Par une clé d’API, { $time }
by-refundry = Par Refundry, { $time }
and-live-from = { $written }, en vigueur à partir du { $time }
differs = { $setting } : { $old } { $to } { $new }
to = devient
says-nothing = Ne dit rien d’autre que la version précédente.
tried-none = Essayée sur les paiements du { $from } au { $to } : il n’y en avait pas.
tried-same = { $count ->
    [one] Essayée sur les paiements du { $from } au { $to } : la seule facture en resterait où elle en est.
   *[other] Essayée sur les paiements du { $from } au { $to } : les { $count } factures en resteraient où elles en sont.
}
tried-differs = { $count ->
    [one] Essayée sur les paiements du { $from } au { $to } : { $changed } sur { $count } facture changerait.
   *[other] Essayée sur les paiements du { $from } au { $to } : { $changed } sur { $count } factures changeraient.
}
give-up = Abandonner
giving-up = Abandon…
agree = L’accepter
agreeing = Acceptation…
someone-else = Vous avez écrit cette version, quelqu’un d’autre doit donc l’accepter.

simulator-label = Simulateur de la politique
simulator = Simulateur
last-days = { $days ->
    [one] dernier jour
   *[other] { $days } derniers jours
}
change-first = Changez quelque chose, puis essayez : de vrais paiements sont jugés à nouveau selon le brouillon.
who-may = Qui peut modifier la politique peut l’essayer ici sur de vrais paiements.
nothing-sent = Rien n’est envoyé. Le simulateur rejoue de vrais paiements avec le brouillon.
too-many = Il y a trop de paiements dans cette période pour les essayer tous à la fois.
what-changes = Ce qui change
newest-ten = Seuls les dix plus récents sont listés.
with-this-draft = Avec ce brouillon
elsewhere = { $count ->
    [one] facture changerait
   *[other] factures changeraient
}
tried = { $count ->
    [one] { $count } facture essayée, { $differing } avec un paiement qui ne correspondait pas.
   *[other] { $count } factures essayées, { $differing } avec un paiement qui ne correspondait pas.
}
left-out = { $count ->
    [one] { $count } facture n’a pas pu être essayée.
   *[other] { $count } factures n’ont pas pu être essayées.
}
was = avant { $amount }
to-you = Pour vous
to-payers = Rendu aux payeurs
held = Conservé
dust = Trop peu pour rembourser

would-credit = { $amount } { $asset } seraient crédités au marchand au lieu de { $was }
would-refund = { $amount } { $asset } seraient rendus au payeur au lieu de { $was }
would-hold = { $amount } { $asset } seraient conservés au lieu de { $was }
would-keep-apart = { $amount } { $asset } seraient gardés comme trop peu pour un remboursement au lieu de { $was }
would-stand = la facture serait « { $status } » au lieu de « { $was } »
would-count = son paiement compterait comme { $flags } au lieu de { $was }
exact = exact et à temps
would-decide = une personne en déciderait
would-decide-otherwise = une personne en déciderait pour une autre raison
would-not-decide = personne n’aurait à en décider
would-give = { $count ->
    [0] il n’y aurait aucun remboursement au lieu de { $was }
    [one] il y aurait { $count } remboursement au lieu de { $was }
   *[other] il y aurait { $count } remboursements au lieu de { $was }
}
would-wait = le remboursement attendrait { $delay } au lieu de { $was } avant son envoi
would-review = une personne regarderait le remboursement avant son envoi
would-not-review = le remboursement partirait sans que personne le regarde
could-cancel = le payeur pourrait l’annuler
could-not-cancel = le payeur ne pourrait pas l’annuler
would-work = son lien fonctionnerait { $time } au lieu de { $was }
would-expire-to-you = non demandé, il irait au marchand
would-stay-held = non demandé, il resterait conservé pour le payeur
payer-would-pay = le payeur paierait les frais de réseau
merchant-would-pay = le marchand paierait les frais de réseau
payer-would-say = le payeur dirait où il va
merchant-would-say = le marchand dirait où il va
would-go-to-source = il irait à l’adresse qui a payé
would-go-to-invoice = il irait à l’adresse jointe à la facture
other-terms = les remboursements auraient d’autres conditions

unsaved = Modifications non enregistrées : { $count }
untried = Pas encore essayé sur de vrais paiements.
would-change = { $count ->
    [one] Avec ce brouillon, { $count } facture serait dans un autre état.
   *[other] Avec ce brouillon, { $count } factures seraient dans un autre état.
}

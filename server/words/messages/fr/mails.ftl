### E-mails aux payeurs.

never-ask = Nous ne demandons jamais de mots de passe, de clés privées ni de phrases de récupération.
sent-by = Envoyé par { $merchant } avec Refundry parce que vous avez payé la commande { $order }.
privacy = Politique de confidentialité
instant = { $minute } UTC

claim-subject = { $amount } à récupérer auprès de { $merchant }
claim-heading = Vous avez { $amount } à récupérer
claim-by-day = À récupérer avant le { $day }.
why-overpaid-extra = Vous avez payé plus que le prix de la commande { $order }. La commande est complète et l’excédent est à vous.
why-overpaid-all = Vous avez payé plus que le prix de la commande { $order } ; la boutique n’a donc pas pu accepter le paiement. Tout vous est remboursé.
why-underpaid = Vous avez payé moins que le prix de la commande { $order } ; elle n’a donc pas été validée. Tout vous est remboursé.
why-late = Votre paiement de la commande { $order } est arrivé après la fin du cours garanti ; elle n’a donc pas été validée. Tout vous est remboursé.
why-late-settled = Votre paiement est arrivé alors que la commande { $order } était déjà réglée. Il vous est remboursé.
why-other-coin = Vous avez payé la commande { $order } dans une autre monnaie que celle demandée ; la boutique n’a donc pas pu l’accepter. Tout vous est remboursé.
why-no-tag = Votre paiement est arrivé sans le tag qui dit à quoi il sert ; la boutique n’a donc pas pu l’accepter. Tout vous est remboursé.
why-not-accepted = La boutique n’a pas pu accepter votre paiement de la commande { $order }. Tout vous est remboursé.
why-merchant = { $merchant } vous rembourse la commande { $order }.
why-requoted = Les frais de réseau sont restés supérieurs à ceux que vous aviez acceptés : votre remboursement n’a donc pas été envoyé. Indiquez de nouveau une adresse pour le recevoir aux frais actuels.
you-sent = Vous avez envoyé
order-price = Prix de la commande
to-claim = À récupérer
claim-button = Récupérer le remboursement
wallet-needed = Il vous faut une adresse de portefeuille pour { $symbol } sur { $network }.
fee-taken-now = Les frais de réseau, { $fee } en ce moment, sont déduits du remboursement.
fee-taken = Les frais de réseau sont déduits du remboursement.
fee-paid = Les frais de réseau sont payés par { $merchant }.
link-works-until = Le lien fonctionne jusqu’au { $instant }.

expiring-subject = { $days ->
    [one] Votre lien de remboursement expire dans { $days } jour
   *[other] Votre lien de remboursement expire dans { $days } jours
}
expiring-heading = Vous avez encore { $amount } à récupérer

scheduled-subject = Votre remboursement part { $weekday }. Annulez si ce n’était pas vous
scheduled-subject-final = Votre remboursement part { $weekday }
scheduled-heading = Votre remboursement part le { $day }
scheduled-lead = Une adresse a été confirmée pour votre remboursement. Rien n’a encore été envoyé.
cancel-link-lead = Voici le lien d’annulation demandé sur la page du remboursement. Rien n’a encore été envoyé.

code-subject = Votre code pour le remboursement de { $merchant }
code-heading = Confirmez votre remboursement avec ce code
code-lead = Il confirme que { $amount } vont à { $address }. Saisissez-le sur la page du remboursement.
code-works = { $minutes ->
    [one] Il est valable { $minutes } minute, une seule fois.
   *[other] Il est valable { $minutes } minutes, une seule fois.
}
code-keep = Ne transmettez jamais ce code, qui que ce soit qui le demande : ni la boutique ni nous n’en avons besoin.
code-not-you = Si vous ne l’avez pas demandé ou si l’adresse n’est pas la vôtre, ne faites rien. Sans le code, rien n’est envoyé.
goes-to = { $amount } part vers { $address } le { $instant }.
you-receive = Vous recevez
you-received = Vous avez reçu
network = Réseau
sent-on = Envoyé le
to-address = À cette adresse
tag = Mémo ou tag
transaction = Identifiant de transaction
cancel-question = L’adresse est fausse, ou ce n’était pas vous ?
cancel-before = Annulez avant { $weekday } { $clock } UTC. Après, personne ne peut arrêter le paiement.
cancel-button = Annuler ce remboursement
nothing-to-do = Si tout est juste, vous n’avez rien à faire.
ask-merchant = Si l’adresse est fausse, ou si ce n’était pas vous, contactez { $merchant } maintenant.

sent-subject = Votre remboursement a été envoyé
sent-heading = Votre remboursement est en route
sent-lead = { $count ->
    [one] Il arrive quand { $network } l’a confirmé { $count } fois.
   *[other] Il arrive quand { $network } l’a confirmé { $count } fois.
}
arrived = Votre remboursement est arrivé
arrived-lead = { $count ->
    [one] La confirmation est là. Si votre portefeuille ne l’affiche pas, cherchez l’identifiant de transaction.
   *[other] Les { $count } confirmations sont là. Si votre portefeuille ne l’affiche pas, cherchez l’identifiant de transaction.
}
track-button = Voir le remboursement

canceled-subject = Votre remboursement a été annulé
canceled-heading = Vous avez annulé ce remboursement
canceled-lead = Rien n’a été envoyé. { $merchant } garde toujours { $amount } pour vous. Les liens que vous avez reçus ne fonctionnent plus. Seul { $merchant } peut ouvrir un nouveau remboursement.
withdrawn-heading = { $merchant } a retiré ce remboursement
withdrawn-lead = Rien n’a été envoyé. Contactez { $merchant } en donnant cette référence.
unpayable-heading = Ce remboursement ne peut pas être payé
unpayable-lead = Le réseau a repris le paiement dont il vient. Rien n’a été envoyé. Contactez { $merchant } en donnant cette référence.
reference = Référence

expired-subject = Votre remboursement a expiré
expired-heading = Ce remboursement a expiré
expired-returned = Il pouvait être récupéré jusqu’au { $instant }. L’argent est retourné à { $merchant }, qui peut vous envoyer un nouveau lien : donnez cette référence.
expired-held = Il pouvait être récupéré jusqu’au { $instant }. L’argent est toujours gardé pour vous. { $merchant } peut vous envoyer un nouveau lien : donnez cette référence.

delayed = Votre remboursement est retardé
delayed-lead = Le réseau n’a pas accepté le paiement. Rien n’est perdu. { $merchant } réessaie et nous vous écrivons.
waiting = Votre remboursement est en attente
waiting-paused = { $merchant } a suspendu les paiements. Votre remboursement est en sécurité et part ensuite.
waiting-fee = Le réseau coûte plus cher que ce qui vous a été dit. Rien n’est perdu : votre remboursement part quand les frais auront baissé.
waiting-funds = Il n’a pas encore pu être envoyé. Votre remboursement est en sécurité : il part dès que { $merchant } peut l’envoyer.

own-request = Vous avez créé ce remboursement ; quelqu’un d’autre doit donc l’approuver. Rien n’a été fait.
operator-only = Le payeur a annulé ce remboursement ; seul l’opérateur peut donc le proposer à nouveau. Rien n’a été fait.
fee-exceeds = Les frais de réseau dépassent le remboursement. Rien n’a été fait. Réessayez quand les frais auront baissé.
fee-above-cap = Les frais de réseau sont trop élevés pour ce remboursement en ce moment. Rien n’a été fait. Réessayez quand ils auront baissé.
exceeds-refundable = Seuls { $amount } de ce paiement peuvent encore être remboursés. Rien n’a été fait.
active-refund = La totalité de ce paiement est promise à { $reference }. Rien n’a été fait. Annulez d’abord ce remboursement.
frozen = L’opérateur a suspendu cette boutique ; aucun remboursement n’est donc possible. Rien n’a été fait.
insufficient = Votre solde contient { $amount }, moins que ce remboursement. Rien n’a été fait.
other-asset = Cet argent est dans une autre monnaie que celle demandée par la facture. Il peut être remboursé, pas accepté. Rien n’a été fait.
decided = Quelqu’un a déjà tranché ce cas. Rien n’a été fait.
untagged = Personne ne sait à quoi sert ce paiement. Il peut être remboursé, ou attribué à sa facture. Rien n’a été fait.
payment-gone = Ce paiement a disparu de la chaîne. Rien n’a été fait.
moment-ago = { $minutes ->
    [one] Cela vient d’être fait. Rien n’a été fait cette fois. Réessayez dans { $minutes } minute.
   *[other] Cela vient d’être fait. Rien n’a été fait cette fois. Réessayez dans { $minutes } minutes.
}
network-away = Le réseau ne répond pas. Rien n’a été fait. Réessayez dans une minute.

signed-out = Vous êtes déconnecté. Rien n’a été fait.
not-your-role = Votre rôle ne le permet pas. Rien n’a été fait.
not-there = Il n’est pas là. Rien n’a été fait.
moved-on = Il a avancé entre-temps. Voyez où il en est.
too-much = Trop de tentatives. Rien n’a été fait. Réessayez plus tard.
unknown = Le serveur n’a pas pu dire si c’était fait. Voyez où il en est.

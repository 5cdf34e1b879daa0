overview = Vue d’ensemble
refunds = Remboursements
invoices = Factures
policies = Politiques
settings = Paramètres
mids = ID marchands
health = État du système
audit = Journal d’audit
admin = Administration
waiting = { $count ->
    [one] { $shown } attend une approbation
   *[other] { $shown } attendent une approbation
}
new-refund = Nouveau remboursement
breadcrumb = Fil d’Ariane
search-all = Rechercher dans tous les remboursements
search-hint = Remboursements, commandes, adresses
skip = Aller au contenu
navigation = Navigation
main = Principale
sandbox = Bac à sable
sign-out = Se déconnecter
staff-only = Vous pouvez voir cela, mais pas le modifier. Demandez à un propriétaire.

role-admin = Administrateur
role-owner = Propriétaire
role-manager = Gestionnaire
role-support = Assistance
role-viewer = Lecteur

lost = Données de { $time }. Reconnexion…
changed = Cette page a changé entre-temps.
show-it = Afficher

go-to = Aller n’importe où
go-to-search = Rechercher, ou aller à une page
go-to-hint = Référence, commande, e-mail, adresse, transaction
results = Résultats
one-result = 1 résultat
many-results = { $count } résultats
refund = Remboursement { $reference }
invoice = Facture { $reference }
search-refunds = Rechercher des remboursements
search-invoices = Rechercher des factures
search-for = « { $text } »
go-to-keys = { $up } { $down } se déplacer { $enter } ouvrir { $escape } fermer

shortcuts = Raccourcis clavier
close = Fermer
single-keys = Raccourcis à une touche
then = { $first } puis { $next }
key-search = Rechercher
key-lists = Vue d’ensemble, Remboursements, Factures
key-settings = Politiques, Paramètres
key-rows = Ligne suivante, précédente
key-select = Sélectionner une ligne, une plage
key-open = Ouvrir
key-approve = Approuver
key-copy = Copier le lien de remboursement
key-export = Exporter
key-send = Envoyer un formulaire

and = { $first } et { $second }

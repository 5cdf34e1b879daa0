password-hint = Au moins 10 caractères.
code-hint = Les six chiffres affichés par votre application, ou l’un de vos codes de récupération.
passkey-waiting = En attente de votre clé d’accès…
passkey-known = Cet appareil a déjà une clé d’accès pour vous.
passkey-silent = Aucune clé d’accès n’a répondu. Rien n’a été fait. Réessayez.
file-too-large = Ce fichier fait { $size } octets. Choisissez-en un de { $most } au plus.

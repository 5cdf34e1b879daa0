heading = Se connecter à Refundry
sign-in = Se connecter
signing-in = Connexion…
password-changed = Votre mot de passe est changé. Connectez-vous avec celui-ci.
session-ended = Votre session est terminée. Reconnectez-vous pour continuer.
by-passkey = Continuer avec une clé d’accès
or-password = ou avec votre mot de passe
or-code = ou avec un code
forgot = Mot de passe oublié ?
nobody-yet = Personne ne peut encore se connecter. Sur le serveur, « { $command } » ajoute la première personne.
enter-code = Saisissez votre code
back = Retour à la connexion
wrong-email-or-password = L’e-mail ou le mot de passe est incorrect.
tries-left = { $count ->
    [one] Encore 1 essai avant une pause de 15 minutes.
   *[other] Encore { $count } essais avant une pause de 15 minutes.
}
pause = { $minutes ->
    [one] Trop de tentatives. Attendez { $minutes } minute, puis réessayez.
   *[other] Trop de tentatives. Attendez { $minutes } minutes, puis réessayez.
}
wrong-code = Ce code ne fonctionne pas. Chacun ne sert qu’une fois : attendez le suivant ou utilisez un code de récupération.
wrong-password = Ce n’est pas votre mot de passe.
passkey-not-taken = Cette clé d’accès ne vous connecte pas ici. Réessayez ou utilisez votre mot de passe.
passkey-not-yours = Cette clé d’accès n’est pas la vôtre, ou elle a répondu trop tard. Réessayez.
still-you = Est-ce toujours vous ?
why-again = Pour approuver et pour les paramètres, les personnes et les politiques, une nouvelle preuve est demandée plus de 10 minutes après la connexion. Rien n’a encore été fait.
why-again-held = Vous vous êtes connecté il y a plus de 10 minutes. Rien n’a encore été fait : ce que vous avez envoyé est gardé ici et sera fait dès que vous continuez.
app-code = Code de votre application
signed-in-with = Vous êtes connecté avec
checking = Vérification…
continue = Continuer
go-back = Revenir
no-email = Cette installation n’envoie pas d’e-mail. La personne qui la gère vous donne un nouveau mot de passe :
reset-asked = Si quelqu’un se connecte avec cet e-mail, un lien est en route. Il sert une fois, pendant une heure.
nothing-came = Rien reçu ? Regardez dans les indésirables, vérifiez l’adresse et réessayez dans 5 minutes.
reset-hint = Nous envoyons un lien qui permet de choisir un nouveau mot de passe.
sending = Envoi…
send-link = Envoyer le lien
reset-closed = Ce lien ne fonctionne pas
reset-closed-text = Il a servi, un autre plus récent l’a remplacé, ou il a plus d’une heure. Demandez-en un autre sur la page de connexion.
choose-new = Choisissez un nouveau mot de passe
choose-new-text = Cela vous déconnecte partout et bloque les versements pendant un jour.
invitation-closed = Cette invitation ne fonctionne pas
invitation-closed-text = Elle a servi, a été retirée ou a plus de 7 jours. Demandez-en une autre.
join-place = Rejoindre { $place }
invited-by = { $person } vous a invité. Votre rôle : { $role }.
sign-in-with = Vous vous connectez avec
choose-password = Choisissez un mot de passe
join = Rejoindre
joining = Inscription…
signs-in-already = Quelqu’un se connecte déjà avec cet e-mail. Connectez-vous ou demandez une invitation pour un autre e-mail.

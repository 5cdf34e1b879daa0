password-hint = Mindestens 10 Zeichen.
code-hint = Die sechs Ziffern, die Ihre App zeigt, oder einer Ihrer Wiederherstellungscodes.
passkey-waiting = Warten auf Ihren Passkey …
passkey-known = Dieses Gerät hat schon einen Passkey für Sie.
passkey-silent = Kein Passkey hat geantwortet. Es wurde nichts getan. Versuchen Sie es noch einmal.
file-too-large = Diese Datei hat { $size } Byte. Wählen Sie eine mit höchstens { $most }.

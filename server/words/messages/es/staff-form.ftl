password-hint = Al menos 10 caracteres.
code-hint = Los seis dígitos que muestra su aplicación, o uno de sus códigos de recuperación.
passkey-waiting = Esperando su llave de acceso…
passkey-known = Este dispositivo ya tiene una llave de acceso suya.
passkey-silent = No respondió ninguna llave de acceso. No se hizo nada. Inténtelo de nuevo.
file-too-large = Este archivo tiene { $size } bytes. Elija uno de { $most } como máximo.

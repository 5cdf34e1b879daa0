heading = Iniciar sesión en Refundry
sign-in = Iniciar sesión
signing-in = Iniciando sesión…
password-changed = Su contraseña ha cambiado. Inicie sesión con ella.
session-ended = Su sesión ha terminado. Vuelva a iniciar sesión para continuar.
by-passkey = Continuar con una llave de acceso
or-password = o use su contraseña
or-code = o use un código
forgot = ¿Olvidó su contraseña?
nobody-yet = Nadie puede entrar todavía. En el servidor, «{ $command }» añade a la primera persona.
enter-code = Introduzca su código
back = Volver al inicio de sesión
wrong-email-or-password = El correo o la contraseña no son correctos.
tries-left = { $count ->
    [one] Queda 1 intento antes de una pausa de 15 minutos.
   *[other] Quedan { $count } intentos antes de una pausa de 15 minutos.
}
pause = { $minutes ->
    [one] Demasiados intentos. Espere { $minutes } minuto e inténtelo de nuevo.
   *[other] Demasiados intentos. Espere { $minutes } minutos e inténtelo de nuevo.
}
wrong-code = Este código no funciona. Cada uno sirve una sola vez: espere al siguiente o use un código de recuperación.
wrong-password = Esta no es su contraseña.
passkey-not-taken = Esta llave de acceso no sirve para iniciar sesión aquí. Inténtelo de nuevo o use su contraseña.
passkey-not-yours = Esta llave de acceso no es suya o respondió demasiado tarde. Inténtelo de nuevo.
still-you = ¿Sigue siendo usted?
why-again = Para aprobar y para los ajustes, las personas y las políticas se vuelve a preguntar si inició sesión hace más de 10 minutos. Todavía no se ha hecho nada.
why-again-held = Inició sesión hace más de 10 minutos. Todavía no se ha hecho nada: lo que envió se guarda aquí y se hace cuando continúe.
app-code = Código de su aplicación
signed-in-with = Ha iniciado sesión con
checking = Comprobando…
continue = Continuar
go-back = Volver
no-email = Esta instalación no envía correo. Quien la gestiona le da una nueva contraseña:
reset-asked = Si alguien inicia sesión con este correo, hay un enlace en camino. Sirve una sola vez, durante una hora.
nothing-came = ¿No llegó nada? Mire en la carpeta de correo no deseado, compruebe la dirección e inténtelo de nuevo en 5 minutos.
reset-hint = Le enviamos un enlace con el que elige una nueva contraseña.
sending = Enviando…
send-link = Enviar el enlace
reset-closed = Este enlace no funciona
reset-closed-text = Ya se usó, otro posterior lo sustituyó o tiene más de una hora. Pida otro en la página de inicio de sesión.
choose-new = Elija una nueva contraseña
choose-new-text = Cierra su sesión en todas partes y bloquea los pagos salientes durante un día.
invitation-closed = Esta invitación no funciona
invitation-closed-text = Se usó, se retiró o tiene más de 7 días. Pida otra.
join-place = Unirse a { $place }
invited-by = { $person } le invitó. Su rol: { $role }.
sign-in-with = Inicia sesión con
choose-password = Elija una contraseña
join = Unirse
joining = Uniéndose…
signs-in-already = Alguien ya inicia sesión con este correo. Inicie sesión o pida una invitación para otro correo.

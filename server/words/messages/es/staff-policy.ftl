### La lista de políticas y una sola política.

list-text = Cada MID tiene la suya. Decide qué pasa cuando un pago no coincide con su factura.
head-mid = MID
head-live = Vigente
head-state = Estado
head-since = Desde
open = Abierto
suspended = Suspendido
version = Versión { $number }

title = Política de reembolsos, { $mid }
version-live = Versión { $number } vigente
text = Decide qué pasa cuando un pago no coincide con su factura. Los pagos ya detectados conservan la versión con la que empezaron.
saved = Guardada. Ya está vigente.
saved-scheduled = Guardada. Entra en vigor a su hora.
saved-draft = Guardada, pero aún no vigente: relaja una protección, así que una segunda persona debe aceptarla abajo.

save-title = Guardar
save-text = Una versión que relaja una protección espera a una segunda persona, si usted exige segundas personas.
live-from = Vigente desde, en UTC { $empty }
at-once = (vacío: al instante)
save = Guardar la versión { $number }
saving = Guardando…
try-it = { $days ->
    [one] Probarla con el último día
   *[other] Probarla con los últimos { $days } días
}
trying = Probando…
discard = Descartar
locked = El operador controla este ajuste.
is-now = Ahora es: { $value }.

meanwhile = Alguien cambió esta política mientras tanto. No se guardó nada. Vuelva a cargar la página y vea qué es distinto.
write-time = Escriba fecha y hora, por ejemplo 2026-12-01T08:00
within-a-year = Elija un momento dentro del próximo año, o déjelo vacío
keeps = El operador controla este ajuste: pídale que lo cambie
own-version = Usted escribió esta versión, así que otra persona debe aceptarla. No se hizo nada.

title-asset = Política de reembolsos de { $asset }, { $mid }
text-asset = Lo que se cambia aquí vale solo para { $asset }. Lo demás sigue la política de todos los activos, también cuando cambia.
all-assets = Política de todos los activos
for-all-it-is = Sin cambio para este activo es { $value }.
take-back = Otra vez como todos los activos
assets = Distinto para un activo
assets-text = Los importes no significan lo mismo donde las comisiones son altas: diga aquí lo que no es igual en todas partes.
head-asset = Activo
head-different = Diferencias
head-action = Acción
as-for-all = Como todos los activos
says-of = { $setting }: { $value }
setting-of = { $asset }, { $setting }
change = Cambiar
look-at = Mirar
action-for = { $action }: { $asset }

history = Historial
times-in-utc = Horas en UTC
waits = Espera a una segunda persona
waits-for = La versión { $number } espera a una segunda persona.
scheduled = Programada
live = Vigente
replaced = Sustituida
given-up = Abandonada
by-you = Por usted, { $time }
by-a-colleague = Por un colega, { $time }
by-person = Por { $who }, { $time }
by-a-key = Por una clave de API, { $time }
by-refundry = Por Refundry, { $time }
and-live-from = { $written }, vigente desde { $time }
differs = { $setting }: { $old } { $to } { $new }
to = a
says-nothing = No dice nada distinto de la versión anterior.
tried-none = Probada con los pagos del { $from } al { $to }: no hubo ninguno.
tried-same = { $count ->
    [one] Probada con los pagos del { $from } al { $to }: la única factura quedaría como está.
   *[other] Probada con los pagos del { $from } al { $to }: las { $count } facturas quedarían como están.
}
tried-differs = { $count ->
    [one] Probada con los pagos del { $from } al { $to }: { $changed } de { $count } factura quedaría de otra forma.
   *[other] Probada con los pagos del { $from } al { $to }: { $changed } de { $count } facturas quedarían de otra forma.
}
give-up = Abandonar
giving-up = Abandonando…
agree = Aceptarla
agreeing = Aceptando…
someone-else = Usted escribió esta versión, así que otra persona debe aceptarla.

simulator-label = Simulador de la política
simulator = Simulador
last-days = { $days ->
    [one] último día
   *[other] últimos { $days } días
}
change-first = Cambie algo y pruébelo: los pagos reales se juzgan de nuevo según el borrador.
who-may = Quien puede cambiar la política puede probarla aquí con pagos reales.
nothing-sent = No se envía nada. El simulador repite pagos reales con el borrador.
too-many = En este periodo hay demasiados pagos para probarlos todos a la vez.
what-changes = Qué cambia
newest-ten = Solo aparecen los diez más recientes.
with-this-draft = Con este borrador
elsewhere = { $count ->
    [one] factura quedaría de otra forma
   *[other] facturas quedarían de otra forma
}
tried = { $count ->
    [one] { $count } factura probada, { $differing } con un pago que no coincidía.
   *[other] { $count } facturas probadas, { $differing } con un pago que no coincidía.
}
left-out = { $count ->
    [one] No se pudo probar { $count } factura.
   *[other] No se pudieron probar { $count } facturas.
}
was = antes { $amount }
to-you = Para usted
to-payers = De vuelta a los pagadores
held = Retenido
dust = Muy poco para reembolsar

would-credit = se abonarían al comercio { $amount } { $asset } en vez de { $was }
would-refund = se devolverían al pagador { $amount } { $asset } en vez de { $was }
would-hold = se retendrían { $amount } { $asset } en vez de { $was }
would-keep-apart = se guardarían por ser muy poco para un reembolso { $amount } { $asset } en vez de { $was }
would-stand = la factura estaría «{ $status }» en vez de «{ $was }»
would-count = su pago contaría como { $flags } en vez de { $was }
exact = exacto y a tiempo
would-decide = lo decidiría una persona
would-decide-otherwise = lo decidiría una persona por otro motivo
would-not-decide = no tendría que decidirlo ninguna persona
would-give = { $count ->
    [0] no habría ningún reembolso en vez de { $was }
    [one] habría { $count } reembolso en vez de { $was }
   *[other] habría { $count } reembolsos en vez de { $was }
}
would-wait = el reembolso esperaría { $delay } en vez de { $was } antes de enviarse
would-review = una persona revisaría el reembolso antes de enviarse
would-not-review = el reembolso se enviaría sin que nadie lo revise
could-cancel = el pagador podría cancelarlo
could-not-cancel = el pagador no podría cancelarlo
would-work = su enlace funcionaría { $time } en vez de { $was }
would-expire-to-you = sin reclamar, iría al comercio
would-stay-held = sin reclamar, seguiría retenido para el pagador
payer-would-pay = el pagador pagaría la comisión de red
merchant-would-pay = el comercio pagaría la comisión de red
payer-would-say = el pagador diría adónde va
merchant-would-say = el comercio diría adónde va
would-go-to-source = iría a la dirección que pagó
would-go-to-invoice = iría a la dirección que llegó con la factura
other-terms = los reembolsos tendrían otras condiciones

unsaved = Cambios sin guardar: { $count }
untried = Aún no se ha probado con pagos reales.
would-change = { $count ->
    [one] Con este borrador, { $count } factura quedaría de otro modo.
   *[other] Con este borrador, { $count } facturas quedarían de otro modo.
}

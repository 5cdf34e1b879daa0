### La lista de facturas y una sola factura.

pending = Esperando el pago
processing = Confirmando
complete = Pagada
underpaid = Pagada de menos
expired = Caducada
canceled = No aceptada

export-csv = Exportar CSV
search = Buscar facturas
search-hint = Pedido, correo, dirección, tx, importe
all = Todas
views = Vistas de las facturas
newest-first = Facturas, primero las más recientes
head-order = Pedido y pagador
head-price = Precio
head-paid = Ingresado
head-asset = Moneda
head-status = Estado
head-goes-back = Se devuelve
head-mid = MID
head-created = Creada
none-found = Ninguna factura coincide con estos filtros
none-found-text = Busque la referencia completa, como la escribió su tienda, o un correo, una dirección o una transacción completos.
none-yet = Aún no hay facturas
none-yet-text = Su tienda las crea por la API.
clear-filters = Quitar los filtros

refund = Reembolsar
open-page = Abrir la página de pago
payment = Pago
exact-amount = Importe exacto
received = Recibido
asset = Moneda
address = Dirección
the-address = dirección
tag = Etiqueta
rate = Tipo de cambio
rate-of = { $rate } { $currency } por { $symbol }
payer-email = Correo del pagador
created = Creada
expires = Caduca
in-utc = { $time } UTC

payments = Pagos recibidos
payments-oldest-first = Pagos recibidos, primero los más antiguos
no-payment = Aún no se ha visto ninguna transacción.
times-in-utc = Horas en UTC
head-amount = Importe
head-transaction = Transacción
head-seen = Visto
head-reference = Referencia
final = Definitivo
gone = Desaparecido
undone = Deshecho
confirming = Confirmando
refunds = Reembolsos
refunds-of = Reembolsos de esta factura
refunds-oldest-first = Reembolsos de esta factura, primero los más antiguos

differ = Pagos que no coinciden
case = Caso { $number }: { $flags }
comma = {", "}
case-received = Recibido
credited = Abonado a usted
goes-back = Se devuelve
kept-apart = Guardado aparte, muy poco para reembolsar
what-happens = ¿Qué pasa con el dinero?
choose = Elija qué pasa
decide = Decidir
deciding = Decidiendo…
operator-only = Esto solo lo decide el operador.
held = El dinero está retenido.
held-by-policy = Su política deja este pago a una persona. Lo que llegue hasta entonces se decide con él.
held-for-risk = Puede venir de una dirección de una lista de sanciones, así que solo decide el operador.
held-without-rate = Su política necesita el tipo de cambio del día y no se conoce ninguno. Decida usted.
held-suspended = El operador suspendió este MID, así que nada se decide por regla.
accept = Aceptarlo
accept-text = Todo es suyo y la factura cuenta como pagada
refund-extra = Reembolsar lo que sobra
refund-extra-text = Usted se queda con el precio, el resto vuelve al pagador
refund-all = Reembolsarlo todo
refund-all-text = Usted no se queda nada, el pagador recibe un enlace de reembolso
case-manual = Necesita una decisión
case-credited = Aceptado
case-split = Precio cobrado, resto reembolsado
case-refunded = Reembolsado
case-dust = Muy poco para reembolsar
case-attributed = Pagó otra factura
case-void = Deshecho por la red
flag-under = de menos
flag-over = de más
flag-late = tarde
flag-multi = en varios pagos
flag-wrong-asset = otra moneda
flag-missing-tag = sin su etiqueta
flag-risk = dirección de riesgo
flag-post-resolution = después de cerrarse la factura

mails-title = Correos de la factura { $reference }
mails-here = { $reference }: correos
mails-text = Lo que se le dice ahora a un pagador al que se puede escribir. Sus enlaces funcionan: quien abre uno actúa por el pagador.
back = Volver a la factura
no-mails = Tal como están las cosas, no se le escribe nada al pagador.
mail-to = { $reference }, a { $email }
mail-to-nobody = { $reference }, a nadie: no se conoce ningún correo
open-link = Abrir su enlace

tools = Herramientas de pruebas
simulate = Simular un pago
sandbox-only = Solo en pruebas
simulate-text = No se mueven monedas reales. Los webhooks se envían como en producción.
scenario = ¿Qué pasa?
scenario-exact = Exacto
scenario-exact-text = El importe completo, a tiempo
scenario-over = De más
scenario-over-text = La mitad más
scenario-under = De menos
scenario-under-text = La mitad
scenario-late = Tarde
scenario-late-text = Cuando el tipo de cambio ya ha caducado
another-amount = Otro importe { $optional }
optional = (opcional)
simulate-payment = Simular el pago
paying = Pagando…
more-than-nothing = Envíe más que nada
not-watched = Esta factura terminó hace más de 90 días: su dirección ya no se vigila
clock = Adelantar el reloj
clock-text = En estas pruebas es { $time } UTC. Lo que vence ocurre al instante, para todas las facturas.
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
mails = Correos al pagador
mails-what = Lo que se le dice tal como están las cosas, también sin servidor de correo.
show-mails = Mostrar los correos

policy-does = Versión { $number } de la política: { $what }
waits-for-rest = Se decide el { $time }: hasta entonces puede llegar el resto
late-after = Es tardío lo que llega después del { $time }

### Los ajustes de una política.

not-set = sin definir
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
months = { $count ->
    [one] { $count } mes
   *[other] { $count } meses
}
years = { $count ->
    [one] { $count } año
   *[other] { $count } años
}
weeks = { $count ->
    [one] { $count } semana
   *[other] { $count } semanas
}
seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
percent = { $number } %
days-before = { $list } días antes
unit-years = años
unit-weeks = semanas
unit-seconds = segundos
unit-minutes = minutos
unit-hours = horas
unit-days = días
unit-months = meses
unit-of = { $setting }, unidad
currency-of = { $setting }, moneda
amount-of = { $setting }, importe { $number }
amounts-hint = Un importe por fila, con su moneda. Vacíe un importe para quitar su fila.

choose-one = Elija entre estas opciones
write-grace = Introduzca de 0 a 7 días
write-drift = Introduzca de 0 a 100 por ciento
write-tolerance = Introduzca de 0 a 50 por ciento
write-top-up = Introduzca de 0 a 30 días
write-delay = Introduzca de 0 a 30 días
write-claim = Introduzca de 1 a 365 días
write-cap = Introduzca más de 0, hasta 100 por ciento
write-requote = Introduzca de 0 a 90 días
write-window = Introduzca de 0 minutos a 1 día; con 0 cada uno sale solo y al instante
write-quote = Introduzca de 1 minuto a 1 día
write-refund-window = Introduzca de 1 a 3650 días
write-amounts = Introduzca importes de 0 o más con 2 decimales como máximo, cada uno con su propia moneda, por ejemplo EUR
write-reminders = Introduzca hasta 10 números de días de 1 a 364, de mayor a menor, por ejemplo 30, 7, 1

overpaid = Pago de más
overpaid-text = El pagador envía más de lo que pide la factura, por ejemplo 150 USDT en vez de 100 USDT.
underpaid = Pago de menos
underpaid-text = El pagador envía menos de lo que pide la factura, por ejemplo 50 USDT en vez de 100 USDT.
late = Pago tardío
late-text = El pago llega después de caducar la factura, así que el tipo de cambio ya no vale.
people = Personas
people-text = Quién revisa un reembolso antes de que salga. Un importe por moneda; sin ninguno, nadie tiene que hacerlo.
rules = Reglas para todos los reembolsos
rules-text = Cómo reclaman los pagadores, cuánto tiempo pueden cancelar, quién paga la red.
news = Correo y webhooks
news-text = Quién avisa al pagador y cuándo se le recuerda.
own = Reembolsos que hace usted
own-text = De facturas pagadas.

ask-a-person = Preguntar a una persona
ask-a-person-text = El dinero queda retenido hasta que alguien decida
refund-everything = Reembolsar todo
recalc = Calcular de nuevo el precio
recalc-text = Al tipo de cambio de ese momento: lo que lo cubre se acepta, lo que no se devuelve

on-over = Pago de más: ¿qué debe pasar?
on-over-hint = Qué pasa cuando un pagador envía demasiado.
on-over-extra = Reembolsar lo que sobra
on-over-extra-text = Usted recibe 100 USDT. El pagador recibe un enlace por 50 USDT. La factura queda pagada
on-over-keep = Quedarse con todo
on-over-keep-text = Usted recibe los 150 USDT. Sin reembolso. La factura queda pagada
on-over-refund-text = El pagador recibe un enlace por 150 USDT. La factura no queda pagada
tolerance-hint = Hasta qué diferencia, de menos o de más, un pago cuenta como exacto: el porcentaje o el importe, lo que permita más.
tolerance-percent = Ignorar diferencias de hasta (%)
tolerance-absolute = O de hasta estos importes
claim-floor = Reembolso mínimo
claim-floor-hint = Por debajo de qué importe una diferencia no merece un reembolso: se guarda aparte como resto.

on-under = Pago de menos: ¿qué debe pasar?
on-under-hint = Qué pasa cuando un pagador envía demasiado poco.
on-under-refund-text = El pagador recibe un enlace por 50 USDT. La factura no queda pagada
on-under-accept = Aceptar lo que se envió
on-under-accept-text = Usted recibe 50 USDT. La factura se marca como pagada de menos
topup-until = Esperar un segundo pago
topup-until-hint = Cuánto tiempo después de caducar una factura puede llegar todavía el resto de un pago parcial.

on-late = Pago tardío: ¿qué debe pasar?
on-late-hint = Qué pasa cuando un pago llega después de caducar la factura.
on-late-refund-text = El pagador recibe un enlace por todo. La factura sigue caducada
on-late-accept = Aceptarlo
on-late-accept-text = Usted recibe las monedas tal como están. La factura se marca como pagada tarde
on-late-close = Aceptarlo mientras el tipo de cambio esté cerca
on-late-close-text = Si no, el pagador recibe un enlace por todo
late-grace-hint = Cuánto tiempo después de caducar una factura un pago cuenta todavía como puntual, según cómo se fijó su precio.
late-grace-fiat = Aceptar como puntual durante, con precio en una moneda
late-grace-coin = Aceptar como puntual durante, con precio en criptomonedas
late-rate-drift = Cuán cerca debe estar el tipo de cambio (%)
late-rate-drift-hint = Cuánto por ciento puede haberse movido el tipo de cambio cuando un pago tardío se acepta mientras esté cerca.

approval-above = Segunda aprobación por encima de
approval-above-hint = Por encima de qué suma de los reembolsos de una persona o clave en un día debe aprobar una segunda persona.
review-above = Revisar antes de enviar por encima de
review-above-hint = Por encima de qué importe una persona revisa un reembolso antes de que se envíe.
low-risk-band = El enlace solo basta hasta
low-risk-band-hint = Por encima de qué importe no basta el enlace: quien pagó da también un código que se le envía por correo, o una persona revisa el reembolso.

claim-ttl = El enlace de reembolso funciona durante
claim-ttl-hint = Cuánto tiempo funciona un enlace de reembolso, contado en el calendario: tres meses no son 90 días.
on-expiry = Cuando nadie lo reclama
on-expiry-hint = Qué pasa con el dinero que nadie reclamó.
on-expiry-credit = Es suyo
on-expiry-credit-text = El dinero se abona al MID
on-expiry-hold = Guardarlo para el pagador
on-expiry-hold-text = Sigue retenido hasta que usted lo ofrezca de nuevo
security-delay = Plazo de seguridad tras reclamar
security-delay-hint = Cuánto espera un reembolso confirmado antes de enviarse; hasta entonces el pagador puede cancelar.
delay-anchor = El plazo cuenta desde
delay-anchor-hint = Desde cuándo se cuenta el plazo de seguridad.
delay-anchor-claim = La confirmación del pagador
delay-anchor-claim-text = Cada pagador tiene todo el plazo para cancelar
delay-anchor-refund = La creación del reembolso
delay-anchor-refund-text = Quien reclama tarde espera menos, o nada
payer-cancel = Durante el plazo, el pagador
payer-cancel-hint = Si el pagador puede cancelar durante el plazo de seguridad.
payer-cancel-can = Puede cancelar
payer-cancel-can-text = Con el enlace del correo
payer-cancel-cannot = No puede cancelar
payer-cancel-cannot-text = Solo puede usted
reopen = Después de que un pagador cancele
reopen-hint = Quién puede ofrecer de nuevo un reembolso que su pagador canceló.
reopen-merchant = Usted puede ofrecerlo de nuevo
reopen-merchant-text = Con un enlace nuevo
reopen-admin = Solo puede el operador
reopen-admin-text = Pregúntele
destination = Quién dice adónde va el dinero
destination-hint = Quién dice adónde va el dinero.
destination-payer = El pagador
destination-payer-text = En la página del reembolso
destination-merchant = Usted
destination-merchant-text = Hasta entonces funciona también el enlace del pagador
destination-source = La dirección que pagó
destination-source-text = Cuando todo vino de una sola
destination-invoice = La factura
destination-invoice-text = Cuando traía una dirección
fee-bearer = Comisión de red
fee-bearer-hint = Quién paga la comisión de la red.
fee-bearer-payer = La paga el pagador
fee-bearer-payer-text = Se descuenta del reembolso
fee-bearer-merchant = La pagamos nosotros
fee-bearer-merchant-text = Se descuenta de su saldo
fee-cap = Esperar mientras la comisión supere (% del reembolso)
fee-cap-hint = Qué porcentaje de un reembolso puede ser como máximo la comisión de red; por encima, el reembolso espera.
requote-after = Después, preguntar de nuevo al pagador tras
requote-after-hint = Cuánto espera un reembolso cuya comisión de red superó la que aceptó su pagador, antes de preguntarle de nuevo con otro enlace.
batch-window = Esperar a otros para enviarlos juntos
batch-window-hint = Cuánto espera a otros un reembolso que se envía, para que una transacción los pague juntos en las redes que lo permiten.

notify = Quién escribe al pagador
notify-hint = Quién escribe al pagador.
notify-both = Refundry y usted
notify-both-text = Por correo, y usted recibe el enlace por webhook
notify-engine = Refundry
notify-engine-text = Por correo
notify-merchant = Usted
notify-merchant-text = Usted recibe el enlace por webhook
notify-nobody = Nadie
notify-nobody-text = Copie los enlaces desde el panel
reminders = Recordar tantos días antes de que termine el enlace
reminders-hint = Cuántos días antes de que termine un enlace de reembolso se le recuerda al pagador.

rate-rule = Cuántas monedas son un importe
rate-rule-hint = Cuántas monedas son el reembolso de un importe, cuando lo hace el comercio.
rate-rule-release = Tipo de cambio al enviarlo
rate-rule-release-text = El mismo valor ese día
rate-rule-create = Tipo de cambio al crearlo
rate-rule-create-text = El mismo valor ese día
rate-rule-then = Tipo de cambio cuando pagó
rate-rule-then-text = El propio de la factura
rate-rule-exact = Las propias monedas del pagador
rate-rule-exact-text = Tantas como envió por él
rate-rule-min = Las que sean menos
rate-rule-min-text = Entre entonces y ahora
rate-rule-max = Las que sean más
rate-rule-max-text = Entre entonces y ahora
quote-ttl = Una vista previa vale durante
quote-ttl-hint = Cuánto vale una cotización de un reembolso: esperar un mejor precio no le sale gratis a nadie.
refund-window = Las facturas se pueden reembolsar durante
refund-window-hint = Cuánto tiempo después de crearse una factura puede reembolsarla el comercio.
refundable-states = Las facturas que se pueden reembolsar están
refundable-states-hint = En qué estados puede el comercio reembolsar una factura.

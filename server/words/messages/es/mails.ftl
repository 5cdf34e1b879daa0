### Correos para quienes pagan.

never-ask = Nunca pedimos contraseñas, claves privadas ni frases de recuperación.
sent-by = Enviado por { $merchant } con Refundry porque pagó el pedido { $order }.
privacy = Política de privacidad
instant = { $minute } UTC

claim-subject = { $amount } por cobrar de { $merchant }
claim-heading = Tiene { $amount } por cobrar
claim-by-day = Cóbrelo hasta el { $day }.
why-overpaid-extra = Pagó más de lo que costaba el pedido { $order }. El pedido está completo y lo que sobra es suyo.
why-overpaid-all = Pagó más de lo que costaba el pedido { $order }, así que la tienda no pudo aceptar el pago. Se le devuelve todo.
why-underpaid = Pagó menos de lo que costaba el pedido { $order }, así que no se completó. Se le devuelve todo.
why-late = Su pago del pedido { $order } llegó cuando el tipo de cambio ya no valía, así que no se completó. Se le devuelve todo.
why-late-settled = Su pago llegó cuando el pedido { $order } ya estaba cerrado. Se le devuelve.
why-other-coin = Pagó el pedido { $order } con otra moneda que la pedida, así que la tienda no pudo aceptarlo. Se le devuelve todo.
why-no-tag = Su pago llegó sin la etiqueta que dice para qué es, así que la tienda no pudo aceptarlo. Se le devuelve todo.
why-not-accepted = La tienda no pudo aceptar su pago del pedido { $order }. Se le devuelve todo.
why-merchant = { $merchant } le reembolsa el pedido { $order }.
why-requoted = La comisión de la red siguió siendo más alta que la que usted aceptó, así que su reembolso no se envió. Indique de nuevo una dirección para recibirlo con la comisión actual.
you-sent = Envió
order-price = Precio del pedido
to-claim = Por cobrar
claim-button = Cobrar el reembolso
wallet-needed = Necesita una dirección de monedero para { $symbol } en { $network }.
fee-taken-now = La comisión de la red, ahora { $fee }, se descuenta del reembolso.
fee-taken = La comisión de la red se descuenta del reembolso.
fee-paid = La comisión de la red la paga { $merchant }.
link-works-until = El enlace funciona hasta el { $instant }.

expiring-subject = { $days ->
    [one] El enlace de su reembolso termina en { $days } día
   *[other] El enlace de su reembolso termina en { $days } días
}
expiring-heading = Aún tiene { $amount } por cobrar

scheduled-subject = Su reembolso sale el { $weekday }. Cancélelo si no fue usted
scheduled-subject-final = Su reembolso sale el { $weekday }
scheduled-heading = Su reembolso sale el { $day }
scheduled-lead = Se confirmó una dirección para su reembolso. Todavía no se ha enviado nada.
cancel-link-lead = Este es el enlace para cancelar que se pidió en la página del reembolso. Todavía no se ha enviado nada.

code-subject = Su código para el reembolso de { $merchant }
code-heading = Confirme su reembolso con este código
code-lead = Confirma que { $amount } se envían a { $address }. Introdúzcalo en la página del reembolso.
code-works = { $minutes ->
    [one] Funciona durante { $minutes } minuto, una vez.
   *[other] Funciona durante { $minutes } minutos, una vez.
}
code-keep = No dé nunca este código a nadie, sea quien sea: ni la tienda ni nosotros lo necesitamos.
code-not-you = Si no lo pidió o la dirección no es suya, no haga nada. Sin el código no se envía nada.
goes-to = { $amount } va a { $address } el { $instant }.
you-receive = Recibe
you-received = Recibió
network = Red
sent-on = Se envía el
to-address = A esta dirección
tag = Memo o etiqueta
transaction = ID de la transacción
cancel-question = ¿La dirección es incorrecta o no fue usted?
cancel-before = Cancele antes del { $weekday } a las { $clock } UTC. Después nadie puede detener el pago.
cancel-button = Cancelar este reembolso
nothing-to-do = Si todo está bien, no tiene que hacer nada.
ask-merchant = Si la dirección es incorrecta o no fue usted, póngase en contacto con { $merchant } ahora.

sent-subject = Su reembolso se ha enviado
sent-heading = Su reembolso está en camino
sent-lead = { $count ->
    [one] Llega cuando { $network } lo haya confirmado una vez.
   *[other] Llega cuando { $network } lo haya confirmado { $count } veces.
}
arrived = Su reembolso ha llegado
arrived-lead = { $count ->
    [one] La confirmación ha llegado. Si su monedero no lo muestra, busque el ID de la transacción.
   *[other] Las { $count } confirmaciones han llegado. Si su monedero no lo muestra, busque el ID de la transacción.
}
track-button = Ver el reembolso

canceled-subject = Su reembolso se canceló
canceled-heading = Canceló este reembolso
canceled-lead = No se envió nada. { $merchant } sigue guardando { $amount } para usted. Los enlaces que recibió ya no funcionan. Solo { $merchant } puede iniciar un nuevo reembolso.
withdrawn-heading = { $merchant } retiró este reembolso
withdrawn-lead = No se envió nada. Póngase en contacto con { $merchant } y dé esta referencia.
unpayable-heading = Este reembolso no se puede pagar
unpayable-lead = La red anuló el pago del que procede. No se envió nada. Póngase en contacto con { $merchant } y dé esta referencia.
reference = Referencia

expired-subject = Su reembolso ha caducado
expired-heading = Este reembolso ha caducado
expired-returned = Se podía cobrar hasta el { $instant }. El dinero ha vuelto a { $merchant }, que puede enviarle un enlace nuevo: dé esta referencia.
expired-held = Se podía cobrar hasta el { $instant }. El dinero sigue guardado para usted. { $merchant } puede enviarle un enlace nuevo: dé esta referencia.

delayed = Su reembolso se retrasa
delayed-lead = La red no aceptó el pago. No se perdió nada. { $merchant } lo intenta de nuevo y le escribiremos.
waiting = Su reembolso está en espera
waiting-paused = { $merchant } ha pausado los pagos. Su reembolso está seguro y sale después.
waiting-fee = La red cuesta ahora más de lo que se le dijo. No se perdió nada: su reembolso sale cuando baje la comisión.
waiting-funds = Todavía no se pudo enviar. Su reembolso está seguro: sale en cuanto { $merchant } pueda enviarlo.

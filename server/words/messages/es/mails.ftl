### Correos para quienes pagan.

never-ask = Nunca pedimos contraseñas, claves privadas ni frases de recuperación.
sent-by = Enviado por { $merchant } con Refundry porque pagaste el pedido { $order }.
instant = { $minute } UTC

claim-subject = { $amount } por cobrar de { $merchant }
claim-heading = Tienes { $amount } por cobrar
claim-by-day = Cóbralo antes del { $day }.
why-overpaid-extra = Pagaste más de lo que costaba el pedido { $order }. El pedido está completo y lo que sobra es tuyo.
why-overpaid-all = Pagaste más de lo que costaba el pedido { $order }, así que la tienda no pudo aceptar el pago. Se te devuelve todo.
why-underpaid = Pagaste menos de lo que costaba el pedido { $order }, así que no se completó. Se te devuelve todo.
why-late = Tu pago del pedido { $order } llegó cuando el tipo de cambio ya no valía, así que no se completó. Se te devuelve todo.
why-late-settled = Tu pago llegó cuando el pedido { $order } ya estaba cerrado. Se te devuelve.
why-other-coin = Pagaste el pedido { $order } con otra moneda que la pedida, así que la tienda no pudo aceptarlo. Se te devuelve todo.
why-no-tag = Tu pago llegó sin la etiqueta que dice para qué es, así que la tienda no pudo aceptarlo. Se te devuelve todo.
why-not-accepted = La tienda no pudo aceptar tu pago del pedido { $order }. Se te devuelve todo.
why-merchant = { $merchant } te reembolsa el pedido { $order }.
you-sent = Enviaste
order-price = Precio del pedido
to-claim = Por cobrar
claim-button = Cobrar el reembolso
wallet-needed = Necesitas una dirección de monedero para { $symbol } en { $network }.
fee-taken-now = La comisión de la red, ahora { $fee }, se descuenta del reembolso.
fee-taken = La comisión de la red se descuenta del reembolso.
fee-paid = La comisión de la red la paga { $merchant }.
link-works-until = El enlace funciona hasta el { $instant }.

expiring-subject = { $days ->
    [one] El enlace de tu reembolso termina en { $days } día
   *[other] El enlace de tu reembolso termina en { $days } días
}
expiring-heading = Aún tienes { $amount } por cobrar

scheduled-subject = Tu reembolso sale el { $weekday }. Cancélalo si no fuiste tú
scheduled-subject-final = Tu reembolso sale el { $weekday }
scheduled-heading = Tu reembolso sale el { $day }
scheduled-lead = Se confirmó una dirección para tu reembolso. Todavía no se ha enviado nada.
cancel-link-lead = Este es el enlace para cancelar que se pidió en la página del reembolso. Todavía no se ha enviado nada.
goes-to = { $amount } va a { $address } el { $instant }.
you-receive = Recibes
you-received = Recibiste
network = Red
sent-on = Se envía el
to-address = A esta dirección
tag = Memo o etiqueta
transaction = ID de la transacción
cancel-question = ¿La dirección es incorrecta o no fuiste tú?
cancel-before = Cancela antes del { $weekday } a las { $clock } UTC. Después nadie puede detener el pago.
cancel-button = Cancelar este reembolso
nothing-to-do = Si todo está bien, no tienes que hacer nada.
ask-merchant = Si la dirección es incorrecta o no fuiste tú, ponte en contacto con { $merchant } ahora.

sent-subject = Tu reembolso se ha enviado
sent-heading = Tu reembolso está en camino
sent-lead = { $count ->
    [one] Llega cuando { $network } lo haya confirmado una vez.
   *[other] Llega cuando { $network } lo haya confirmado { $count } veces.
}
arrived = Tu reembolso ha llegado
arrived-lead = { $count ->
    [one] La confirmación ha llegado. Si tu monedero no lo muestra, busca el ID de la transacción.
   *[other] Las { $count } confirmaciones han llegado. Si tu monedero no lo muestra, busca el ID de la transacción.
}
track-button = Ver el reembolso

canceled-subject = Tu reembolso se canceló
canceled-heading = Cancelaste este reembolso
canceled-lead = No se envió nada. { $merchant } sigue guardando { $amount } para ti. Los enlaces que recibiste ya no funcionan. Solo { $merchant } puede iniciar un nuevo reembolso.
withdrawn-heading = { $merchant } retiró este reembolso
withdrawn-lead = No se envió nada. Ponte en contacto con { $merchant } y da esta referencia.
unpayable-heading = Este reembolso no se puede pagar
unpayable-lead = La red anuló el pago del que procede. No se envió nada. Ponte en contacto con { $merchant } y da esta referencia.
reference = Referencia

expired-subject = Tu reembolso ha caducado
expired-heading = Este reembolso ha caducado
expired-returned = Se podía cobrar hasta el { $instant }. El dinero ha vuelto a { $merchant }, que puede enviarte un enlace nuevo: da esta referencia.
expired-held = Se podía cobrar hasta el { $instant }. El dinero sigue guardado para ti. { $merchant } puede enviarte un enlace nuevo: da esta referencia.

delayed = Tu reembolso se retrasa
delayed-lead = La red no aceptó el pago. No se perdió nada. { $merchant } lo intenta de nuevo y te escribiremos.
waiting = Tu reembolso está en espera
waiting-paused = { $merchant } ha pausado los pagos. Tu reembolso está seguro y sale después.
waiting-fee = La red cuesta ahora más de lo que se te dijo. No se perdió nada: tu reembolso sale cuando baje la comisión.
waiting-funds = Todavía no se pudo enviar. Tu reembolso está seguro: sale en cuanto { $merchant } pueda enviarlo.

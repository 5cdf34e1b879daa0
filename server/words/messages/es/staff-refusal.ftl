own-request = Usted creó este reembolso, así que debe aprobarlo otra persona. No se hizo nada.
operator-only = Quien pagó canceló este reembolso, así que solo el operador puede volver a ofrecerlo. No se hizo nada.
fee-exceeds = La comisión de red es mayor que el reembolso. No se hizo nada. Inténtelo de nuevo cuando baje la comisión.
fee-above-cap = La comisión de red es ahora demasiado alta para este reembolso. No se hizo nada. Inténtelo de nuevo cuando baje.
exceeds-refundable = Solo se pueden reembolsar todavía { $amount } de este pago. No se hizo nada.
active-refund = Todo este pago está prometido a { $reference }. No se hizo nada. Cancele primero ese reembolso.
frozen = El operador ha suspendido esta tienda, así que ahora no se puede hacer ningún reembolso. No se hizo nada.
insufficient = Su saldo tiene { $amount }, que es menos que este reembolso. No se hizo nada.
other-asset = Este dinero es de otra moneda que la que pide la factura. Se puede reembolsar, no aceptar. No se hizo nada.
decided = Alguien ya decidió este caso. No se hizo nada.
untagged = Nadie sabe para qué es este pago. Se puede reembolsar, o atribuir a su factura. No se hizo nada.
payment-gone = Este pago desapareció de la cadena. No se hizo nada.
moment-ago = { $minutes ->
    [one] Esto se hizo hace un momento. Ahora no se hizo nada. Inténtelo de nuevo en { $minutes } minuto.
   *[other] Esto se hizo hace un momento. Ahora no se hizo nada. Inténtelo de nuevo en { $minutes } minutos.
}
network-away = La red no responde. No se hizo nada. Inténtelo de nuevo en un minuto.

signed-out = Su sesión está cerrada. No se hizo nada.
not-your-role = Su rol no puede hacer esto. No se hizo nada.
not-there = No está. No se hizo nada.
moved-on = Siguió su curso entretanto. Mire cómo está ahora.
too-much = Se intentó demasiado. No se hizo nada. Inténtelo más tarde.
unknown = El servidor no pudo decir si se hizo. Mire cómo está ahora.

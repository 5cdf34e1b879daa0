mid = MID
all-mids = Todos los MID
asset = Activo
all-assets = Todos los activos
from = Desde
to = Hasta
show = Mostrar
# On a filter: so many of its choices.
chosen = { $count } elegidos
clear = Quitar
newer = Más nuevos
older = Más antiguos

export-csv = Exportar CSV
search-hint = Pedido, correo, dirección, tx, importe
reason = Motivo
any-reason = Cualquier motivo
expires-by = Caduca hasta
views = Vistas de reembolsos
# Claim links that stop working within days.
expiring-soon = Caduca pronto
all = Todos
caption = Reembolsos, los más nuevos primero
amount = Importe
status = Estado
order-and-payer = Pedido y quien pagó
created = Creado
select = Seleccionar
select-one = Seleccionar { $reference }
select-page = Seleccionar todos los de esta página
sends = sale { $time }
# $time is when it ended.
paid-at = pagado { $time }
ended-at = terminado { $time }
waits-funds = espera: el monedero tiene muy poco
waits-balance = espera: saldo insuficiente
waits-fee = espera: comisión de red demasiado alta
waits-maintenance = espera: los pagos están en pausa
waits-frozen = espera: los pagos están bloqueados
waits-suspended = espera: el MID está suspendido
waits-rate = espera: sin tipo de cambio
waits-reorged = espera: pago deshecho por la red
first-use = Primer uso
none = Todavía no hay reembolsos
none-text = Cuando alguien envía de más, de menos o demasiado tarde, el reembolso aparece aquí por sí solo. También puede reembolsar cualquier factura pagada.
to-invoices = Ir a las facturas
no-match = Ningún reembolso coincide con estos filtros
no-match-text = Las referencias, pedidos, correos, direcciones, transacciones e importes se encuentran cuando se escriben enteros.
clear-filters = Quitar los filtros
all-time = Buscar en todas las fechas

selected = Reembolsos seleccionados
some-selected = Seleccionados: { $count }
all-match = Todos los que coinciden
export = Exportar
approve = Aprobar
remind = Recordar
retry = Reintentar
cancel = Cancelar reembolsos
approve-title = Aprobar reembolsos
approve-button = { $count ->
    [one] Aprobar { $count } reembolso
   *[other] Aprobar { $count } reembolsos
}
approve-then = Cada uno sigue su camino: al enlace de quien pagó, o a su plazo de seguridad. Los que creó usted se dejan fuera.
approve-done = Aprobados: { $count }
approve-some = Aprobados: { $count }; no fue posible con { $refused }
remind-title = Recordar a quienes pagaron
remind-button = { $count ->
    [one] Recordar { $count } reembolso
   *[other] Recordar { $count } reembolsos
}
remind-then = Cada persona recibe el enlace del reembolso una vez más. No se mueve dinero.
remind-done = Avisados: { $count }
remind-some = Avisados: { $count }; no fue posible con { $refused }
retry-title = Reintentar pagos
retry-button = { $count ->
    [one] Reintentar { $count } reembolso
   *[other] Reintentar { $count } reembolsos
}
retry-then = Cada pago que falló se ordena una vez más. Antes no salió nada del monedero por ellos.
retry-done = Ordenados de nuevo: { $count }
retry-some = Ordenados de nuevo: { $count }; no fue posible con { $refused }
cancel-button = { $count ->
    [one] Cancelar { $count } reembolso
   *[other] Cancelar { $count } reembolsos
}
cancel-then = No se envía nada. El dinero vuelve a donde estaba y los enlaces de quienes pagaron dejan de funcionar.
cancel-done = Cancelados: { $count }
cancel-some = Cancelados: { $count }; no fue posible con { $refused }
heading = { $count ->
    [one] { $title }: { $count } reembolso
   *[other] { $title }: { $count } reembolsos
}
to-be-done = Los reembolsos a los que se aplica, los más nuevos primero
nothing-label = Nada seleccionado
nothing = No hay nada seleccionado
nothing-text = Marque reembolsos en la lista, o elija todos los que coinciden con sus filtros. No se hizo nada.
to-refunds = Ir a los reembolsos
left-out = { $count ->
    [one] { $count } de los reembolsos seleccionados está donde esto no se puede hacer y se deja fuera.
   *[other] { $count } de los reembolsos seleccionados están donde esto no se puede hacer y se dejan fuera.
}
more = Coinciden más de { $most }. Esto es sobre los { $most } más nuevos; vuelva para el resto.
unseen = Y { $count } más.
not-now = Ahora no
nothing-to-do = Nada que hacer
so-far = { $looked } de { $all }. { $done }
skipped = { $count } estaban donde esto no se puede hacer y se dejaron como están.
stopped = Detenido tras { $most } que no se pudieron hacer: mire primero los motivos. { $untouched } no se tocaron.
refused = No se pudo hacer
back = Volver a los reembolsos
go-on = Seguir
stop-here = Parar aquí
untouched = { $count } se quedan como están hasta que siga.
how-far = Cuánto se ha avanzado

recent = Reembolsos recientes
recent-caption = Reembolsos recientes, los más nuevos primero
see-all = Ver todos
period = Período
last-days = { $count ->
    [one] Último día ({ $count })
   *[other] Últimos { $count } días
}
paid-out = Pagados
in-days = { $count ->
    [one] en { $count } día
   *[other] en { $count } días
}
claimed-within = Reclamados en
median = mediana desde su creación
returned = Devuelto a usted
returned-none = { $days ->
    [one] No caducó nada en { $days } día.
   *[other] No caducó nada en { $days } días.
}
returned-some = { $count ->
    [one] { $count } reembolso caducó y se abonó a sus MID: { $amounts }.
   *[other] { $count } reembolsos caducaron y se abonaron a sus MID: { $amounts }.
}

attention = Requiere atención
sums-since = { $amounts }, el primero desde { $time }.
sums-ending = { $amounts }, el primero hasta { $time }.
approvals = { $count ->
    [one] { $shown } reembolso requiere aprobación
   *[other] { $shown } reembolsos requieren aprobación
}
approvals-text = Decide una segunda persona; hasta entonces no se envía nada.
policy-waits = Una política espera a una segunda persona
policy-waits-text = Un cambio en { $mids } relaja un límite. No entra en vigor hasta que otra persona esté de acuerdo.
review = Revisar
failures = { $count ->
    [one] { $shown } pago falló
   *[other] { $shown } pagos fallaron
}
failures-text = Nada salió del monedero; el dinero se les sigue debiendo a quienes pagaron.
retry = Reintentar
holds = { $count ->
    [one] { $shown } reembolso está retenido
   *[other] { $shown } reembolsos están retenidos
}
holds-text = Alguien los mira antes de que se envíen.
look = Mirar
expiring = { $count ->
    [one] { $shown } reembolso caduca en 7 días
   *[other] { $shown } reembolsos caducan en 7 días
}
expiring-text = Nadie los ha reclamado. Márquelos allí para volver a escribir a quienes pagaron.
remind = Recordar
action-for = { $action }: { $task }
calm = No hay nada pendiente.
scheduled = { $count ->
    [one] { $shown } reembolso está programado.
   *[other] { $shown } reembolsos están programados.
}
scheduled-next = { $count ->
    [one] { $shown } reembolso está programado; el próximo sale { $time }.
   *[other] { $shown } reembolsos están programados; el próximo sale { $time }.
}

webhooks-delivered = Webhooks entregados
webhooks-wait = { $count ->
    [one] { $shown } webhook espera su entrega
   *[other] { $shown } webhooks esperan su entrega
}
rails-in-sync = Redes al día
ledger-balanced = Libros cuadrados: { $time }
endpoints-off = { $count ->
    [one] { $count } destino de webhooks está desactivado
   *[other] { $count } destinos de webhooks están desactivados
}
endpoints-off-text = Respondió que ya no existe (410): no se le envía nada hasta que alguien lo active de nuevo.
endpoints-failing = { $count ->
    [one] { $count } destino de webhooks no responde
   *[other] { $count } destinos de webhooks no responden
}
endpoints-failing-text = Lo que no aceptó en tres días no se vuelve a enviar solo. Mire por qué y envíelo otra vez.
rails-away = Sin respuesta de { $networks }
rails-away-text = No se pudieron comparar libros y redes. No se pierde nada: los pagos allí esperan a que responda.
books-short = Las redes tienen menos de lo que dicen los libros
books-short-text = Más de lo que explican los pagos en curso. El estado del sistema dice de qué activo y cuánto.
books-short-elsewhere = Quien opera esta instalación lo está mirando. Lo que usted debe a quienes pagaron sigue como está escrito aquí.

held = Retenido para reembolsos
held-caption = Dinero debido a quienes pagaron, por activo
asset = Activo
open = Abiertos
held-head = Retenido
matches = Coincide con las redes
being-checked = En revisión
off-by = Diferencia de { $amounts }
nothing-owed = Ahora no se debe nada a quienes pagaron.

made = Reembolsos creados
made-none = { $days ->
    [one] Ninguno en { $days } día.
   *[other] Ninguno en { $days } días.
}
made-some = { $days ->
    [one] { $count } en { $days } día
   *[other] { $count } en { $days } días
}
chart = Reembolsos creados por día en { $days } días: { $all } en total, { $most } el día de más actividad
per-day = Reembolsos creados por día
as-table = Mostrar como tabla
table-label = Reembolsos creados, por día y motivo
day = Día
other = Otros

claimed = Tiempo hasta reclamar
claimed-none = { $days ->
    [one] Aún no se reclamó ningún reembolso creado en { $days } día.
   *[other] Aún no se reclamó ningún reembolso creado en { $days } días.
}
claimed-of = { $count ->
    [one] { $count } reclamado, creado { $days }
   *[other] { $count } reclamados, creados { $days }
}
claimed-label = Reembolsos según el tiempo hasta reclamarlos
claimed-after = Reclamados en
within-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
within-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
later = Más
refunds = Reembolsos
share = Parte
so-far = Acumulado
returned-chart = Reembolsos caducados por día en { $days } días: { $all } en total, { $most } el día de más actividad
returned-per-day = Reembolsos caducados por día
returned-label = Reembolsos caducados, por día
returned-head = Abonado a usted

setup = Prepare su tienda
setup-far = { $done } de { $all } hechos. Cada uno puede esperar o saltarse.
setup-done = { $step }, hecho
skip = Saltar
skip-step = Saltar: { $step }
skipping = Saltando…
step-brand = Diga cómo le ven quienes pagan
step-brand-text = Su nombre, logotipo y color en cada página y correo que reciben.
step-policy = Elija qué pasa cuando un pago no coincide
step-policy-text = Hasta que lo cambie: se reembolsa lo que sobra, y lo que es muy poco o llega tarde.
step-key = Conecte su programa
step-key-text = Una clave le permite crear facturas y reembolsos.
step-webhook = Entérese de cada reembolso
step-webhook-text = Un webhook avisa a su programa al momento, enlaces incluidos.
step-colleague = Invite a un colega
step-colleague-text = Quien hace un reembolso grande nunca lo aprueba: lo hace otra persona.
step-second-factor = Proteja su inicio de sesión
step-second-factor-text = Una llave de acceso o una aplicación de códigos deja fuera a quien sepa su contraseña.

overview = Resumen
refunds = Reembolsos
invoices = Facturas
policies = Políticas
settings = Ajustes
mids = ID de comercio
health = Estado del sistema
audit = Registro de auditoría
admin = Administración
waiting = { $count ->
    [one] { $shown } espera aprobación
   *[other] { $shown } esperan aprobación
}
new-refund = Nuevo reembolso
breadcrumb = Ruta de la página
search-all = Buscar en todos los reembolsos
search-hint = Reembolsos, pedidos, direcciones
skip = Ir al contenido
navigation = Navegación
main = Principal
sandbox = Pruebas
sign-out = Cerrar sesión
staff-only = Puede ver esto, pero no cambiarlo. Pregunte a un propietario.

role-admin = Administrador
role-owner = Propietario
role-manager = Gestor
role-support = Soporte
role-viewer = Lector

lost = Datos de las { $time }. Reconectando…
changed = Esta página cambió entretanto.
show-it = Mostrar

go-to = Ir a cualquier sitio
go-to-search = Busque, o vaya a una página
go-to-hint = Referencia, pedido, correo, dirección, transacción
results = Resultados
one-result = 1 resultado
many-results = { $count } resultados
refund = Reembolso { $reference }
invoice = Factura { $reference }
search-refunds = Buscar reembolsos
search-invoices = Buscar facturas
search-for = «{ $text }»
go-to-keys = { $up } { $down } mover { $enter } abrir { $escape } cerrar

shortcuts = Atajos de teclado
close = Cerrar
single-keys = Atajos de una sola tecla
then = { $first } y luego { $next }
key-search = Buscar
key-lists = Resumen, Reembolsos, Facturas
key-settings = Políticas, Ajustes
key-rows = Fila siguiente, anterior
key-select = Seleccionar fila, intervalo
key-open = Abrir
key-approve = Aprobar
key-copy = Copiar el enlace del reembolso
key-export = Exportar
key-send = Enviar un formulario

and = { $first } y { $second }

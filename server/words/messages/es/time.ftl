### Fechas y duraciones.

day = { $weekday } { $day } { $month } { $year }
weekday = { $weekday } { $day } de { $month }
minute = { $day }, { $clock }
day-and-month = { $day } { $month }
date = { $day } { $month } { $year }
short = { $day }, { $clock }

days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
days-and-hours = { $days ->
    [one] { $days } día { $hours } h
   *[other] { $days } días { $hours } h
}
days-hours-minutes = { $days ->
    [one] { $days } día { $hours } h { $minutes } min
   *[other] { $days } días { $hours } h { $minutes } min
}
left = Quedan { $time }
hours-and-minutes = { $hours } h { $minutes } min
minutes = { $count } min
less-than-a-minute = menos de un minuto

weekday-short = { $weekday ->
    [1] lun
    [2] mar
    [3] mié
    [4] jue
    [5] vie
    [6] sáb
   *[7] dom
}
weekday-full = { $weekday ->
    [1] lunes
    [2] martes
    [3] miércoles
    [4] jueves
    [5] viernes
    [6] sábado
   *[7] domingo
}
month-short = { $month ->
    [1] ene
    [2] feb
    [3] mar
    [4] abr
    [5] may
    [6] jun
    [7] jul
    [8] ago
    [9] sept
    [10] oct
    [11] nov
   *[12] dic
}
month-full = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}

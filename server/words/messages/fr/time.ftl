### Dates et durées.

day = { $weekday } { $day } { $month } { $year }
weekday = { $weekday } { $day } { $month }
minute = { $day } à { $clock }
day-and-month = { $day } { $month }
date = { $day } { $month } { $year }
short = { $day }, { $clock }

days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
days-and-hours = { $days ->
    [one] { $days } jour { $hours } h
   *[other] { $days } jours { $hours } h
}
days-hours-minutes = { $days ->
    [one] { $days } jour { $hours } h { $minutes } min
   *[other] { $days } jours { $hours } h { $minutes } min
}
left = Il reste { $time }
hours-and-minutes = { $hours } h { $minutes } min
minutes = { $count } min
less-than-a-minute = moins d’une minute

weekday-short = { $weekday ->
    [1] lun.
    [2] mar.
    [3] mer.
    [4] jeu.
    [5] ven.
    [6] sam.
   *[7] dim.
}
weekday-full = { $weekday ->
    [1] lundi
    [2] mardi
    [3] mercredi
    [4] jeudi
    [5] vendredi
    [6] samedi
   *[7] dimanche
}
month-short = { $month ->
    [1] janv.
    [2] févr.
    [3] mars
    [4] avr.
    [5] mai
    [6] juin
    [7] juil.
    [8] août
    [9] sept.
    [10] oct.
    [11] nov.
   *[12] déc.
}
month-full = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}

### Tage und Zeitspannen.

day = { $weekday } { $day }. { $month } { $year }
weekday = { $weekday }, { $day }. { $month }
minute = { $day }, { $clock } Uhr
day-and-month = { $day }. { $month }
date = { $day }. { $month } { $year }
short = { $day }, { $clock }

days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
days-and-hours = { $days ->
    [one] { $days } Tag { $hours } Std.
   *[other] { $days } Tage { $hours } Std.
}
days-hours-minutes = { $days ->
    [one] { $days } Tag { $hours } Std. { $minutes } Min.
   *[other] { $days } Tage { $hours } Std. { $minutes } Min.
}
left = Noch { $time }
hours-and-minutes = { $hours } Std. { $minutes } Min.
minutes = { $count } Min.
less-than-a-minute = weniger als eine Minute

weekday-short = { $weekday ->
    [1] Mo.
    [2] Di.
    [3] Mi.
    [4] Do.
    [5] Fr.
    [6] Sa.
   *[7] So.
}
weekday-full = { $weekday ->
    [1] Montag
    [2] Dienstag
    [3] Mittwoch
    [4] Donnerstag
    [5] Freitag
    [6] Samstag
   *[7] Sonntag
}
month-short = { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
}
month-full = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}

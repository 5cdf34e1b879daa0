### Dates and durations. $weekday in the selectors is 1 (Monday) to 7 (Sunday), $month 1 (January) to 12.

# A date with its weekday: Wed 17 Feb 2027
day = { $weekday } { $day } { $month } { $year }
# A date in full words, without the year: Sunday 22 November
weekday = { $weekday } { $day } { $month }
# A date and a time: Wed 17 Feb 2027, 07:36
minute = { $day }, { $clock }
# A date without its weekday: 17 Feb
day-and-month = { $day } { $month }
# A date: 17 Feb 2027
date = { $day } { $month } { $year }
# A date, as short as the two before, and a time: 17 Feb, 07:36
short = { $day }, { $clock }

# How long something lasts, in whole days.
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
# How long something lasts, in its two largest units.
days-and-hours = { $days ->
    [one] { $days } day { $hours } h
   *[other] { $days } days { $hours } h
}
# How long something lasts, counted down: 2 days 23 h 58 min
days-hours-minutes = { $days ->
    [one] { $days } day { $hours } h { $minutes } min
   *[other] { $days } days { $hours } h { $minutes } min
}
# How long is left: 10 min left
left = { $time } left
# How long something lasts: 31 h 12 min
hours-and-minutes = { $hours } h { $minutes } min
# How long something lasts, under an hour.
minutes = { $count } min
# How long something lasts, at the very end.
less-than-a-minute = less than a minute

weekday-short = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
}
weekday-full = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
month-short = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
month-full = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

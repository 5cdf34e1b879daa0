### التواريخ والمدد.

day = { $weekday } { $day } { $month } { $year }
weekday = { $weekday } { $day } { $month }
minute = { $day }، { $clock }
day-and-month = { $day } { $month }
date = { $day } { $month } { $year }
short = { $day }، { $clock }

days = { $count ->
    [zero] { $count } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
days-and-hours = { $days ->
    [one] يوم واحد و{ $hours } س
    [two] يومان و{ $hours } س
    [few] { $days } أيام و{ $hours } س
    [many] { $days } يومًا و{ $hours } س
   *[other] { $days } يوم و{ $hours } س
}
days-hours-minutes = { $days ->
    [one] يوم واحد و{ $hours } س { $minutes } د
    [two] يومان و{ $hours } س { $minutes } د
    [few] { $days } أيام و{ $hours } س { $minutes } د
    [many] { $days } يومًا و{ $hours } س { $minutes } د
   *[other] { $days } يوم و{ $hours } س { $minutes } د
}
left = متبقٍ { $time }
hours-and-minutes = { $hours } س و{ $minutes } د
minutes = { $count ->
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $count } دقائق
    [many] { $count } دقيقة
   *[other] { $count } دقيقة
}
less-than-a-minute = أقل من دقيقة

weekday-short = { $weekday ->
    [1] الاثنين
    [2] الثلاثاء
    [3] الأربعاء
    [4] الخميس
    [5] الجمعة
    [6] السبت
   *[7] الأحد
}
weekday-full = { $weekday ->
    [1] الاثنين
    [2] الثلاثاء
    [3] الأربعاء
    [4] الخميس
    [5] الجمعة
    [6] السبت
   *[7] الأحد
}
month-short = { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
}
month-full = { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
}

overpaid = دفع زائد
underpaid = دفع ناقص
late = متأخر
state = الحالة
email-refunds = الرسائل
email-refunds-on = نعم
email-refunds-off = لا
open-refunds = المبالغ المستردة المفتوحة
held = محتجز
all-mids = كل معرّفات MID
find-mid = البحث عن معرّف MID
find-hint = الاسم أو التاجر أو المعرّف
find = بحث
find-all = عرض الكل
no-mid-found = لا يوجد معرّف MID يحمل ذلك في اسمه أو اسم تاجره أو معرّفه.
no-mid = لا يوجد معرّف MID بعد
no-mid-text = أضف الأول أعلاه. يبدأ بالسياسة الافتراضية.
new-mid = معرّف MID جديد
merchant-hint = الاسم الذي يعرف به الدافعون المنشأة. يُنشأ إن لم يكن موجودًا بعد.
mid-name = معرّف MID
mid-name-hint = الاسم الذي يعرف به الموظفون المتجر.
settles-in = التسوية بعملة
settles-in-hint = العملة التي تُقيَّد بها المبالغ المستردة التي لم يطالب بها أحد، مثل EUR. فارغ: بعملاتها نفسها.
add-mid = إضافة معرّف MID
mid-taken = للتاجر معرّف MID بهذا الاسم: اختر اسمًا آخر
wrong-currency = استخدم رمز عملة من ثلاثة أحرف، مثل EUR
mids-text = معرّف MID الموقوف لا يقرر شيئًا حسب القواعد ولا يرسل شيئًا. ما هو في الطريق إلى شبكة يستمر.
mids-by-name = معرّفات التجار، حسب الاسم
is-open = مفتوح
is-suspended = موقوف
suspend-named = إيقاف { $mid }
suspend = إيقاف
suspend-text = تُحتجز دفعاته ليقررها شخص، ولا يُرسل منه شيء.
suspending = جارٍ الإيقاف…
suspend-mid = إيقاف معرّف MID
open-named = فتح { $mid }
open = فتح
opening = جارٍ الفتح…
locked-until = المدفوعات الصادرة مقفلة حتى { $until }
unlock-of = فتح قفل المدفوعات الصادرة لدى { $merchant }
unlock = فتح القفل
unlock-text = فقط بعد أن تتأكد، بطريقة غير البريد الإلكتروني، من أن التغيير من التاجر نفسه.
unlocking = جارٍ فتح القفل…
unlock-payouts = فتح قفل المدفوعات الصادرة
refund-extra = رد الزيادة
keep-all = الاحتفاظ بكل شيء
refund-all = رد كل شيء
ask-person = سؤال شخص
accept-sent = قبول ما أُرسل
price-again = إعادة حساب السعر
accept-late = قبوله
accept-close = قبوله ما دام السعر قريبًا
payouts = المدفوعات الصادرة
stopped = المدفوعات الصادرة متوقفة.
stopped-text = ما زالت الطلبات تعمل وتنتظر. ما هو في الطريق إلى شبكة يستمر.
letting-go = جارٍ الاستئناف…
let-go = استئناف المدفوعات الصادرة
running-text = تُرسل المدفوعات الصادرة عند استحقاقها. إيقافها يبقي مال كل تاجر في مكانه؛ وتبقى الطلبات عاملة.
stop-all = إيقاف كل المدفوعات الصادرة
stop-text = لا يُرسل شيء لأي تاجر حتى يستأنف أحدهم المدفوعات الصادرة. ما هو في الطريق يستمر.
stopping = جارٍ الإيقاف…
stop = إيقاف المدفوعات الصادرة
asset = الأصل
books = الدفاتر
rail = قناة الدفع
compared = قورن في
matches = متطابق
differs = مختلف
no-answer = لا رد
holds-all = في قناة الدفع ما تقوله الدفاتر
surplus = فائض: رصيد المشغّل الاحتياطي، أو عملات لم يُقيَّد لها إيداع
under-way = أقل، لكن بما لا يزيد على المدفوعات الجارية: تنتظر تقييدها نهائيًا
not-paid-in = أقل مما تقوله الدفاتر: ما حصّله الآخرون وأبلغوا عنه تودعه أنت في العنوان الساخن
missing = نقص: عملات مستحقة ليست في حسابات قناة الدفع؛ ابحث عما خرج
rail-said = تعذر سؤالها: «{ $words }»
not-compared = لم تُقارن الدفاتر وقنوات الدفع بعد. يحدث ذلك مرة كل ساعة.
books-and-rails = الدفاتر وقنوات الدفع
books-beside = الدفاتر بجانب ما في قنوات الدفع، حسب الأصل
books-text = مرة كل ساعة. يُبلَّغ عن الفرق ولا يُصحَّح أبدًا. يثبت { $command } صحة الدفاتر من الصفوف وحدها.
work = العمل
waiting = في الانتظار
due = مستحق
failing = متعثر
next-due = الاستحقاق التالي
nothing-waits = لا شيء في الانتظار.
all-well = كل شيء على ما يرام
warnings = { $count ->
    [zero] لا تحذيرات
    [one] تحذير واحد
    [two] تحذيران
    [few] { $count } تحذيرات
    [many] { $count } تحذيرًا
   *[other] { $count } تحذير
}
webhooks-waiting = إشعارات Webhook في الانتظار
endpoints-answer = كل عناوين Webhook تستجيب
endpoints-silent = { $count ->
    [zero] كل عناوين Webhook تستجيب
    [one] عنوان Webhook واحد لا يستجيب
    [two] عنوانا Webhook لا يستجيبان
    [few] { $count } عناوين Webhook لا تستجيب
    [many] { $count } عنوان Webhook لا يستجيب
   *[other] { $count } عنوان Webhook لا يستجيب
}
payouts-under-way = دفعات في الطريق
mails-waiting = رسائل في الانتظار
mails-off = لم يُضبط خادم بريد
mails-text = للدافعين والتجار
work-due = عمل مستحق
oldest = الأقدم: { $time }
nothing-old = لا شيء ينتظر
block = الكتلة
queues = قوائم الانتظار
queues-by-kind = العمل المنتظر، حسب النوع
in-utc = الأوقات بالتوقيت العالمي UTC
work-expire-invoice = فواتير تنتهي مهلتها
work-expire-claim = روابط استرداد تنتهي
work-remind = تذكيرات
work-release = مبالغ مستردة للإرسال
work-pay = مدفوعات صادرة جارية
work-recheck = مدفوعات صادرة لإعادة الفحص
work-recheck-deposit = دفعات لإعادة الفحص
work-unwind = دفعات اختفت
work-activate-policy = سياسات لها تاريخ
work-deliver = Webhooks
work-mail = رسائل البريد
work-reconcile = دفاتر وقنوات دفع للمقارنة
nothing-written = لا شيء مدوّن هنا
no-match = لا يوجد صف يطابق عوامل التصفية هذه.
audit-newest = سجل التدقيق، الأحدث أولًا
audit-text = مَن فعل ماذا، مدوّنًا مع الفعل. تشمل بصمة كل صف الصفَّ والبصمة التي قبله: يثبت ذلك { $command }.
newest = الأحدث
older = الأقدم
merchant = التاجر
installation = التثبيت
any-action = كل ما أُنجز
subject = المرجع أو البريد أو المعرّف لما جرى عليه
subject-hint = المرجع أو البريد أو المعرّف
show = عرض
you = أنت
by-operator = المشغّل
by-payer = الدافع
by-key = مفتاح API

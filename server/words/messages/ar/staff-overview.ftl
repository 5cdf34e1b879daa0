recent = أحدث المبالغ المستردة
recent-caption = أحدث المبالغ المستردة، الأحدث أولًا
see-all = عرض الكل
period = المدة
last-days = { $count ->
    [few] آخر { $count } أيام
   *[other] آخر { $count } يومًا
}
paid-out = تم الصرف
in-days = { $count ->
    [few] خلال { $count } أيام
   *[other] خلال { $count } يومًا
}
claimed-within = طُلبت خلال
median = الوسيط منذ الإنشاء
returned = عاد إليك
returned-none = { $days ->
    [few] لم تنته صلاحية شيء خلال { $days } أيام.
   *[other] لم تنته صلاحية شيء خلال { $days } يومًا.
}
returned-some = { $count ->
    [one] انتهت صلاحية مبلغ مسترد واحد وأُضيف إلى أرصدتك: { $amounts }.
    [two] انتهت صلاحية مبلغين مستردين وأُضيفا إلى أرصدتك: { $amounts }.
    [few] انتهت صلاحية { $count } مبالغ مستردة وأُضيفت إلى أرصدتك: { $amounts }.
   *[other] انتهت صلاحية { $count } مبلغًا مستردًا وأُضيفت إلى أرصدتك: { $amounts }.
}

attention = يحتاج إلى اهتمام
sums-since = { $amounts }، أولها منذ { $time }.
sums-ending = { $amounts }، أولها حتى { $time }.
approvals = { $count ->
    [one] مبلغ مسترد واحد يحتاج إلى موافقة
    [two] مبلغان مستردان يحتاجان إلى موافقة
    [few] { $shown } مبالغ مستردة تحتاج إلى موافقة
    [many] { $shown } مبلغًا مستردًا يحتاج إلى موافقة
   *[other] { $shown } مبلغ مسترد يحتاج إلى موافقة
}
approvals-text = يقرر شخص ثانٍ؛ ولا يُرسل شيء حتى ذلك الحين.
policy-waits = سياسة تنتظر شخصًا ثانيًا
policy-waits-text = تغيير لدى { $mids } يخفف حدًا. ولا يسري قبل أن يوافق شخص آخر.
review = مراجعة
failures = { $count ->
    [one] فشلت عملية صرف واحدة
    [two] فشلت عمليتا صرف
    [few] فشلت { $shown } عمليات صرف
   *[other] فشلت { $shown } عملية صرف
}
failures-text = لم يخرج شيء من المحفظة؛ ولا يزال المال مستحقًا للدافعين.
retry = إعادة المحاولة
holds = { $count ->
    [one] مبلغ مسترد واحد معلّق
    [two] مبلغان مستردان معلّقان
    [few] { $shown } مبالغ مستردة معلّقة
    [many] { $shown } مبلغًا مستردًا معلّقًا
   *[other] { $shown } مبلغ مسترد معلّق
}
holds-text = ينظر فيها أحدهم قبل إرسالها.
look = عرض
expiring = { $count ->
    [one] مبلغ مسترد واحد تنتهي صلاحيته خلال 7 أيام
    [two] مبلغان مستردان تنتهي صلاحيتهما خلال 7 أيام
    [few] { $shown } مبالغ مستردة تنتهي صلاحيتها خلال 7 أيام
    [many] { $shown } مبلغًا مستردًا تنتهي صلاحيته خلال 7 أيام
   *[other] { $shown } مبلغ مسترد تنتهي صلاحيته خلال 7 أيام
}
expiring-text = لم يطلبها أحد. حددها هناك لمراسلة دافعيها مجددًا.
remind = تذكير
action-for = { $action }: { $task }
calm = لا شيء يحتاج إليك.
scheduled = { $count ->
    [one] مبلغ مسترد واحد مجدول.
    [two] مبلغان مستردان مجدولان.
    [few] { $shown } مبالغ مستردة مجدولة.
    [many] { $shown } مبلغًا مستردًا مجدولًا.
   *[other] { $shown } مبلغ مسترد مجدول.
}
scheduled-next = { $count ->
    [one] مبلغ مسترد واحد مجدول، ويخرج في { $time }.
    [two] مبلغان مستردان مجدولان، ويخرج أولهما في { $time }.
    [few] { $shown } مبالغ مستردة مجدولة، ويخرج أولها في { $time }.
    [many] { $shown } مبلغًا مستردًا مجدولًا، ويخرج أولها في { $time }.
   *[other] { $shown } مبلغ مسترد مجدول، ويخرج أولها في { $time }.
}

webhooks-delivered = سُلّمت إشعارات Webhook
webhooks-wait = { $count ->
    [one] إشعار Webhook واحد ينتظر التسليم
    [two] إشعارا Webhook ينتظران التسليم
    [few] { $shown } إشعارات Webhook تنتظر التسليم
   *[other] { $shown } إشعار Webhook ينتظر التسليم
}
rails-in-sync = الشبكات متطابقة
ledger-balanced = الدفاتر متوازنة، { $time }
endpoints-off = { $count ->
    [one] عنوان Webhook واحد متوقف
    [two] عنوانا Webhook متوقفان
    [few] { $count } عناوين Webhook متوقفة
   *[other] { $count } عنوان Webhook متوقف
}
endpoints-off-text = أجاب بأنه لم يعد موجودًا (410)، فلا يُرسل إليه شيء حتى يشغّله أحد من جديد.
endpoints-failing = { $count ->
    [one] عنوان Webhook واحد لا يجيب
    [two] عنوانا Webhook لا يجيبان
    [few] { $count } عناوين Webhook لا تجيب
   *[other] { $count } عنوان Webhook لا يجيب
}
endpoints-failing-text = ما لم يقبله خلال ثلاثة أيام لا يُرسل من جديد تلقائيًا. انظر في السبب ثم أعد إرساله.
rails-away = لا جواب من { $networks }
rails-away-text = تعذرت مقارنة الدفاتر بالشبكات. لم يضع شيء: المدفوعات هناك تنتظر حتى يأتي الجواب.
books-short = في الشبكات أقل مما تقوله الدفاتر
books-short-text = أكثر مما تفسره المدفوعات الجارية. تقول صفحة حالة النظام في أي أصل وكم.
books-short-elsewhere = مشغّل هذا النظام ينظر في الأمر. ما تدين به للدافعين يبقى كما هو مكتوب هنا.

held = محفوظ للمبالغ المستردة
held-caption = المال المستحق للدافعين، حسب العملة
asset = العملة
open = مفتوحة
held-head = محفوظ
matches = يطابق الشبكات
being-checked = قيد التحقق
off-by = فرق قدره { $amounts }
nothing-owed = لا شيء مستحق للدافعين الآن.

made = المبالغ المستردة المنشأة
made-none = { $days ->
    [few] لا شيء خلال { $days } أيام.
   *[other] لا شيء خلال { $days } يومًا.
}
made-some = { $days ->
    [few] { $count } خلال { $days } أيام
   *[other] { $count } خلال { $days } يومًا
}
chart = المبالغ المستردة المنشأة يوميًا خلال { $days } يومًا: { $all } إجمالًا، و{ $most } في أكثر الأيام نشاطًا
per-day = المبالغ المستردة المنشأة يوميًا
as-table = عرض كجدول
table-label = المبالغ المستردة المنشأة، حسب اليوم والسبب
day = اليوم
other = أخرى

claimed = الوقت حتى الطلب
claimed-none = { $days ->
    [few] لم يُطلب بعد أي مبلغ أُنشئ خلال { $days } أيام.
   *[other] لم يُطلب بعد أي مبلغ أُنشئ خلال { $days } يومًا.
}
claimed-of = { $count ->
    [one] مبلغ واحد طُلب، أُنشئ { $days }
    [two] مبلغان طُلبا، أُنشئا { $days }
    [few] { $count } مبالغ طُلبت، أُنشئت { $days }
   *[other] { $count } مبلغًا طُلب، أُنشئ { $days }
}
claimed-label = المبالغ المستردة حسب الوقت حتى طلبها
claimed-after = طُلبت خلال
within-hours = { $count ->
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $count } ساعات
   *[other] { $count } ساعة
}
within-days = { $count ->
    [one] يوم واحد
    [two] يومين
    [few] { $count } أيام
   *[other] { $count } يومًا
}
later = أكثر
refunds = المبالغ
share = الحصة
so-far = المجموع
returned-chart = المبالغ المنتهية كل يوم خلال { $days } يومًا: { $all } إجمالًا، { $most } في أكثر الأيام
returned-per-day = المبالغ المنتهية كل يوم
returned-label = المبالغ المنتهية حسب اليوم
returned-head = أُضيف إليك

setup = جهّز متجرك
setup-far = أُنجز { $done } من { $all }. يمكن تأجيل كل خطوة أو تخطيها.
setup-done = { $step }، تم
skip = تخطٍ
skip-step = تخطٍ: { $step }
skipping = جارٍ التخطي…
step-brand = حدد كيف يراك الدافعون
step-brand-text = اسمك وشعارك ولونك في كل صفحة ورسالة تصلهم.
step-policy = اختر ما يحدث عندما تختلف الدفعة
step-policy-text = إلى أن تغيّره: يُرد الزائد، وما كان أقل أو متأخرًا.
step-key = اربط برنامجك
step-key-text = يتيح له المفتاح إنشاء الفواتير والمبالغ المستردة.
step-webhook = اعلم بكل مبلغ مسترد
step-webhook-text = يخبر Webhook برنامجك فور حدوثه، مع روابط الاسترداد.
step-colleague = ادعُ زميلًا
step-colleague-text = من ينشئ مبلغًا مستردًا كبيرًا لا يوافق عليه أبدًا: بل شخص آخر.
step-second-factor = احمِ تسجيل دخولك
step-second-factor-text = يمنع مفتاح المرور أو تطبيق الرموز من يعرف كلمة مرورك.

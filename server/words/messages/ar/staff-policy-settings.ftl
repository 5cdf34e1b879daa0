### إعدادات السياسة.

not-set = غير محدد
minutes = { $count ->
    [one] { $count } دقيقة
    [two] { $count } دقيقتان
    [few] { $count } دقائق
   *[other] { $count } دقيقة
}
hours = { $count ->
    [one] { $count } ساعة
    [two] { $count } ساعتان
    [few] { $count } ساعات
   *[other] { $count } ساعة
}
days = { $count ->
    [one] { $count } يوم
    [two] { $count } يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
months = { $count ->
    [one] { $count } شهر
    [two] { $count } شهران
    [few] { $count } أشهر
    [many] { $count } شهرًا
   *[other] { $count } شهر
}
years = { $count ->
    [one] { $count } سنة
    [two] { $count } سنتان
    [few] { $count } سنوات
   *[other] { $count } سنة
}
weeks = { $count ->
    [one] { $count } أسبوع
    [two] { $count } أسبوعان
    [few] { $count } أسابيع
   *[other] { $count } أسبوعًا
}
seconds = { $count ->
    [one] { $count } ثانية
    [two] { $count } ثانيتان
    [few] { $count } ثوانٍ
   *[other] { $count } ثانية
}
percent = { $number } %
days-before = قبل { $list } من الأيام
unit-years = سنوات
unit-weeks = أسابيع
unit-seconds = ثوانٍ
unit-minutes = دقائق
unit-hours = ساعات
unit-days = أيام
unit-months = أشهر
unit-of = { $setting }، الوحدة
currency-of = { $setting }، العملة
amount-of = { $setting }، المبلغ { $number }
amounts-hint = مبلغ في كل سطر مع عملته. امسح المبلغ لإزالة سطره.

choose-one = اختر من هذه الخيارات
write-grace = أدخل من 0 إلى 7 أيام
write-drift = أدخل نسبة من 0 إلى 100 بالمئة
write-tolerance = أدخل نسبة من 0 إلى 50 بالمئة
write-top-up = أدخل من 0 إلى 30 يومًا
write-delay = أدخل من 0 إلى 30 يومًا
write-claim = أدخل من 1 إلى 365 يومًا
write-cap = أدخل نسبة أكبر من 0 وحتى 100 بالمئة
write-requote = أدخل من 0 إلى 90 يومًا
write-window = أدخل من 0 دقيقة إلى يوم واحد؛ مع 0 يُرسل كل مبلغ وحده وعلى الفور
write-quote = أدخل من دقيقة واحدة إلى يوم واحد
write-refund-window = أدخل من 1 إلى 3650 يومًا
write-amounts = أدخل مبالغ لا تقل عن 0 وبمنزلتين عشريتين على الأكثر، لكل منها عملة خاصة به مثل EUR
write-reminders = أدخل حتى 10 أعداد من الأيام من 1 إلى 364، من الأكبر إلى الأصغر، مثل 30, 7, 1

overpaid = دفع زائد
overpaid-text = يرسل الدافع أكثر مما تطلبه الفاتورة، مثل 150 USDT بدلًا من 100 USDT.
underpaid = دفع ناقص
underpaid-text = يرسل الدافع أقل مما تطلبه الفاتورة، مثل 50 USDT بدلًا من 100 USDT.
late = دفع متأخر
late-text = تصل الدفعة بعد انتهاء الفاتورة، فلم يعد السعر ساريًا.
people = الأشخاص
people-text = من يراجع المبلغ المسترد قبل إرساله. مبلغ لكل عملة؛ وبدون أي مبلغ لا يلزم أحد.
rules = قواعد لكل استرداد
rules-text = كيف يطلب الدافعون أموالهم، وكم مدة إمكان الإلغاء، ومن يدفع للشبكة.
news = البريد الإلكتروني وخطافات الويب
news-text = من يخبر الدافع، ومتى يُذكَّر.
own = المبالغ التي تردها بنفسك
own-text = من فواتير مدفوعة.

ask-a-person = سؤال شخص
ask-a-person-text = يُحتجز المال حتى يقرر أحد
refund-everything = رد كل المبلغ
recalc = حساب السعر من جديد
recalc-text = بسعر تلك اللحظة: ما يغطيه يُقبل، وما لا يغطيه يُرد

on-over = دفع زائد: ماذا يحدث؟
on-over-hint = ماذا يحدث عندما يرسل الدافع أكثر من المطلوب.
on-over-extra = رد الزيادة
on-over-extra-text = تحصل على 100 USDT. يحصل الدافع على رابط بمبلغ 50 USDT. الفاتورة مدفوعة
on-over-keep = الاحتفاظ بالكل
on-over-keep-text = تحصل على 150 USDT كلها. لا استرداد. الفاتورة مدفوعة
on-over-refund-text = يحصل الدافع على رابط بمبلغ 150 USDT. الفاتورة غير مدفوعة
tolerance-hint = حتى أي فرق، نقصًا أو زيادة، تُعد الدفعة مطابقة: النسبة أو المبلغ، أيهما يسمح بأكثر.
tolerance-percent = تجاهل الفروق حتى (%)
tolerance-absolute = أو حتى هذه المبالغ
claim-floor = أصغر مبلغ مسترد
claim-floor-hint = المبلغ الذي لا يستحق الفرق دونه استردادًا: يُحفظ جانبًا كباقٍ.

on-under = دفع ناقص: ماذا يحدث؟
on-under-hint = ماذا يحدث عندما يرسل الدافع أقل من المطلوب.
on-under-refund-text = يحصل الدافع على رابط بمبلغ 50 USDT. الفاتورة غير مدفوعة
on-under-accept = قبول ما أُرسل
on-under-accept-text = تحصل على 50 USDT. تُوسم الفاتورة بأنها مدفوعة بأقل من المطلوب
topup-until = انتظار دفعة ثانية
topup-until-hint = كم من الوقت بعد انتهاء الفاتورة يمكن أن تصل بقية الدفعة الجزئية.

on-late = دفع متأخر: ماذا يحدث؟
on-late-hint = ماذا يحدث عندما تصل دفعة بعد انتهاء الفاتورة.
on-late-refund-text = يحصل الدافع على رابط بالمبلغ كله. تبقى الفاتورة منتهية
on-late-accept = قبوله
on-late-accept-text = تحصل على العملات كما هي. تُوسم الفاتورة بأنها دُفعت متأخرة
on-late-close = قبوله ما دام السعر قريبًا
on-late-close-text = وإلا يحصل الدافع على رابط بالمبلغ كله
late-grace-hint = كم من الوقت بعد انتهاء الفاتورة تُعد الدفعة في موعدها، بحسب طريقة تسعير الفاتورة.
late-grace-fiat = القبول كأنه في الموعد خلال، والسعر بعملة نقدية
late-grace-coin = القبول كأنه في الموعد خلال، والسعر بعملة مشفرة
late-rate-drift = مدى قرب السعر المطلوب (%)
late-rate-drift-hint = النسبة التي يجوز أن يتحرك بها السعر حيث تُقبل الدفعة المتأخرة ما دام السعر قريبًا.

approval-above = موافقة ثانية فوق
approval-above-hint = مجموع ما يرده شخص أو مفتاح في اليوم الذي يجب فوقه أن يوافق شخص ثانٍ.
review-above = المراجعة قبل الإرسال فوق
review-above-hint = المبلغ الذي يراجع شخص فوقه المبلغ المسترد قبل إرساله.
low-risk-band = يكفي الرابط وحده حتى
low-risk-band-hint = المبلغ الذي لا يكفي الرابط وحده فوقه: يعطي الدافع أيضًا رمزًا يصله بالبريد الإلكتروني، أو يراجع شخص المبلغ المسترد.

claim-ttl = يعمل رابط الاسترداد لمدة
claim-ttl-hint = كم يعمل رابط الاسترداد، محسوبًا على التقويم: ثلاثة أشهر ليست 90 يومًا.
on-expiry = عندما لا يطلبه أحد
on-expiry-hint = مصير المال الذي لم يطلبه أحد.
on-expiry-credit = يصبح لك
on-expiry-credit-text = يُضاف المال إلى رصيد MID
on-expiry-hold = حفظه للدافع
on-expiry-hold-text = يبقى محتجزًا حتى تعرضه من جديد
security-delay = مهلة الأمان بعد الطلب
security-delay-hint = كم ينتظر المبلغ المؤكد قبل إرساله؛ حتى ذلك الحين يمكن للدافع الإلغاء.
delay-anchor = تُحسب المهلة من
delay-anchor-hint = متى يبدأ حساب مهلة الأمان.
delay-anchor-claim = تأكيد الدافع
delay-anchor-claim-text = لكل دافع المهلة كلها للإلغاء
delay-anchor-refund = إنشاء المبلغ المسترد
delay-anchor-refund-text = من يطلب متأخرًا ينتظر أقل أو لا ينتظر
payer-cancel = خلال المهلة، الدافع
payer-cancel-hint = هل يمكن للدافع الإلغاء خلال مهلة الأمان.
payer-cancel-can = يمكنه الإلغاء
payer-cancel-can-text = بالرابط الذي في الرسالة
payer-cancel-cannot = لا يمكنه الإلغاء
payer-cancel-cannot-text = أنت وحدك تستطيع
reopen = بعد إلغاء الدافع
reopen-hint = من يستطيع أن يعرض من جديد مبلغًا ألغاه دافعه.
reopen-merchant = يمكنك عرضه من جديد
reopen-merchant-text = برابط جديد
reopen-admin = المشغّل وحده يستطيع
reopen-admin-text = اسأله
destination = من يحدد وجهة المال
destination-hint = من يحدد وجهة المال.
destination-payer = الدافع
destination-payer-text = في صفحة الاسترداد
destination-merchant = أنت
destination-merchant-text = حتى ذلك الحين يعمل رابط الدافع أيضًا
destination-source = العنوان الذي دفع
destination-source-text = عندما يأتي المبلغ كله من عنوان واحد
destination-invoice = الفاتورة
destination-invoice-text = عندما يأتي معها عنوان
fee-bearer = رسوم الشبكة
fee-bearer-hint = من يدفع رسوم الشبكة.
fee-bearer-payer = يدفعها الدافع
fee-bearer-payer-text = تُخصم من المبلغ المسترد
fee-bearer-merchant = ندفعها نحن
fee-bearer-merchant-text = تُخصم من رصيدك
fee-cap = الانتظار ما دامت الرسوم فوق (% من المبلغ المسترد)
fee-cap-hint = أقصى نسبة يمكن أن تبلغها رسوم الشبكة من المبلغ المسترد؛ فوقها ينتظر المبلغ.
requote-after = ثم سؤال الدافع من جديد بعد
requote-after-hint = كم ينتظر المبلغ الذي ارتفعت رسوم شبكته فوق ما وافق عليه الدافع، قبل أن يُسأل من جديد برابط جديد.
batch-window = انتظار غيره للإرسال معًا
batch-window-hint = كم ينتظر المبلغ المرسل غيره، لتدفعها معاملة واحدة معًا على الشبكات التي تتيح ذلك.

notify = من يراسل الدافع
notify-hint = من يراسل الدافع.
notify-both = Refundry وأنت
notify-both-text = بالبريد الإلكتروني، وتحصل أنت على الرابط بخطاف ويب
notify-engine = Refundry
notify-engine-text = بالبريد الإلكتروني
notify-merchant = أنت
notify-merchant-text = تحصل على الرابط بخطاف ويب
notify-nobody = لا أحد
notify-nobody-text = انسخ الروابط من لوحة التحكم
reminders = التذكير قبل انتهاء الرابط بهذا العدد من الأيام
reminders-hint = قبل كم يومًا من انتهاء رابط الاسترداد يُذكَّر الدافع.

rate-rule = كم عملة يساوي المبلغ
rate-rule-hint = كم عملة يساوي رد مبلغ مسعّر، عندما يرده التاجر.
rate-rule-release = السعر عند الإرسال
rate-rule-release-text = القيمة نفسها في ذلك اليوم
rate-rule-create = السعر عند الإنشاء
rate-rule-create-text = القيمة نفسها في ذلك اليوم
rate-rule-then = السعر عند الدفع
rate-rule-then-text = سعر الفاتورة نفسها
rate-rule-exact = عملات الدافع نفسها
rate-rule-exact-text = بقدر ما أرسل منها
rate-rule-min = الأقل
rate-rule-min-text = بين ذلك الوقت والآن
rate-rule-max = الأكثر
rate-rule-max-text = بين ذلك الوقت والآن
quote-ttl = تسري المعاينة لمدة
quote-ttl-hint = كم يسري عرض السعر للاسترداد: انتظار سعر أفضل ليس خيارًا مجانيًا لأحد.
refund-window = يمكن رد الفواتير لمدة
refund-window-hint = كم من الوقت بعد إنشاء الفاتورة يستطيع التاجر ردها.
refundable-states = الفواتير التي يمكن ردها
refundable-states-hint = الحالات التي يستطيع التاجر فيها رد الفاتورة.

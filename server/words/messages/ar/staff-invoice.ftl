### قائمة الفواتير، وفاتورة واحدة.

pending = في انتظار الدفع
processing = قيد التأكيد
complete = مدفوعة
underpaid = مدفوعة بأقل من المطلوب
expired = منتهية
canceled = غير مقبولة

export-csv = تصدير CSV
search = البحث في الفواتير
search-hint = طلب، بريد، عنوان، معاملة، مبلغ
all = الكل
views = طرق عرض الفواتير
newest-first = الفواتير، الأحدث أولًا
head-order = الطلب والدافع
head-price = السعر
head-paid = المدفوع
head-asset = العملة
head-status = الحالة
head-goes-back = يعود
head-mid = MID
head-created = أُنشئت
none-found = لا توجد فواتير تطابق هذه المرشحات
none-found-text = ابحث عن المرجع كاملًا كما كتبه متجرك، أو عن بريد إلكتروني أو عنوان أو معاملة كاملة.
none-yet = لا توجد فواتير بعد
none-yet-text = ينشئها متجرك عبر واجهة API.
clear-filters = مسح المرشحات

refund = رد المبلغ
open-page = فتح صفحة الدفع
payment = الدفعة
exact-amount = المبلغ بالضبط
received = المستلم
asset = العملة
address = العنوان
the-address = العنوان
tag = الوسم
rate = السعر
rate-of = { $rate } { $currency } لكل { $symbol }
payer-email = البريد الإلكتروني للدافع
created = أُنشئت
expires = تنتهي
in-utc = { $time } بتوقيت UTC

payments = الدفعات المستلمة
payments-oldest-first = الدفعات المستلمة، الأقدم أولًا
no-payment = لم تُرصد أي معاملة بعد.
times-in-utc = الأوقات بتوقيت UTC
head-amount = المبلغ
head-transaction = المعاملة
head-seen = رُصدت
head-reference = المرجع
final = نهائية
gone = اختفت
undone = أُلغيت
confirming = قيد التأكيد
refunds = المبالغ المستردة
refunds-of = المبالغ المستردة من هذه الفاتورة
refunds-oldest-first = المبالغ المستردة من هذه الفاتورة، الأقدم أولًا

differ = دفعات غير مطابقة
case = الحالة { $number }: { $flags }
comma = {"، "}
case-received = المستلم
credited = أُضيف إلى رصيدك
goes-back = يعود
kept-apart = محفوظ جانبًا، أقل من أن يُرد
what-happens = ماذا يحدث للمال؟
choose = اختر ما يحدث
decide = اتخاذ القرار
deciding = جارٍ تسجيل القرار…
operator-only = المشغّل وحده يقرر هذا.
held = المال محتجز.
held-by-policy = تترك سياستك هذه الدفعة لشخص. ما يصل حتى ذلك الحين يُقرَّر معها.
held-for-risk = قد تكون من عنوان في قائمة عقوبات، لذا يقرر المشغّل وحده.
held-without-rate = تحتاج سياستك إلى سعر اليوم، ولا يُعرف أي سعر. قرر بنفسك.
held-suspended = أوقف المشغّل هذا الـ MID، لذا لا يُقرَّر شيء بالقواعد.
accept = قبولها
accept-text = المبلغ كله لك وتُعد الفاتورة مدفوعة
refund-extra = رد الزيادة
refund-extra-text = تحتفظ بالسعر، ويعود الباقي إلى الدافع
refund-all = رد المبلغ كله
refund-all-text = لا تحتفظ بشيء، ويحصل الدافع على رابط استرداد
case-manual = تحتاج إلى قرار
case-credited = مقبولة
case-split = احتُفظ بالسعر ورُد الباقي
case-refunded = رُدّت
case-dust = أقل من أن تُرد
case-attributed = دفعت فاتورة أخرى
case-void = ألغتها الشبكة
flag-under = أقل من المطلوب
flag-over = أكثر من المطلوب
flag-late = متأخرة
flag-multi = على عدة دفعات
flag-wrong-asset = عملة أخرى
flag-missing-tag = بلا وسم
flag-risk = عنوان محفوف بالمخاطر
flag-post-resolution = بعد تسوية الفاتورة

mails-title = رسائل الفاتورة { $reference }
mails-here = { $reference }: الرسائل
mails-text = ما يُكتب الآن إلى دافع يمكن مراسلته. روابط الرسائل تعمل: من يفتح رابطًا يتصرف نيابة عن الدافع.
back = العودة إلى الفاتورة
no-mails = لا يُكتب شيء إلى الدافع في الوضع الحالي.
mail-to = { $reference }، إلى { $email }
mail-to-nobody = { $reference }، إلى لا أحد: لا يُعرف بريد إلكتروني
open-link = فتح رابطها

tools = أدوات البيئة التجريبية
simulate = محاكاة دفعة
sandbox-only = في البيئة التجريبية فقط
simulate-text = لا تتحرك عملات حقيقية. تُرسل خطافات الويب كما في التشغيل الفعلي.
scenario = ماذا يحدث؟
scenario-exact = مطابقة
scenario-exact-text = المبلغ كاملًا وفي موعده
scenario-over = أكثر من المطلوب
scenario-over-text = مرة ونصف
scenario-under = أقل من المطلوب
scenario-under-text = نصف المبلغ
scenario-late = متأخرة
scenario-late-text = بعد انتهاء السعر
another-amount = مبلغ آخر { $optional }
optional = (اختياري)
simulate-payment = محاكاة الدفعة
paying = جارٍ الدفع…
more-than-nothing = أرسل أكثر من لا شيء
not-watched = انتهت هذه الفاتورة قبل أكثر من 90 يومًا: لم يعد عنوانها مراقبًا
clock = تقديم الساعة
clock-text = الوقت في هذه البيئة التجريبية { $time } بتوقيت UTC. ما يحين موعده يحدث فورًا، لكل الفواتير.
hours = { $count ->
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $count } ساعات
   *[other] { $count } ساعة
}
days = { $count ->
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
mails = رسائل إلى الدافع
mails-what = ما يُكتب إليه في الوضع الحالي، حتى بلا خادم بريد.
show-mails = عرض الرسائل

policy-does = الإصدار { $number } من السياسة: { $what }
waits-for-rest = يُبت فيه في { $time }: حتى ذلك الوقت يمكن أن يصل الباقي
late-after = المتأخر هو ما يصل بعد { $time }

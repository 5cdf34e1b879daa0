mid = MID
all-mids = كل الـMID
asset = العملة
all-assets = كل العملات
from = من
to = إلى
show = عرض
# On a filter: so many of its choices.
chosen = { $count } مختارة
clear = مسح
newer = الأحدث
older = الأقدم

export-csv = تصدير CSV
search-hint = طلب، بريد، عنوان، معاملة، مبلغ
reason = السبب
any-reason = أي سبب
expires-by = ينتهي قبل
views = طرق عرض المبالغ المستردة
# Claim links that stop working within days.
expiring-soon = ينتهي قريبًا
all = الكل
caption = المبالغ المستردة، الأحدث أولًا
amount = المبلغ
status = الحالة
order-and-payer = الطلب والدافع
created = أُنشئ
select = تحديد
select-one = تحديد { $reference }
select-page = تحديد كل ما في هذه الصفحة
sends = يُرسل { $time }
# $time is when it ended.
paid-at = دُفع { $time }
ended-at = انتهى { $time }
waits-funds = ينتظر: المحفظة لا تكفي
waits-balance = ينتظر: الرصيد لا يكفي
waits-fee = ينتظر: رسوم الشبكة مرتفعة جدًا
waits-maintenance = ينتظر: الدفعات الصادرة متوقفة
waits-frozen = ينتظر: الدفعات الصادرة مقفلة
waits-suspended = ينتظر: الـMID موقوف
waits-rate = ينتظر: لا سعر صرف
waits-reorged = ينتظر: دفعة تراجعت عنها الشبكة
first-use = أول استخدام
none = لا مبالغ مستردة بعد
none-text = عندما يرسل دافع أكثر أو أقل أو متأخرًا، يظهر المبلغ المسترد هنا تلقائيًا. ويمكنك أيضًا رد أي فاتورة مدفوعة.
to-invoices = انتقل إلى الفواتير
no-match = لا مبالغ مستردة تطابق عوامل التصفية هذه
no-match-text = يُعثر على المراجع والطلبات والبريد والعناوين والمعاملات والمبالغ عندما تُكتب كاملة.
clear-filters = مسح عوامل التصفية
all-time = البحث في كل الأوقات

selected = المبالغ المستردة المحددة
some-selected = المحدد: { $count }
all-match = كل ما يطابق
export = تصدير
approve = الموافقة
remind = تذكير
retry = إعادة المحاولة
cancel = إلغاء المبالغ المستردة
approve-title = الموافقة على المبالغ المستردة
approve-button = { $count ->
    [one] الموافقة على مبلغ مسترد واحد
    [two] الموافقة على مبلغين مستردين
    [few] الموافقة على { $count } مبالغ مستردة
   *[other] الموافقة على { $count } مبلغًا مستردًا
}
approve-then = يمضي كل منها في طريقه: إلى رابط الاسترداد لدى الدافع، أو إلى مهلة الأمان. وتُستثنى المبالغ التي أنشأتها بنفسك.
approve-done = تمت الموافقة على: { $count }
approve-some = تمت الموافقة على: { $count }، وتعذّر مع: { $refused }
remind-title = تذكير الدافعين
remind-button = { $count ->
    [one] التذكير بمبلغ مسترد واحد
    [two] التذكير بمبلغين مستردين
    [few] التذكير بـ { $count } مبالغ مستردة
   *[other] التذكير بـ { $count } مبلغًا مستردًا
}
remind-then = يتلقى كل دافع رابط الاسترداد مرة أخرى. لا يتحرك أي مال.
remind-done = تمت مراسلة: { $count }
remind-some = تمت مراسلة: { $count }، وتعذّر مع: { $refused }
retry-title = إعادة محاولة الصرف
retry-button = { $count ->
    [one] إعادة محاولة مبلغ مسترد واحد
    [two] إعادة محاولة مبلغين مستردين
    [few] إعادة محاولة { $count } مبالغ مستردة
   *[other] إعادة محاولة { $count } مبلغًا مستردًا
}
retry-then = يصدر أمر كل صرف فشل مرة أخرى. لم يخرج شيء من المحفظة لأجلها من قبل.
retry-done = صدر الأمر مجددًا لـ: { $count }
retry-some = صدر الأمر مجددًا لـ: { $count }، وتعذّر مع: { $refused }
cancel-button = { $count ->
    [one] إلغاء مبلغ مسترد واحد
    [two] إلغاء مبلغين مستردين
    [few] إلغاء { $count } مبالغ مستردة
   *[other] إلغاء { $count } مبلغًا مستردًا
}
cancel-then = لا يُرسل شيء. يعود المال إلى حيث جاء وتتوقف روابط الدافعين عن العمل.
cancel-done = أُلغي: { $count }
cancel-some = أُلغي: { $count }، وتعذّر مع: { $refused }
heading = { $title }: { $count }
to-be-done = المبالغ المستردة المعنية، الأحدث أولًا
nothing-label = لا شيء محدد
nothing = لم يُحدد شيء
nothing-text = حدد مبالغ مستردة في القائمة، أو اختر كل ما يطابق عوامل التصفية. لم يُنفذ شيء.
to-refunds = انتقل إلى المبالغ المستردة
left-out = { $count ->
    [one] مبلغ واحد من المحدد لا تسمح حالته بذلك ويُستثنى.
    [two] مبلغان من المحدد لا تسمح حالتهما بذلك ويُستثنيان.
    [few] { $count } مبالغ من المحدد لا تسمح حالتها بذلك وتُستثنى.
   *[other] { $count } من المبالغ المحددة لا تسمح حالتها بذلك وتُستثنى.
}
more = يطابق أكثر من { $most }. هذا يخص أحدث { $most }؛ عُد للباقي.
unseen = و{ $count } أخرى.
not-now = ليس الآن
nothing-to-do = لا شيء للتنفيذ
so-far = { $looked } من { $all }. { $done }
skipped = لم تسمح حالة { $count } منها بذلك وتُركت كما هي.
stopped = توقف بعد { $most } تعذّر تنفيذها: انظر في الأسباب أولًا. لم يُمس { $untouched } منها.
refused = تعذّر التنفيذ
back = العودة إلى المبالغ المستردة
go-on = متابعة
stop-here = التوقف هنا
untouched = تبقى { $count } منها كما هي إلى أن تتابع.
how-far = مدى التقدم

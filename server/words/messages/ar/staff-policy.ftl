### قائمة السياسات، وسياسة واحدة.

list-text = لكل MID سياسته. تحدد ما يحدث عندما لا تطابق الدفعة فاتورتها.
head-mid = MID
head-live = السارية
head-state = الحالة
head-since = منذ
open = مفتوح
suspended = موقوف
version = الإصدار { $number }

title = سياسة الاسترداد، { $mid }
version-live = الإصدار { $number } سارٍ
text = تحدد ما يحدث عندما لا تطابق الدفعة فاتورتها. تبقى الدفعات التي رُصدت على الإصدار الذي بدأت به.
saved = تم الحفظ. أصبحت سارية.
saved-scheduled = تم الحفظ. تسري في موعدها.
saved-draft = تم الحفظ، لكنها لا تسري بعد: فهي تخفف حماية، لذا يجب أن يوافق عليها شخص ثانٍ أدناه.

save-title = الحفظ
save-text = الإصدار الذي يخفف حماية ينتظر شخصًا ثانيًا، إن كنت تشترط شخصًا ثانيًا أصلًا.
live-from = سارية من، بتوقيت UTC { $empty }
at-once = (فارغ: فورًا)
save = حفظ الإصدار { $number }
saving = جارٍ الحفظ…
try-it = { $days ->
    [one] تجربتها على آخر يوم
    [two] تجربتها على آخر يومين
    [few] تجربتها على آخر { $days } أيام
    [many] تجربتها على آخر { $days } يومًا
   *[other] تجربتها على آخر { $days } يوم
}
trying = جارٍ التجربة…
discard = تجاهل التغييرات
locked = المشغّل يتحكم في هذا الإعداد.
is-now = القيمة الآن: { $value }.

meanwhile = غيّر أحد هذه السياسة في هذه الأثناء. لم يُحفظ شيء. أعد تحميل الصفحة لترى ما اختلف.
write-time = اكتب تاريخًا ووقتًا، مثل 2026-12-01T08:00
within-a-year = اختر وقتًا خلال السنة القادمة، أو اتركه فارغًا
keeps = المشغّل يتحكم في هذا الإعداد: اطلب منه تغييره
own-version = أنت كتبت هذا الإصدار، لذا يجب أن يوافق عليه شخص آخر. لم يُنفذ شيء.

title-asset = سياسة الاسترداد لأصل { $asset }، { $mid }
text-asset = ما يتغير هنا يخص { $asset } وحده. الباقي يتبع سياسة كل الأصول، حتى عندما تتغير.
all-assets = سياسة كل الأصول
for-all-it-is = من دون تغيير لهذا الأصل: { $value }.
take-back = مثل كل الأصول من جديد
assets = مختلف لأصل واحد
assets-text = المبالغ لا تعني الشيء نفسه حيث الرسوم مرتفعة: قل هنا ما ليس واحدًا في كل مكان.
head-asset = الأصل
head-different = الاختلافات
head-action = الإجراء
as-for-all = مثل كل الأصول
says-of = { $setting }: { $value }
setting-of = { $asset }، { $setting }
change = تغيير
look-at = عرض
action-for = { $action }: { $asset }

history = السجل
times-in-utc = الأوقات بتوقيت UTC
waits = ينتظر شخصًا ثانيًا
waits-for = الإصدار { $number } ينتظر شخصًا ثانيًا.
scheduled = مجدول
live = سارٍ
replaced = استُبدل
given-up = تُرك
by-you = كتبته أنت، { $time }
by-a-colleague = كتبه زميل، { $time }
by-person = كتبه { $who }، { $time }
by-a-key = كتبه مفتاح API، { $time }
by-refundry = كتبه Refundry، { $time }
and-live-from = { $written }، سارٍ من { $time }
differs = { $setting }: { $old } { $to } { $new }
to = إلى
says-nothing = لا يختلف في شيء عن الإصدار السابق.
tried-none = جُرّب على دفعات من { $from } إلى { $to }: لم توجد أي دفعة.
tried-same = { $count ->
    [one] جُرّب على دفعات من { $from } إلى { $to }: الفاتورة الوحيدة تبقى كما هي.
    [two] جُرّب على دفعات من { $from } إلى { $to }: الفاتورتان تبقيان كما هما.
   *[other] جُرّب على دفعات من { $from } إلى { $to }: الفواتير كلها وعددها { $count } تبقى كما هي.
}
tried-differs = { $count ->
    [one] جُرّب على دفعات من { $from } إلى { $to }: تختلف { $changed } من { $count } فاتورة.
   *[other] جُرّب على دفعات من { $from } إلى { $to }: تختلف { $changed } من أصل { $count } من الفواتير.
}
give-up = ترك الإصدار
giving-up = جارٍ الترك…
agree = الموافقة عليه
agreeing = جارٍ تسجيل الموافقة…
someone-else = أنت كتبت هذا الإصدار، لذا يجب أن يوافق عليه شخص آخر.

simulator-label = محاكي السياسة
simulator = المحاكي
last-days = { $days ->
    [one] آخر يوم
    [two] آخر يومين
    [few] آخر { $days } أيام
    [many] آخر { $days } يومًا
   *[other] آخر { $days } يوم
}
change-first = غيّر شيئًا ثم جرّبه: تُقيَّم دفعات حقيقية من جديد وفق المسودة.
who-may = من يحق له تغيير السياسة يمكنه تجربتها هنا على دفعات حقيقية.
nothing-sent = لا يُرسل شيء. يعيد المحاكي تشغيل دفعات حقيقية وفق المسودة.
too-many = في هذه المدة دفعات أكثر من أن تُجرَّب كلها مرة واحدة.
what-changes = ما يتغير
newest-ten = تظهر أحدث عشر فواتير فقط.
with-this-draft = بهذه المسودة
elsewhere = { $count ->
    [one] فاتورة تصير في حالة أخرى
    [two] فاتورتان تصيران في حالة أخرى
    [few] فواتير تصير في حالة أخرى
   *[other] فاتورة تصير في حالة أخرى
}
tried = { $count ->
    [one] جُرّبت فاتورة واحدة، منها { $differing } بدفعة غير مطابقة.
    [two] جُرّبت فاتورتان، منها { $differing } بدفعة غير مطابقة.
    [few] جُرّبت { $count } فواتير، منها { $differing } بدفعة غير مطابقة.
   *[other] جُرّبت { $count } فاتورة، منها { $differing } بدفعة غير مطابقة.
}
left-out = { $count ->
    [one] تعذرت تجربة فاتورة واحدة.
    [two] تعذرت تجربة فاتورتين.
    [few] تعذرت تجربة { $count } فواتير.
   *[other] تعذرت تجربة { $count } فاتورة.
}
was = كان { $amount }
to-you = لك
to-payers = مردود للدافعين
held = محتجز
dust = أقل من أن يُرد

would-credit = يُضاف { $amount } { $asset } إلى رصيد التاجر بدلًا من { $was }
would-refund = يُرد { $amount } { $asset } إلى الدافع بدلًا من { $was }
would-hold = يُحتجز { $amount } { $asset } بدلًا من { $was }
would-keep-apart = يُحفظ { $amount } { $asset } لأنه أقل من أن يُرد بدلًا من { $was }
would-stand = تصير الفاتورة «{ $status }» بدلًا من «{ $was }»
would-count = تُعد دفعتها: { $flags }، بدلًا من: { $was }
exact = مطابقة وفي موعدها
would-decide = يقرر بشأنها شخص
would-decide-otherwise = يقرر بشأنها شخص لسبب آخر
would-not-decide = لا يلزم أن يقرر بشأنها أحد
would-give = { $count ->
    [0] لا يكون أي مبلغ مسترد بدلًا من { $was }
    [one] يكون مبلغ مسترد واحد بدلًا من { $was }
    [two] يكون مبلغان مستردان بدلًا من { $was }
    [few] تكون { $count } مبالغ مستردة بدلًا من { $was }
   *[other] يكون { $count } مبلغًا مستردًا بدلًا من { $was }
}
would-wait = مدة انتظار المبلغ قبل إرساله: { $delay } بدلًا من { $was }
would-review = يراجع شخص المبلغ المسترد قبل إرساله
would-not-review = يُرسل المبلغ المسترد دون أن يراجعه أحد
could-cancel = يستطيع الدافع إلغاءه
could-not-cancel = لا يستطيع الدافع إلغاءه
would-work = مدة عمل رابطه: { $time } بدلًا من { $was }
would-expire-to-you = إن لم يُطلب ذهب إلى التاجر
would-stay-held = إن لم يُطلب بقي محفوظًا للدافع
payer-would-pay = يدفع الدافع رسوم الشبكة
merchant-would-pay = يدفع التاجر رسوم الشبكة
payer-would-say = يحدد الدافع وجهته
merchant-would-say = يحدد التاجر وجهته
would-go-to-source = يذهب إلى العنوان الذي دفع
would-go-to-invoice = يذهب إلى العنوان الذي جاء مع الفاتورة
other-terms = تُرد المبالغ بشروط أخرى

unsaved = تغييرات غير محفوظة: { $count }
untried = لم تُجرَّب بعد على مدفوعات حقيقية.
would-change = { $count ->
    [zero] بهذه المسودة لن يتغير وضع أي فاتورة.
    [one] بهذه المسودة سيتغير وضع فاتورة واحدة ({ $count }).
    [two] بهذه المسودة سيتغير وضع فاتورتين ({ $count }).
    [few] بهذه المسودة سيتغير وضع { $count } فواتير.
   *[other] بهذه المسودة سيتغير وضع { $count } فاتورة.
}

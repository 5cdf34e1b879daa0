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
approvals = { $count ->
    [few] { $shown } مبالغ مستردة تحتاج إلى موافقة
   *[other] { $shown } مبلغ مسترد يحتاج إلى موافقة
}
approvals-text = يقرر شخص ثانٍ؛ ولا يُرسل شيء حتى ذلك الحين.
review = مراجعة
failures = { $count ->
    [few] فشلت { $shown } عمليات صرف
   *[other] فشلت { $shown } عملية صرف
}
failures-text = لم يخرج شيء من المحفظة؛ ولا يزال المال مستحقًا للدافعين.
retry = إعادة المحاولة
holds = { $count ->
    [few] { $shown } مبالغ مستردة معلّقة
   *[other] { $shown } مبلغ مسترد معلّق
}
holds-text = ينظر فيها أحدهم قبل إرسالها.
look = عرض
expiring = { $count ->
    [few] { $shown } مبالغ مستردة تنتهي صلاحيتها خلال 7 أيام
   *[other] { $shown } مبلغ مسترد تنتهي صلاحيته خلال 7 أيام
}
expiring-text = لم يطلبها أحد. حددها هناك لمراسلة دافعيها مجددًا.
remind = تذكير
action-for = { $action }: { $task }
calm = لا شيء يحتاج إليك.
scheduled = { $count ->
    [few] { $shown } مبالغ مستردة مجدولة.
   *[other] { $shown } مبلغ مسترد مجدول.
}
scheduled-next = { $count ->
    [few] { $shown } مبالغ مستردة مجدولة، ويخرج أولها في { $time }.
   *[other] { $shown } مبلغ مسترد مجدول، ويخرج أولها في { $time }.
}

held = محفوظ للمبالغ المستردة
held-caption = المال المستحق للدافعين، حسب العملة
asset = العملة
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

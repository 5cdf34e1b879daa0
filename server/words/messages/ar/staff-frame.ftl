overview = نظرة عامة
refunds = المبالغ المستردة
invoices = الفواتير
policies = السياسات
settings = الإعدادات
mids = معرّفات التجار
health = حالة النظام
audit = سجل التدقيق
admin = الإدارة
waiting = { $count ->
    [one] { $shown } ينتظر الموافقة
   *[other] { $shown } تنتظر الموافقة
}
new-refund = مبلغ مسترد جديد
breadcrumb = مسار الصفحة
search-all = البحث في كل المبالغ المستردة
search-hint = مبالغ مستردة، طلبات، عناوين
skip = انتقل إلى المحتوى
navigation = التنقل
main = القائمة الرئيسية
sandbox = بيئة تجريبية
sign-out = تسجيل الخروج
staff-only = يمكنك رؤية هذا دون تغييره. اسأل أحد المالكين.

role-admin = مشرف
role-owner = مالك
role-manager = مدير
role-support = دعم
role-viewer = مطّلع

lost = البيانات حتى { $time }. جارٍ إعادة الاتصال…
changed = تغيّرت هذه الصفحة في الأثناء.
show-it = عرض

go-to = انتقل إلى أي شيء
go-to-search = ابحث أو انتقل إلى صفحة
go-to-hint = مرجع، طلب، بريد إلكتروني، عنوان، معاملة
results = النتائج
one-result = نتيجة واحدة
many-results = عدد النتائج: { $count }
refund = المبلغ المسترد { $reference }
invoice = الفاتورة { $reference }
search-refunds = البحث في المبالغ المستردة
search-invoices = البحث في الفواتير
search-for = عن «{ $text }»
go-to-keys = { $up } { $down } للتنقل { $enter } للفتح { $escape } للإغلاق

shortcuts = اختصارات لوحة المفاتيح
close = إغلاق
single-keys = اختصارات بمفتاح واحد
then = { $first } ثم { $next }
key-search = بحث
key-lists = نظرة عامة، المبالغ المستردة، الفواتير
key-settings = السياسات، الإعدادات
key-rows = الصف التالي، السابق
key-select = تحديد صف، نطاق
key-open = فتح
key-approve = الموافقة
key-copy = نسخ رابط الاسترداد
key-export = تصدير
key-send = إرسال نموذج

and = { $first } و{ $second }

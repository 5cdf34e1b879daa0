own-request = Sie haben diese Erstattung angelegt, deshalb muss jemand anderes sie genehmigen. Es wurde nichts getan.
operator-only = Der Zahlende hat diese Erstattung abgebrochen, deshalb kann nur der Betreiber sie wieder anbieten. Es wurde nichts getan.
fee-exceeds = Die Netzwerkgebühr ist größer als die Erstattung. Es wurde nichts getan. Versuchen Sie es wieder, wenn die Gebühr niedriger ist.
fee-above-cap = Die Netzwerkgebühr ist für diese Erstattung gerade zu hoch. Es wurde nichts getan. Versuchen Sie es wieder, wenn sie niedriger ist.
exceeds-refundable = Von dieser Zahlung können nur noch { $amount } erstattet werden. Es wurde nichts getan.
active-refund = Diese Zahlung ist ganz für { $reference } versprochen. Es wurde nichts getan. Brechen Sie zuerst jene Erstattung ab.
frozen = Der Betreiber hat diesen Shop gesperrt, deshalb ist gerade keine Erstattung möglich. Es wurde nichts getan.
insufficient = Ihr Guthaben hat { $amount }, das ist weniger als diese Erstattung. Es wurde nichts getan.
other-asset = Dieses Geld ist eine andere Währung, als die Rechnung verlangt. Es kann erstattet, aber nicht angenommen werden. Es wurde nichts getan.
decided = Jemand hat diesen Fall schon entschieden. Es wurde nichts getan.
untagged = Niemand weiß, wofür diese Zahlung ist. Sie kann erstattet oder ihrer Rechnung zugeordnet werden. Es wurde nichts getan.
payment-gone = Diese Zahlung ist von der Chain verschwunden. Es wurde nichts getan.
moment-ago = { $minutes ->
    [one] Das wurde gerade erst getan. Jetzt wurde nichts getan. Versuchen Sie es in { $minutes } Minute noch einmal.
   *[other] Das wurde gerade erst getan. Jetzt wurde nichts getan. Versuchen Sie es in { $minutes } Minuten noch einmal.
}
network-away = Das Netzwerk antwortet nicht. Es wurde nichts getan. Versuchen Sie es in einer Minute noch einmal.

signed-out = Sie sind abgemeldet. Es wurde nichts getan.
not-your-role = Ihre Rolle darf das nicht. Es wurde nichts getan.
not-there = Sie ist nicht da. Es wurde nichts getan.
moved-on = Sie ist inzwischen weiter. Sehen Sie nach, wie es jetzt steht.
too-much = Es wurde zu viel versucht. Es wurde nichts getan. Versuchen Sie es später noch einmal.
unknown = Der Server konnte nicht sagen, ob es getan wurde. Sehen Sie nach, wie es jetzt steht.

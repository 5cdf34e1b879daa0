### The field for a wallet’s address, and what is wrong with one.

label = Your { $symbol } address on { $network }
hint = { $characters } characters. From your own wallet, or an exchange’s deposit page for { $symbol } on { $network }.
hint-starts = { $characters } characters, starts with { $starts }. From your own wallet, or an exchange’s deposit page for { $symbol } on { $network }.
# A list: bc1, 1 or 3
or = { $others } or { $last }
# A range: 26 to 62
between = { $least } to { $most }
valid = Valid { $network } address
look-alike = This address format fits Ethereum, Base and others. Make sure your wallet supports { $asset } on { $network }.
empty = Enter the address to send the refund to
# An address of another network than the refund’s.
foreign = { $family ->
    [ethereum] This is an Ethereum-style address.
    [xrpl] This is an XRP Ledger address.
   *[named] This is a { $network } address.
}
foreign-test = This is an address of a test network ({ $network }).
needed-starts = This refund is { $symbol } on { $network }, so it needs an address that starts with { $starts }.
needed = This refund is { $symbol } on { $network }, so it needs an address on { $network }.
lost = { $symbol } sent to that address cannot be recovered.
# A payment link of another network than the refund’s: what QR codes of addresses hold.
link-for = The QR code is for { $found }. This refund is { $symbol } on { $network }.
checksum = This address has a typing mistake. Copy it again from your wallet.
length = { $network } addresses have { $expected } characters. This one has { $found }.
length-of-kind = { $network } addresses of this kind have { $expected } characters. This one has { $found }.
recovery-phrase = That looks like a recovery phrase. Never share it. We did not store it.
private-key = That looks like a private key. Never share it. We did not store it.
not-an-address = This does not look like a wallet address.
own-address = This is the address you paid to. Use an address from your own wallet.
token-contract = This is the { $symbol } contract, not a wallet. Money sent there cannot be recovered.
not-accepted = We cannot send to this address. Use another one or contact { $merchant }.
not-activated = This account does not exist on { $network } yet, or lacks the reserve { $network } asks for, so nobody can send { $symbol } to it. Activate it in your wallet, or use another address.
tag-hint = Exchanges often need this. Without it the money can be lost.
tag-unused = My wallet does not use one
tag-missing = Enter the memo or tag, or choose that your wallet does not use one
tag-digits = This tag does not fit the address. Copy both again from your wallet. A tag has digits only.
tag-text = This tag does not fit the address. Copy both again from your wallet. A memo has up to { $count } letters, digits and signs.
tag-none = { $network } addresses have no memo or tag. Leave it empty.
tag-contradicts = This address has its own tag inside, and it is not the one you entered. Leave the tag empty, or copy both again from your wallet.
tag-secret = That looks like the key of a wallet, not a tag. Never share it. We did not store it.
paste = Paste
clear = Clear
paste-refused = Your browser did not allow pasting. Hold the field and choose Paste.
scan = Scan QR
scan-title = Scan the QR code of your address
scan-stop = Stop scanning
scan-refused = Allow the camera to scan, or paste the address.

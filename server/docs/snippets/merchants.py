# With a key of the merchant's own (refundry key create --merchant ID --write); MERCHANT is its id.
MERCHANT = os.environ["MERCHANT"]
print(refundry("GET", f"/merchants/{MERCHANT}/policy"))
print(refundry("GET", f"/merchants/{MERCHANT}/brand"))

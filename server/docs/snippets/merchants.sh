# With a key of the merchant's own (refundry key create --merchant ID --write); MERCHANT is its id.
refundry "$API/merchants/$MERCHANT/policy"
refundry "$API/merchants/$MERCHANT/policy/versions"

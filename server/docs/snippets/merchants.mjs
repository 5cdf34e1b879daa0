// With a key of the merchant's own (refundry key create --merchant ID --write); MERCHANT is its id.
const { MERCHANT } = process.env;
console.log(await refundry("GET", `/merchants/${MERCHANT}/policy`));
console.log(await refundry("GET", `/merchants/${MERCHANT}/brand`));

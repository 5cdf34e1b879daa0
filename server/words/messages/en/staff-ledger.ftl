### The books of an invoice or a refund.

none = Nothing was booked yet.
postings = Ledger postings
# { $assets } are symbols, with commas.
postings-in = Ledger postings in { $assets }
entry = Entry
account = Account
debit = Debit
credit = Credit
equal = Debits equal credits

deposit-credited = Payment in, credited
deposit-held = Payment in, held
deposit-attributed = Payment attributed, held
deposit-suspended = Payment in another coin or without its tag, held
holding-settled = Price settled
refund-created = Refund created
refund-reserved = Set aside for refund
fee-reserved = Set aside for the fee
payout-reserved = Payout ordered
payout-final = Payout final
fee-settled = Fee settled
gas-burnt = Network fee
payout-unpaid = Payout failed
canceled-by-payer = Cancelled by payer
canceled-by-merchant = Cancelled
claim-expired = Claim expired
deposit-orphaned = Payment undone by the network
deposit-restored = Payment in again
payout-orphaned = Payout undone by the network
dust-kept = Too little to refund, kept apart

custody = Coins held
network-fee = Network fees
merchant-receivable = Owed by the merchant
merchant-available = Merchant balance
holding = Held payment
suspense = Held, other coin
refund-payable = Owed to payers
payout-in-flight = Payouts in flight
fee-reserve = Set aside for fees
fee-recovery = Fees paid back
residual = Differences
fx-clearing = Conversion

//! Dialects: other systems' APIs, spoken as their clients speak them.

mod bitpay;
mod cryptomus;
mod txn;

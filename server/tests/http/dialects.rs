//! Dialects: other systems' APIs, spoken as their clients speak them.

mod bitpay;
mod btcpay;
mod cryptomus;
mod cryptopay;
mod txn;

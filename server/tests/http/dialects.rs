//! Dialects: other systems' APIs, spoken as their clients speak them.

mod bitpay;
mod btcpay;
mod bvnk;
mod cryptomus;
mod cryptopay;
mod txn;

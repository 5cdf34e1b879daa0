//! Dialects: other systems' APIs, spoken as their clients speak them.

mod cryptomus;
mod txn;

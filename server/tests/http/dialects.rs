//! Dialects: other systems' APIs, spoken as their clients speak them.

mod bvnk;
mod cryptomus;
mod txn;

//! The engine's tests, one program: compiled and linked once.

mod audit;
mod databases;
mod evm;
mod journey;
mod nodes;
mod odd_cases;
mod odd_payouts;
mod people;
mod places;
mod rates;
mod reconciliation;
mod refunding;
mod statements;
mod store;
mod support;

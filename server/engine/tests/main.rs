//! The engine's tests, one program: compiled and linked once.

mod audit;
mod databases;
mod evm;
mod journey;
mod odd_cases;
mod nodes;
mod people;
mod refunding;
mod places;
mod rates;
mod reconciliation;
mod statements;
mod store;
mod support;

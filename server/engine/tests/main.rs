//! The engine's tests, one program: compiled and linked once.

mod audit;
mod databases;
mod evm;
mod journey;
mod people;
mod reconciliation;
mod statements;
mod store;
mod support;

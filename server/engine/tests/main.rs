//! The engine's tests, one program: compiled and linked once.

mod databases;
mod evm;
mod journey;
mod odd_cases;
mod people;
mod refunding;
mod places;
mod rates;
mod store;
mod support;

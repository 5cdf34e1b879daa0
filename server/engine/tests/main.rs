//! The engine's tests, one program: compiled and linked once.

mod databases;
mod evm;
mod journey;
mod nodes;
mod people;
mod store;
mod support;

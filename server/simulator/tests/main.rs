//! The proof that the money adds up, one program: compiled and linked once.

mod batches;
mod fees;
mod mails;
mod mutations;
#[path = "../../engine/tests/support/postgres.rs"]
mod postgres;
mod races;
mod simulation;
mod vanishing;

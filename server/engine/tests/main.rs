//! The engine's tests, one program: compiled and linked once.

mod audit;
mod batches;
mod books;
mod browsing;
mod code_apps;
mod databases;
mod emails;
mod events;
mod evm;
mod freezes;
mod intake;
mod journey;
mod mail_delays;
mod mail_fates;
mod nodes;
mod odd_cases;
mod odd_payouts;
mod offering;
mod outages;
mod paying;
mod people;
mod places;
mod policies;
mod rates;
mod reconciliation;
mod refunding;
mod repeats;
#[path = "../../tests/support/senders.rs"]
mod senders;
mod simulation;
mod statements;
mod store;
mod support;
mod team;
mod waiting;
mod webhooks;

//! The simulator: random stories of payments and refunds, told with the real engine, and the proof that the money adds up.
//!
//! A seed gives a [script](script): who does what, and what goes wrong meanwhile. A [world](world) plays it with one or two engine
//! processes on a real database, simulated [chains](chain), a [merchant's server](merchant), a [mail server](mail) and a clock that stands still until the
//! script moves it. A process can die or lose an answer at every [point](power) before and after every write and outside call.
//! After every step an [auditor](auditor) asks the [invariants](invariants) in SQL that shares nothing with the engine's. A story
//! that breaks one is [cut down](shrink) to the shortest script that still does, which can be played again.
//!
//! How do I add…
//!
//! - *something people do*: a variant of [`script::Action`], an arm in [`stage::Stage::act`], a line in [`generate`].
//! - *something that goes wrong outside*: a variant of [`chain::ChainFault`], or of [`merchant::Mood`] for servers of others.
//! - *a state or notice of a refund*: a line in [`invariants`]' lists.
//! - *something that must always be true*: an entry in [`invariants::ALWAYS`].

pub mod auditor;
pub mod chain;
pub mod database;
pub mod generate;
pub mod invariants;
pub mod mail;
pub mod merchant;
pub mod mutations;
pub mod power;
pub mod script;
pub mod shrink;
pub mod stage;
pub mod suite;
pub mod world;

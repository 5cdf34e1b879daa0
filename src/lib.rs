//! The domain of Refundry: what money, invoices, refunds, claims and payouts are, and what may happen to them.
//!
//! Everything here is pure. Nothing reads a clock, mints an id, draws a random number or does I/O: `now` and new ids come
//! in as arguments. So the same code judges a refund on the server, checks an address in the browser and is replayed
//! by tests.
//!
//! Where to look:
//!
//! | question | module |
//! |---|---|
//! | what can happen to a refund? | [`lifecycle`] |
//! | what does a deposit do to its invoice? | [`invoice`], [`exception`], [`policy`] |
//! | what would another policy have done? | [`replay`] |
//! | which account moves, for which event? | [`ledger::entries`] |
//! | is this address right for this network? | [`destination`] |
//! | what is a payer's link made of? | [`claim`] |
//! | which other systems tell us of deposits? | [`source`] |
//! | what do merchants get told? | [`notice`], in whose words [`dialect`] |
//! | who gets which mail? | [`email`], from whom and by whom [`display_name`] |

pub mod brand;
pub mod claim;
pub mod claim_code;
pub mod delivery;
pub mod destination;
pub mod dialect;
pub mod display_name;
pub mod email;
pub mod exception;
pub mod ids;
pub mod invoice;
pub mod job;
pub mod language;
pub mod ledger;
pub mod lifecycle;
pub mod merchant;
pub mod money;
mod names;
pub mod notice;
pub mod outage;
pub mod outcome;
pub mod payment_link;
pub mod payment_request;
pub mod payout;
pub mod policy;
pub mod privacy;
pub mod rate;
pub mod refund;
pub mod replay;
pub mod signing;
pub mod source;
pub mod view;

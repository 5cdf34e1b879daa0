//! The pieces pages are made of. See `style/` for how they look.

mod amount;
mod coin;
mod countdown;
mod dialogs;
mod empty;
mod follow;
mod form;
mod frame;
mod ledger_table;
mod passkey;
mod pill;
mod qr;
mod rail;
mod table;
mod time;

pub(crate) use crate::icon::{Icon, Shape};
pub(crate) use amount::{Amount, BigAmount, exact, exact_in};
pub(crate) use coin::{AssetName, Coin};
pub(crate) use countdown::Countdown;
pub(crate) use empty::Empty;
pub(crate) use follow::Follow;
pub(crate) use form::{
    CancelReasons, CodeField, Consent, Done, EmailField, ErrorSummary, FieldMessage, Note, Offline, PasswordField, Refusal, TextArea,
    TextField,
};
pub(crate) use frame::{Payer, Section, Staff, StaffOnly, initials};
pub(crate) use ledger_table::LedgerTable;
pub(crate) use passkey::PasskeyForm;
pub(crate) use pill::{InvoicePill, Pill, StatePill, Tone, invoice_title, reason_title, state_title};
pub(crate) use qr::Qr;
pub(crate) use rail::{Rail, Stop, StopState};
pub(crate) use table::{Head, Scroll, Table};
pub(crate) use time::{Form, When, staff};

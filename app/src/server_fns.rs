//! Server functions: what forms and islands may ask of the server. Each is a public POST route under `/fn`, so each checks
//! its caller itself. [`ALLOWED`] lists all of them; a test compares it with what is registered.

#[cfg(feature = "ssr")]
pub mod cancel;
#[cfg(feature = "ssr")]
pub mod cancel_link;
#[cfg(feature = "ssr")]
pub mod case;
#[cfg(feature = "ssr")]
pub mod claim;
#[cfg(feature = "ssr")]
pub mod pay;
#[cfg(feature = "ssr")]
pub mod receipt;
#[cfg(feature = "ssr")]
pub mod refund;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
pub mod sandbox;
#[cfg(feature = "ssr")]
pub mod session;

#[cfg(feature = "ssr")]
pub use guard::{ALLOWED, Door};

#[cfg(feature = "ssr")]
mod guard {
    /// Who may call a server function.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Door {
        /// Everybody: it asks for a password, ends what the caller has, or belongs to a page that is everybody's.
        Open,
        /// Whoever holds a payer's link.
        Token,
        /// Staff whose role moves money.
        MovesMoney,
        /// Staff whose role approves what others made.
        Approves,
    }

    /// Every server function's path and who may call it.
    pub const ALLOWED: [(&str, Door); 18] = [
        ("/fn/agree_to_pay", Door::Open),
        ("/fn/approve_refund", Door::Approves),
        ("/fn/cancel_claim", Door::Token),
        ("/fn/cancel_refund", Door::MovesMoney),
        ("/fn/check_receipt", Door::Open),
        ("/fn/confirm_claim", Door::Token),
        ("/fn/decline_refund", Door::Approves),
        ("/fn/email_cancel_link", Door::Token),
        ("/fn/hold_refund", Door::MovesMoney),
        ("/fn/move_clock", Door::MovesMoney),
        ("/fn/notify_payer", Door::MovesMoney),
        ("/fn/reissue_refund", Door::MovesMoney),
        ("/fn/release_refund", Door::Approves),
        ("/fn/resolve_case", Door::MovesMoney),
        ("/fn/retry_refund", Door::MovesMoney),
        ("/fn/sign_in", Door::Open),
        ("/fn/sign_out", Door::Open),
        ("/fn/simulate_payment", Door::MovesMoney),
    ];
}

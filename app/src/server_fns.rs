//! Server functions: what forms and islands may ask of the server. Each is a public POST route under `/fn`, so each checks
//! its caller itself. [`ALLOWED`] lists all of them; a test compares it with what is registered.

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod brand;
#[cfg(feature = "ssr")]
pub mod bulk;
#[cfg(feature = "ssr")]
pub mod cancel;
#[cfg(feature = "ssr")]
pub mod cancel_link;
#[cfg(feature = "ssr")]
pub mod case;
#[cfg(feature = "ssr")]
pub mod claim;
#[cfg(feature = "ssr")]
pub mod code_app;
#[cfg(feature = "ssr")]
pub mod email;
#[cfg(feature = "ssr")]
pub mod endpoint;
#[cfg(feature = "ssr")]
pub mod invitation;
#[cfg(feature = "ssr")]
pub mod key;
#[cfg(feature = "ssr")]
pub mod mid;
#[cfg(feature = "ssr")]
pub mod new_refund;
#[cfg(feature = "ssr")]
pub mod passkey;
#[cfg(feature = "ssr")]
pub mod pay;
#[cfg(feature = "ssr")]
pub mod policy;
#[cfg(feature = "ssr")]
pub mod privacy;
#[cfg(feature = "ssr")]
pub mod receipt;
#[cfg(feature = "ssr")]
pub mod refund;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
pub mod reset;
#[cfg(feature = "ssr")]
pub mod sandbox;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod setup;
#[cfg(feature = "ssr")]
pub mod source;
#[cfg(feature = "ssr")]
pub mod team;

#[cfg(feature = "ssr")]
pub use guard::{ALLOWED, Door};

#[cfg(feature = "ssr")]
mod guard {
    /// Who may call a server function.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Door {
        /// Everybody: it asks for a password, ends what the caller has, or belongs to a page that is everybody's.
        Open,
        /// Whoever holds a link.
        Token,
        /// Staff whose role writes to payers again.
        WritesToPayers,
        /// Staff whose role moves money.
        MovesMoney,
        /// Staff whose role approves what others made.
        Approves,
        /// Staff whose role changes keys, endpoints, people and how the merchant looks.
        ChangesSettings,
        /// Staff whose role changes policies.
        ChangesPolicy,
        /// The operator.
        Operates,
        /// Whoever is signed in: it changes nothing, or only something about themselves.
        SignedIn,
    }

    /// Every server function's path and who may call it.
    pub const ALLOWED: [(&str, Door); 77] = [
        ("/fn/accept_invitation", Door::Token),
        ("/fn/add_endpoint", Door::ChangesSettings),
        ("/fn/add_mid", Door::Operates),
        ("/fn/add_passkey", Door::SignedIn),
        ("/fn/add_source", Door::ChangesSettings),
        ("/fn/agree_to_pay", Door::Open),
        ("/fn/approve_policy", Door::Approves),
        ("/fn/approve_refund", Door::Approves),
        ("/fn/approve_refunds", Door::Approves),
        ("/fn/ask_password_reset", Door::Open),
        ("/fn/begin_code_app", Door::SignedIn),
        ("/fn/begin_passkey", Door::SignedIn),
        ("/fn/begin_passkey_proof", Door::SignedIn),
        ("/fn/begin_passkey_sign_in", Door::Open),
        ("/fn/cancel_claim", Door::Token),
        ("/fn/cancel_refund", Door::MovesMoney),
        ("/fn/cancel_refunds", Door::MovesMoney),
        ("/fn/change_brand", Door::ChangesSettings),
        ("/fn/change_email", Door::SignedIn),
        ("/fn/change_endpoint", Door::ChangesSettings),
        ("/fn/change_name", Door::SignedIn),
        ("/fn/change_password", Door::SignedIn),
        ("/fn/change_privacy", Door::ChangesSettings),
        ("/fn/change_role", Door::ChangesSettings),
        ("/fn/change_sender", Door::ChangesSettings),
        ("/fn/change_writing", Door::ChangesSettings),
        ("/fn/check_receipt", Door::Open),
        ("/fn/choose_events", Door::ChangesSettings),
        ("/fn/confirm_claim", Door::Token),
        ("/fn/create_key", Door::ChangesSettings),
        ("/fn/create_refund", Door::MovesMoney),
        ("/fn/decline_refund", Door::Approves),
        ("/fn/discard_policy", Door::ChangesPolicy),
        ("/fn/email_cancel_link", Door::Token),
        ("/fn/enable_endpoint", Door::ChangesSettings),
        ("/fn/end_other_sessions", Door::SignedIn),
        ("/fn/end_session", Door::SignedIn),
        ("/fn/guard_mid", Door::Operates),
        ("/fn/hold_refund", Door::MovesMoney),
        ("/fn/invite_owner", Door::Operates),
        ("/fn/invite_person", Door::ChangesSettings),
        ("/fn/lift_freeze", Door::Operates),
        ("/fn/move_clock", Door::MovesMoney),
        ("/fn/move_endpoint", Door::ChangesSettings),
        ("/fn/notify_payer", Door::WritesToPayers),
        ("/fn/notify_payers", Door::WritesToPayers),
        ("/fn/preview_refund", Door::MovesMoney),
        ("/fn/prove", Door::SignedIn),
        ("/fn/prove_passkey", Door::SignedIn),
        ("/fn/reissue_refund", Door::MovesMoney),
        ("/fn/release_refund", Door::Approves),
        ("/fn/remove_endpoint", Door::ChangesSettings),
        ("/fn/remove_passkey", Door::SignedIn),
        ("/fn/remove_person", Door::ChangesSettings),
        ("/fn/remove_source", Door::ChangesSettings),
        ("/fn/renew_recovery_codes", Door::SignedIn),
        ("/fn/resend_webhook", Door::ChangesSettings),
        ("/fn/resolve_case", Door::MovesMoney),
        ("/fn/retry_refund", Door::MovesMoney),
        ("/fn/retry_refunds", Door::MovesMoney),
        ("/fn/revoke_key", Door::ChangesSettings),
        ("/fn/rotate_endpoint", Door::ChangesSettings),
        ("/fn/send_test_mail", Door::ChangesSettings),
        ("/fn/set_forgotten_password", Door::Token),
        ("/fn/sign_in", Door::Open),
        ("/fn/sign_in_code", Door::Open),
        ("/fn/sign_in_passkey", Door::Open),
        ("/fn/sign_out", Door::Open),
        ("/fn/simulate_payment", Door::MovesMoney),
        ("/fn/skip_setup_step", Door::ChangesSettings),
        ("/fn/stop_payouts", Door::Operates),
        ("/fn/test_endpoint", Door::ChangesSettings),
        ("/fn/try_policy", Door::SignedIn),
        ("/fn/turn_off_code_app", Door::SignedIn),
        ("/fn/turn_on_code_app", Door::SignedIn),
        ("/fn/withdraw_invitation", Door::ChangesSettings),
        ("/fn/write_policy", Door::ChangesPolicy),
    ];
}

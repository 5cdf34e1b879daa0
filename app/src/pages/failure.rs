//! Pages for what failed. Each says where the money is, and what to do.

use domain::language::{Language, Spoken};
use engine::Error;
use leptos::prelude::*;
use words::{Sentence as _, failure as said};

use crate::components::{Icon, Payer, Shape};
use crate::language::language;
use crate::reply::{Failure, go_to, retry_later, set_status};
use crate::session;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            // Forms show invalid fields themselves; what is left is a URL that was tampered with, such as a list's cursor.
            Error::NotFound | Error::Invalid(_) | Error::SandboxOff => Self::NoPage,
            Error::Forbidden => Self::Forbidden,
            Error::Unauthorized => Self::SignIn,
            Error::ProofNeeded => Self::Prove,
            Error::Refused(_)
            | Error::NotDone(_)
            | Error::InvoiceState { .. }
            | Error::ExceedsRefundable { .. }
            | Error::ActiveRefund { .. }
            | Error::MerchantFrozen
            | Error::InsufficientBalance { .. }
            | Error::QuoteExpired { .. }
            | Error::Conflict
            | Error::StillBusy { .. }
            | Error::Taken { .. }
            | Error::IdempotencyMismatch => Self::Changed,
            Error::Store(error) if error.is_away() => {
                tracing::error!(%error, "a page needs the database, which does not answer");
                Self::Away
            }
            Error::Rail(error) => {
                tracing::warn!(%error, "a page needs a rail, which did not answer");
                Self::Away
            }
            Error::RateLimited { .. }
            | Error::RateUnavailable
            | Error::EmailOff
            | Error::EmailNotTaken { .. }
            | Error::EmailNotWritten { .. }
            | Error::Store(_) => {
                tracing::error!(%error, "a page failed");
                Self::Ours
            }
        }
    }
}

impl Failure {
    /// Returns what a payer is told: links that open nothing are never told apart.
    #[must_use]
    pub fn of_payer(error: Error) -> Self {
        match Self::from(error) {
            Self::NoPage | Self::Forbidden | Self::SignIn | Self::Prove => Self::NoRefund,
            failure @ (Self::NoRefund | Self::Changed | Self::Unreadable | Self::TooMany | Self::Away | Self::Ours) => failure,
        }
    }

    /// Renders the failure as a page, with its status.
    pub(crate) fn into_view(self) -> AnyView {
        match self {
            Self::SignIn => go_to(&session::leading_to("/sign-in", &super::asked())),
            Self::Prove => go_to(&session::leading_to("/prove", &super::asked())),
            failure => {
                set_status(failure.status());
                retry_later(failure);
            }
        }
        let language = language(Spoken::default());
        let (heading, text) = self.words(language);
        // Staff find their way back; to payers the dashboard is nothing.
        let is_staffs = session::session_secret().is_some();
        let home = is_staffs.then(|| view! { <p><a href="/" class="btn">{said::Home.to(language)}</a></p> });
        view! {
            <Payer title=heading.clone() language=Some(language)>
                <div class="g4">
                    <span class="badge"><Icon shape=Shape::Alert large=true /></span>
                    <div class="g1">
                        <h1>{heading}</h1>
                        <p class="soft">{text}</p>
                    </div>
                    {home}
                </div>
            </Payer>
        }
        .into_any()
    }

    /// Returns a heading, and what to do.
    fn words(self, language: Language) -> (String, String) {
        match self {
            Self::SignIn => (said::SignIn.to(language), said::SignInText.to(language)),
            Self::Prove => (said::Prove.to(language), said::ProveText.to(language)),
            Self::Forbidden => (said::Forbidden.to(language), said::ForbiddenText.to(language)),
            Self::NoPage => (said::NoPage.to(language), said::NoPageText.to(language)),
            Self::NoRefund => (said::NoRefund.to(language), said::NoRefundText.to(language)),
            Self::Changed => (said::Changed.to(language), said::ChangedText.to(language)),
            Self::Unreadable => (said::Unreadable.to(language), said::UnreadableText.to(language)),
            Self::TooMany => (said::TooMany.to(language), said::TooManyText.to(language)),
            Self::Away => (said::Away.to(language), said::AwayText.to(language)),
            Self::Ours => (said::Ours.to(language), said::OursText.to(language)),
        }
    }
}

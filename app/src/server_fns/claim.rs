//! The payer's claim: confirm where the refund goes.

#![expect(clippy::too_many_arguments, reason = "a server function has one argument for each field of its form")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The answer to a confirmation, for programs. Browsers are sent to the claim's page instead.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Confirmation {
    /// `confirmed`, `conflict`, `validation_failed` or another closed code of the API.
    pub code: String,
    /// Where the refund goes already, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// What is wrong, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
    /// At which field each of these is; `code` asks for the one that was mailed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// Freezes the refund's destination (CP-09). Answers a repeat by the same browser like the first time.
#[server(prefix = "/fn", endpoint = "confirm_claim")]
pub async fn confirm_claim(
    /// The claim link's secret.
    token: String,
    /// Where to.
    #[server(default)]
    address: String,
    /// The tag, `none`, or nothing.
    #[server(default)]
    tag: String,
    /// The name of the privacy text that was agreed to.
    #[server(default)]
    consent: String,
    /// Where to write to, when that was asked for.
    #[server(default)]
    email: String,
    /// The code that was mailed, where the policy asks for one.
    #[server(default)]
    code: String,
    /// `on` to have another code mailed.
    #[server(default)]
    new_code: String,
    /// The fee the payer saw: another one is shown first.
    #[server(default)]
    shown_fee: String,
    /// `on` when the payer compared the address.
    #[server(default)]
    checked: String,
    /// Which language the page spoke.
    #[server(default)]
    language: String,
) -> Result<Confirmation, ServerFnError> {
    let form = domain::claim::ClaimForm { address, tag, consent, email, code, new_code };
    Ok(confirming::confirm(&token, form, &confirming::Beside { shown_fee, checked, language }).await)
}

mod confirming {
    use axum::http::StatusCode;
    use domain::claim::{ClaimForm, ClaimToken, FieldErrors};
    use domain::language::Language;
    use domain::lifecycle::Refused;
    use engine::{Engine, Error};
    use leptos::prelude::expect_context;

    use super::Confirmation;
    use crate::reply::{Failure, Submitted, WantsPage, failed, form_again, go_to, set_status};
    use crate::session;

    /// What comes with the form that is no part of the claim.
    pub(super) struct Beside {
        pub(super) shown_fee: String,
        pub(super) checked: String,
        pub(super) language: String,
    }

    pub(super) async fn confirm(token: &str, form: ClaimForm, beside: &Beside) -> Confirmation {
        let engine = expect_context::<Engine>();
        let page = format!("/claim/{token}");
        if beside.checked != "on" {
            let errors = FieldErrors::one("checked", "required", "Tick the box after you have checked the address");
            return again(page, &form, beside, errors);
        }
        let token_of_link = ClaimToken::from_untrusted(token);
        // Before the confirmation: its mail speaks it already. Without it the claim is none the worse.
        if let Some(language) = Language::from_name(&beside.language)
            && let Err(error) = engine.remember_language(&token_of_link, language).await
        {
            tracing::debug!(%error, "a payer's language was not kept");
        }
        let shown_fee = Some(beside.shown_fee.as_str()).filter(|fee| !fee.is_empty());
        match engine.confirm_claim(&token_of_link, &form, shown_fee).await {
            Ok(viewer) => {
                session::keep_viewer(token, &viewer);
                see(&page, StatusCode::OK);
                Confirmation { code: "confirmed".to_owned(), ..Confirmation::default() }
            }
            Err(Error::Invalid(errors)) => again(page, &form, beside, errors),
            Err(Error::Refused(Refused::AlreadyClaimed { destination })) => {
                see(&page, StatusCode::CONFLICT);
                Confirmation { code: "conflict".to_owned(), destination: Some(destination), ..Confirmation::default() }
            }
            // The page says what became of the refund.
            Err(Error::Refused(refused)) => {
                see(&page, StatusCode::CONFLICT);
                Confirmation { code: "conflict".to_owned(), messages: vec![refused.to_string()], ..Confirmation::default() }
            }
            Err(error) => {
                let failure = Failure::of_payer(error);
                failed(failure);
                Confirmation { code: code(failure).to_owned(), ..Confirmation::default() }
            }
        }
    }

    /// Sends browsers to the page; programs get the status.
    fn see(page: &str, status: StatusCode) {
        if expect_context::<WantsPage>().0 { go_to(page) } else { set_status(status) }
    }

    fn again(page: String, form: &ClaimForm, beside: &Beside, errors: FieldErrors) -> Confirmation {
        let messages = errors.0.iter().map(|error| error.message.clone()).collect();
        let fields = errors.0.iter().map(|error| error.field.clone()).collect();
        let values = vec![
            ("address", form.address.clone()),
            ("tag", form.tag.clone()),
            ("consent", form.consent.clone()),
            ("email", form.email.clone()),
            ("code", form.code.clone()),
            ("shown_fee", beside.shown_fee.clone()),
        ];
        form_again(page, Submitted { values, errors });
        Confirmation { code: "validation_failed".to_owned(), destination: None, messages, fields }
    }

    const fn code(failure: Failure) -> &'static str {
        match failure {
            Failure::SignIn | Failure::Prove => "unauthorized",
            Failure::NoPage | Failure::NoRefund => "not_found",
            Failure::Forbidden => "forbidden",
            Failure::Changed => "conflict",
            Failure::Unreadable => "validation_failed",
            Failure::TooMany => "rate_limited",
            Failure::Away | Failure::Ours => "maintenance",
        }
    }
}

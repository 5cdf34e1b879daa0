//! Plain pages: privacy and help.

use domain::language::Spoken;
use leptos::prelude::*;
use words::{Sentence as _, payer, plain};

use crate::components::Payer;
use crate::language::{language, rich};

/// What is kept of payers, for merchants without a text of their own. Consents name its version: a change of meaning is a new one
/// (`PrivacyText::OWN`).
#[component]
pub(crate) fn Privacy() -> impl IntoView {
    let language = language(Spoken::default());
    view! {
        <Payer title=payer::Privacy.to(language) language=Some(language)>
            <div class="g1">
                <h1>{payer::Privacy.to(language)}</h1>
                <p class="soft sm">{plain::PrivacyLead.to(language)}</p>
            </div>
            <div class="g4">
                <h2>{plain::Kept.to(language)}</h2>
                <p>{plain::KeptText.to(language)}</p>
                <h2>{plain::Used.to(language)}</h2>
                <p>{plain::UsedEmail.to(language)}</p>
                <p>{plain::UsedAddress.to(language)}</p>
                <h2>{plain::NotDone.to(language)}</h2>
                <p>{plain::NotDoneText.to(language)}</p>
                <h2>{plain::Rights.to(language)}</h2>
                <p>{plain::RightsText.to(language)}</p>
            </div>
        </Payer>
    }
    .into_any()
}

/// Where to get help.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let language = language(Spoken::default());
    let example = |_: &str, text: String| view! { <span class="mono">{text}</span> }.into_any();
    view! {
        <Payer title=payer::GetHelp.to(language) language=Some(language)>
            <div class="g1">
                <h1>{payer::GetHelp.to(language)}</h1>
                <p class="soft sm">{plain::HelpLead.to(language)}</p>
            </div>
            <div class="g4">
                <h2>{plain::Contact.to(language)}</h2>
                <p>{rich(&plain::ContactText { reference: "REFUND-1042" }, language, example)}</p>
                <h2>{plain::Wrong.to(language)}</h2>
                <p>{plain::WrongText.to(language)}</p>
                <h2>{plain::Safe.to(language)}</h2>
                <p>{plain::SafeText.to(language)}</p>
            </div>
        </Payer>
    }
    .into_any()
}

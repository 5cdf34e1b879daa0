//! `/settings/brand`: how payers see the merchant and each of its MIDs, and where people are written to.

use domain::brand::{Colour, ColourError, LOGO_BYTES_MAX};
use domain::ids::MidId;
use domain::language::Language;
use domain::merchant::{Mid, Right, Scope};
use engine::Engine;
use engine::brands::BrandSettings;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_brand as said, staff_settings};

use super::privacy::{PrivacyCard, wrong_privacy};
use super::{Card, Settings, Tab, frozen_until};
use crate::components::{FieldMessage, StaffOnly, TextField};
use crate::language::say;
use crate::pages::{page, query};
use crate::reply::{Failure, Submitted};
use crate::server_fns::brand::{ChangeBrand, ChangeWriting, level};
use crate::session::caller;

/// The page: of the merchant, or of the MID that the URL names.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let submitted = in_words(use_context::<Submitted>().unwrap_or_default());
        let asked = query("mid").unwrap_or_default();
        // The operator has no merchant of their own: a MID is always chosen.
        let asked = match (asked.is_empty(), caller.scope, mids.first()) {
            (true, Scope::Everything, Some(first)) => first.id.to_string(),
            _ => asked,
        };
        let mid = match asked.as_str() {
            "" => None,
            id => {
                let id: MidId = id.parse().map_err(|_| Failure::NoPage)?;
                Some(mids.iter().find(|mid| mid.id == id).cloned().ok_or(Failure::NoPage)?)
            }
        };
        let level = level(&caller, &asked)?;
        let brand = engine.brand(&caller, level).await?;
        let privacy = engine.privacy(&caller, level).await?;
        let may_change = caller.may(Right::ChangeSettings);
        let has_own = matches!(caller.scope, Scope::Merchant(_));
        let now = engine.now();
        let writing = mid.clone().map(|mid| view! { <WritingCard mid submitted=submitted.clone() may_change /> });
        let denied = (!may_change).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Brand caller frozen_until submitted=submitted.clone() now>
                <Whose mids chosen=asked has_own />
                <BrandCard brand mid=mid.clone() submitted=submitted.clone() may_change />
                <PrivacyCard privacy mid submitted may_change now />
                {writing}
                {denied}
            </Settings>
        }
        .into_any())
    })
}

/// Says what is wrong with a brand, or with where people are written to.
fn in_words(submitted: Submitted) -> Submitted {
    let colour = submitted.value("colour").trim().parse::<Colour>();
    submitted.in_words(|field, code| match (field, code) {
        ("name", "invalid") => Some(say(said::WrongName)),
        ("colour", _) => match colour {
            Err(ColourError::TooLight { nearest }) => Some(say(said::LightColour { nearest: &nearest.to_string() })),
            Err(ColourError::Form) => Some(say(said::WrongColour)),
            Ok(_) => None,
        },
        ("logo", "invalid") => Some(say(said::WrongLogo)),
        ("logo", "too_large") => Some(say(said::LargeLogo { most: &LOGO_BYTES_MAX.to_string() })),
        ("alert_email" | "support_email", "invalid") => Some(say(payer::EnterEmail)),
        (field, code) => wrong_privacy(field, code),
    })
}

/// The choice between the merchant and its MIDs.
#[component]
fn Whose(mids: Vec<Mid>, chosen: String, has_own: bool) -> impl IntoView {
    let own = has_own
        .then(|| view! { <a href="/settings/brand" aria-current=chosen.is_empty().then_some("page")>{say(staff_settings::AllMids)}</a> });
    let entries = mids.into_iter().map(|mid| {
        let id = mid.id.to_string();
        let current = (id == chosen).then_some("page");
        view! { <a href=format!("/settings/brand?mid={id}") aria-current=current>{mid.name}</a> }
    });
    view! { <nav class="tabs" aria-label=say(said::Whose)>{own} {entries.collect_view()}</nav> }.into_any()
}

/// Returns what was typed into a field of a form that is shown again, else what is kept.
pub(super) fn shown(submitted: &Submitted, is_again: bool, field: &str, kept: Option<String>) -> String {
    if is_again { submitted.value(field).to_owned() } else { kept.unwrap_or_default() }
}

#[component]
fn BrandCard(brand: BrandSettings, mid: Option<Mid>, submitted: Submitted, may_change: bool) -> impl IntoView {
    let is_again = submitted.is_again(&["name", "colour", "logo"]);
    let about = match &mid {
        Some(mid) => say(said::AboutMid { mid: &mid.name }),
        None => say(said::About),
    };
    let logo = match &brand.logo_url {
        Some(url) => view! {
            <div class="row">
                <img class="logo" src=url.clone() alt=say(said::YourLogo) width="32" height="32" />
                <label class="check">
                    <input type="checkbox" name="without_logo" value="on" />
                    <span>{say(said::WithoutLogo)}</span>
                </label>
            </div>
        }
        .into_any(),
        None => view! { <p class="sm soft">{say(said::NoLogo)}</p> }.into_any(),
    };
    let message = submitted.error("logo");
    // A picture is sent as text among the other fields, which takes a script; programs send it through the API.
    let upload = may_change.then(|| {
        let is_wrong = message.is_some();
        view! {
            <div class="field">
                <label for="logo">{say(said::NewLogo)}</label>
                <input
                    class="input when-awake"
                    id="logo"
                    type="file"
                    accept="image/png, image/webp"
                    data-into="logo"
                    data-bytes=LOGO_BYTES_MAX.to_string()
                    data-too-large=crate::language::say(words::staff_form::FileTooLarge { most: &LOGO_BYTES_MAX.to_string(), size: "{size}" })
                    aria-invalid=is_wrong.then_some("true")
                    aria-describedby="logo-hint logo-msg"
                />
                <input type="hidden" name="logo" value="" />
                <p class="hint" id="logo-hint">{say(said::NewLogoHint)}</p>
                <FieldMessage id="logo-msg" message />
            </div>
        }
    });
    let id = mid.map(|mid| mid.id.to_string()).unwrap_or_default();
    view! {
        <Card title=say(said::Brand) about>
            <form class="body g4" method="post" action=ChangeBrand::url()>
                <input type="hidden" name="mid" value=id />
                <TextField
                    id="name"
                    label=say(said::Name)
                    maxlength=100
                    hint=say(said::NameHint)
                    value=shown(&submitted, is_again, "name", brand.name)
                    error=submitted.error("name")
                />
                <TextField
                    id="colour"
                    label=say(said::Colour)
                    maxlength=7
                    hint=say(said::ColourHint)
                    value=shown(&submitted, is_again, "colour", brand.colour.map(|colour| colour.to_string()))
                    error=submitted.error("colour")
                />
                {logo} {upload}
                {may_change.then(|| view! { <span><button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::SaveBrand)}</button></span> })}
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn WritingCard(mid: Mid, submitted: Submitted, may_change: bool) -> impl IntoView {
    let is_again = submitted.is_again(&["alert_email", "support_email"]);
    let writing = mid.writing;
    let chosen = shown(&submitted, is_again, "language", writing.language.map(|language| language.name().to_owned()));
    let languages = Language::ALL.iter().copied().map(|language| {
        view! { <option value=language.name() lang=language.name() selected=chosen == language.name()>{language.own_name()}</option> }
    });
    let languages = languages.collect_view();
    view! {
        <Card title=say(said::Email) about=say(said::EmailText)>
            <form class="body g4" method="post" action=ChangeWriting::url()>
                <input type="hidden" name="mid" value=mid.id.to_string() />
                <TextField
                    id="alert_email"
                    label=say(said::Alerts)
                    kind="email"
                    maxlength=254
                    hint=say(said::AlertsHint)
                    value=shown(&submitted, is_again, "alert_email", writing.alert_email.map(|email| email.to_string()))
                    error=submitted.error("alert_email")
                />
                <TextField
                    id="support_email"
                    label=say(said::Answers)
                    kind="email"
                    maxlength=254
                    hint=say(said::AnswersHint)
                    value=shown(&submitted, is_again, "support_email", writing.support_email.map(|email| email.to_string()))
                    error=submitted.error("support_email")
                />
                <div class="field">
                    <label for="language">{say(said::Language)}</label>
                    <select class="input" id="language" name="language">
                        <option value="">{say(said::LanguageDefault)}</option>
                        {languages}
                    </select>
                </div>
                {may_change.then(|| view! { <span><button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::SaveEmail)}</button></span> })}
            </form>
        </Card>
    }
    .into_any()
}

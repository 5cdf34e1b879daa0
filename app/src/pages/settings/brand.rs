//! `/settings/brand`: how payers see the merchant and each of its MIDs.

use domain::brand::{Colour, ColourError, LOGO_BYTES_MAX};
use domain::merchant::{Mid, Right, Scope};
use engine::Engine;
use engine::brands::BrandSettings;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_brand as said, staff_settings};

use super::privacy::{PrivacyCard, wrong_privacy};
use super::{Card, Settings, Tab, Whose, chosen_mid, frozen_until};
use crate::components::{FieldMessage, StaffOnly, TextField};
use crate::language::say;
use crate::pages::page;
use crate::reply::Submitted;
use crate::server_fns::brand::{ChangeBrand, level};
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
        let mid = chosen_mid(&caller, &mids)?;
        let asked = mid.as_ref().map(|mid| mid.id.to_string()).unwrap_or_default();
        let level = level(&caller, &asked)?;
        let brand = engine.brand(&caller, level).await?;
        let privacy = engine.privacy(&caller, level).await?;
        let may_change = caller.may(Right::ChangeSettings);
        let has_own = matches!(caller.scope, Scope::Merchant(_));
        let now = engine.now();
        let denied = (!may_change).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Brand caller frozen_until submitted=submitted.clone() now>
                <Whose page="/settings/brand" mids chosen=asked has_own />
                <BrandCard brand mid=mid.clone() submitted=submitted.clone() may_change />
                <PrivacyCard privacy mid submitted may_change now />
                {denied}
            </Settings>
        }
        .into_any())
    })
}

/// Says what is wrong with a brand.
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
        (field, code) => wrong_privacy(field, code),
    })
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

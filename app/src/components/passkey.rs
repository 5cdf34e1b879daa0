//! A form that a passkey fills in.

use leptos::prelude::*;
use words::staff_form;

use super::{FieldMessage, Icon, Shape};
use crate::language::say;

/// The form: its button lets the page's script ask `begin` what to ask the browser, and posts what a passkey answers to `action`. It is not
/// there without scripts, or in a browser that knows no passkeys.
#[component]
pub(crate) fn PasskeyForm(
    action: &'static str,
    begin: &'static str,
    /// Whether a new passkey is made, instead of one asked that is there.
    #[prop(optional)]
    makes: bool,
    #[prop(into)] button: String,
    /// How the button looks.
    #[prop(default = "btn primary lg")]
    class: &'static str,
    /// What was wrong with the last answer.
    error: Option<String>,
    /// What is posted beside the answer.
    children: Children,
) -> impl IntoView {
    view! {
        <form class="g4 when-awake" method="post" action=action data-passkey=begin data-makes=makes.then_some("") data-known=say(staff_form::PasskeyKnown) data-silent=say(staff_form::PasskeySilent)>
            <input type="hidden" name="credential" value="" />
            {children()}
            <span>
                <button class=class data-busy=say(staff_form::PasskeyWaiting)><Icon shape=Shape::Passkey /> {button}</button>
            </span>
            <p class="err" role="alert" data-said="" hidden></p>
            <FieldMessage id="passkey-msg" message=error />
        </form>
    }
    .into_any()
}

//! The open claim: amount, why, the address field.

use domain::claim::{ClaimForm, FieldErrors};
use domain::destination::{self, Destination, TagRule};
use domain::refund::Reason;
use domain::view::ClaimView;
use jiff::Timestamp;
use leptos::prelude::*;

use super::{FeeLines, Headline};
use crate::components::{Amount, AssetName, Consent, EmailField, ErrorSummary, FieldMessage, Form, Icon, Note, Payer, Shape, When, exact};
use crate::durations;
use crate::islands::AddressField;

/// Below this much time the deadline is urgent.
const URGENT_SECS: i64 = 48 * 3600;
/// Below this much it is counted in seconds.
const LAST_HOUR_SECS: i64 = 3600;

/// The form, empty or with what is wrong.
#[component]
pub(super) fn Open(token: String, view: ClaimView, expires_at: Timestamp, form: ClaimForm, errors: FieldErrors) -> impl IntoView {
    let (network, symbol) = (view.asset.network, view.asset.id.symbol().to_owned());
    let prefix = if errors.0.is_empty() { "" } else { "Error: " };
    let title = format!("{prefix}Claim your refund of {}", exact(&view.amount, &symbol));
    let message = |field: &str| errors.message(field).map(str::to_owned);
    let address_error = message("address");
    // What opens a wallet is never sent back.
    let is_secret = Destination::parse(network, &form.address, None).is_err_and(|error| error.is_secret());
    let typed = if is_secret { String::new() } else { form.address.clone() };
    let (tag_error, email_error, consent_error) = (message("tag"), message("email"), message("consent"));
    let asked = view.asked;
    let email = asked.email.then(|| {
        view! { <EmailField label="Email for updates and for cancelling" hint="If the address turns out to be wrong, you cancel from there." typed=form.email.clone() error=email_error /> }
    });
    let consent = asked.consent.is_none().then(|| {
        view! { <Consent to_refund=true is_given=form.consent == "on" error=consent_error /> }
    });
    let claim = view! {
        <form class="g5" method="post" action=format!("/claim/{token}") novalidate>
            <ErrorSummary errors />
            <AddressField network symbol=symbol.clone() typed error=address_error />
            {destination::tag_rule(network).map(|rule| view! { <TagField rule tag=form.tag error=tag_error /> })}
            {email}
            <FeeLines view=view.clone() />
            <div class="g3">
                {consent}
                <button class="btn primary lg" data-busy="Checking…">"Review refund"</button>
                <p class="sm soft ctr">"Nothing is sent yet. You check everything on the next screen."</p>
            </div>
        </form>
    };
    let merchant = view.merchant.clone();
    view! {
        <Payer title merchant=Some(merchant.clone()) brand=view.brand.clone()>
            <div class="g3">
                <Headline merchant=merchant.clone() amount=view.amount.clone() symbol=symbol.clone() />
                <AssetName symbol network with_standard=true />
            </div>
            <Deadline expires_at now=view.now />
            <Why view=view.clone() />
            {match view.net {
                Some(_) => claim.into_any(),
                None => view! { <TooSmall merchant fee=view.fee /> }.into_any(),
            }}
        </Payer>
    }
    .into_any()
}

#[component]
fn Deadline(expires_at: Timestamp, now: Timestamp) -> impl IntoView {
    let secs = expires_at.as_second().saturating_sub(now.as_second());
    let left = secs.to_string();
    if secs >= URGENT_SECS {
        return view! {
            <p class="strip">
                <span><Icon shape=Shape::Clock /> "Claim by " <b><When at=expires_at form=Form::Day /></b></span>
                <b class="num" data-left=left data-says="{} left">{format!("{} left", durations::left(secs))}</b>
            </p>
        }
        .into_any();
    }
    let is_last_hour = secs < LAST_HOUR_SECS;
    let text = if is_last_hour { durations::clock(secs) } else { durations::left(secs) };
    view! {
        <p class="strip warn">
            <span><Icon shape=Shape::Clock /> "Claim within"</span>
            <b class="num tone" role="timer" data-left=left data-clock=is_last_hour.then_some("")>{text}</b>
        </p>
    }
    .into_any()
}

/// Why there is a refund, in the payer's words.
#[component]
fn Why(view: ClaimView) -> impl IntoView {
    let order = view! { <b>{view.order}</b> };
    let why = match (view.reason, view.order_is_complete) {
        (Reason::Overpaid, true) => {
            view! { "You paid more than order " {order} " cost. The order is complete and the extra is yours." }.into_any()
        }
        (Reason::Overpaid, false) => {
            view! { "You paid more than order " {order} " cost, so the shop could not accept the payment. All of it is refunded." }.into_any()
        }
        (Reason::Underpaid, _) => {
            view! { "You paid less than order " {order} " cost, so the order was not completed. All of it is refunded." }.into_any()
        }
        // Late money on an order that was paid already: it was not needed.
        (Reason::Late, true) => view! { "Your payment arrived after order " {order} " was settled. It is refunded." }.into_any(),
        (Reason::Late, false) => {
            view! { "Your payment for order " {order} " arrived after the rate had ended, so the order was not completed. All of it is refunded." }
                .into_any()
        }
        (Reason::WrongAsset, _) => {
            view! { "You paid order " {order} " with another coin than it asked for, so the shop could not accept it. All of it is refunded." }
                .into_any()
        }
        (Reason::MissingTag, _) => {
            view! { "Your payment came without the tag that says what it is for, so the shop could not accept it. All of it is refunded." }
                .into_any()
        }
        (Reason::NotAccepted, _) => {
            view! { "The shop could not accept your payment for order " {order} ". All of it is refunded." }.into_any()
        }
        (Reason::Merchant, _) => view! { {view.merchant} " is refunding order " {order} "." }.into_any(),
    };
    let message = view.message.map(|message| view! { <blockquote class="sm soft">{format!("“{message}”")}</blockquote> });
    let is_extra = view.reason == Reason::Overpaid && view.order_is_complete;
    // The price of an order that asked for another coin says nothing about this one, and what came without a tag is for no order.
    let price = (!matches!(view.reason, Reason::WrongAsset | Reason::MissingTag)).then(|| {
        view! {
            <div>
                <dt>"Order price"</dt>
                <dd><Amount value=view.price minus=is_extra /></dd>
            </div>
        }
    });
    view! {
        <div class="g3">
            <p class="sm">{why}</p>
            {message}
            <dl class="sum sm">
                <div>
                    <dt>"You sent"</dt>
                    <dd><Amount value=view.received /></dd>
                </div>
                {price}
            </dl>
        </div>
    }
    .into_any()
}

#[component]
fn TagField(rule: TagRule, tag: String, error: Option<String>) -> impl IntoView {
    let has_none = tag == "none";
    // What opens a wallet is never sent back.
    let tag = if has_none || destination::opens_wallet(&tag) { String::new() } else { tag };
    let is_wrong = error.is_some();
    view! {
        <div class="field">
            <label for="tag">"Memo or tag"</label>
            <p class="hint" id="tag-hint">"Exchanges often need this. Without it the money can be lost."</p>
            <input
                class="input big"
                id="tag"
                name="tag"
                inputmode=rule.is_number.then_some("numeric")
                autocomplete="off"
                maxlength=rule.chars_max.to_string()
                value=tag
                aria-invalid=is_wrong.then_some("true")
                aria-describedby="tag-hint tag-msg"
            />
            <FieldMessage id="tag-msg" message=error />
            <label class="check">
                <input type="checkbox" name="no_tag" value="on" checked=has_none />
                <span>"My wallet does not use one"</span>
            </label>
        </div>
    }
    .into_any()
}

/// The fee eats the refund up: there is nothing to claim now (odd case 8).
#[component]
fn TooSmall(merchant: String, fee: String) -> impl IntoView {
    view! {
        <div>
            <Note tone="warn" shape=Shape::Warning>
                <b>"The network fee is larger than this refund."</b>
                {format!(" Sending it costs {fee} right now. The money stays yours: try again when the fee is lower, or ask {merchant}.")}
            </Note>
        </div>
    }
    .into_any()
}

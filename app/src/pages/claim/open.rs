//! The open claim: amount, why, the address field.

use domain::claim::{ClaimForm, FieldErrors};
use domain::destination::{self, Destination, TagRule};
use domain::language::Language;
use domain::refund::Reason;
use domain::view::ClaimView;
use jiff::Timestamp;
use leptos::prelude::*;
use words::{Sentence, address, claim, mails, pay, payer, time};

use super::words::address_words;
use super::{FeeLines, Headline};
use crate::components::{
    Amount, AssetName, Consent, Countdown, EmailField, ErrorSummary, FieldMessage, Form, Icon, Note, Offline, Payer, Shape, When, exact_in,
};
use crate::islands::AddressField;
use crate::language::rich;

/// Below this much time the deadline is urgent.
const URGENT_SECS: i64 = 48 * 3600;
const DAY_SECS: i64 = 86_400;

/// The form, empty or with what is wrong.
#[component]
pub(super) fn Open(
    token: String,
    view: ClaimView,
    expires_at: Timestamp,
    form: ClaimForm,
    errors: FieldErrors,
    language: Language,
) -> impl IntoView {
    let (network, symbol) = (view.asset.network, view.asset.id.symbol().to_owned());
    let title = claim::Title { amount: &exact_in(language, &view.amount, &symbol) }.to(language);
    let title = if errors.0.is_empty() { title } else { payer::Error { text: &title }.to(language) };
    let message = |field: &str| errors.message(field).map(str::to_owned);
    let address_error = message("address");
    // What opens a wallet is never sent back.
    let is_secret = Destination::parse(network, &form.address, None).is_err_and(|error| error.is_secret());
    let typed = if is_secret { String::new() } else { form.address.clone() };
    let (tag_error, email_error, consent_error) = (message("tag"), message("email"), message("consent"));
    let asked = view.asked;
    let email = asked.email.then(|| {
        let (label, hint) = (claim::Email.to(language), claim::EmailHint.to(language));
        view! { <EmailField label hint typed=form.email.clone() error=email_error language /> }
    });
    let consent = (!asked.is_agreed).then(|| {
        let (merchant, brand, ticked) = (view.merchant.clone(), view.brand.clone(), form.consent.clone());
        view! { <Consent to_refund=true merchant brand ticked error=consent_error language /> }
    });
    let claim = view! {
        <form class="g5" method="post" action=format!("/claim/{token}") novalidate>
            <ErrorSummary errors language />
            <AddressField network words=address_words(&view.asset, language) typed error=address_error />
            {destination::tag_rule(network).map(|rule| view! { <TagField rule tag=form.tag error=tag_error language /> })}
            {email}
            <FeeLines view=view.clone() language />
            <div class="g3">
                {consent}
                <button class="btn primary lg" data-busy=claim::Checking.to(language)>{claim::Review.to(language)}</button>
                <Offline language />
                <p class="sm soft ctr">{claim::NothingSentYet.to(language)}</p>
            </div>
        </form>
    };
    let merchant = view.merchant.clone();
    view! {
        <Payer title merchant=Some(merchant.clone()) brand=view.brand.clone() language=Some(language)>
            <div class="g3">
                <Headline merchant=merchant.clone() amount=view.amount.clone() symbol=symbol.clone() language />
                <AssetName symbol network with_standard=true language />
            </div>
            <Deadline expires_at now=view.now language />
            <Why view=view.clone() language />
            {match view.net {
                Some(_) => claim.into_any(),
                None => view! { <TooSmall merchant fee=exact_in(language, &view.fee, view.asset.id.symbol()) language /> }.into_any(),
            }}
        </Payer>
    }
    .into_any()
}

#[component]
fn Deadline(expires_at: Timestamp, now: Timestamp, language: Language) -> impl IntoView {
    let secs = expires_at.as_second().saturating_sub(now.as_second());
    if secs >= URGENT_SECS {
        let by =
            rich(&claim::ClaimBy { date: "" }, language, |_, _| view! { <b><When at=expires_at form=Form::Day language /></b> }.into_any());
        let days = time::Days { count: u64::try_from(secs / DAY_SECS).unwrap_or_default() }.to(language);
        return view! {
            <p class="strip">
                <span><Icon shape=Shape::Clock /> {by}</span>
                <b class="num">{time::Left { time: &days }.to(language)}</b>
            </p>
        }
        .into_any();
    }
    view! {
        <p class="strip warn">
            <span><Icon shape=Shape::Clock /> {claim::Within.to(language)}</span>
            <Countdown secs urgent=true language />
        </p>
    }
    .into_any()
}

/// Why there is a refund, in the words of its mail; the order stands out.
#[component]
fn Why(view: ClaimView, language: Language) -> impl IntoView {
    fn bold(sentence: &impl Sentence, language: Language) -> AnyView {
        rich(sentence, language, |name, text| match name {
            "order" => view! { <b>{text}</b> }.into_any(),
            _ => text.into_any(),
        })
    }
    let order = view.order.as_str();
    let why = match (view.reason, view.order_is_complete) {
        (Reason::Overpaid, true) => bold(&mails::WhyOverpaidExtra { order }, language),
        (Reason::Overpaid, false) => bold(&mails::WhyOverpaidAll { order }, language),
        (Reason::Underpaid, _) => bold(&mails::WhyUnderpaid { order }, language),
        // Late money on an order that was paid already: it was not needed.
        (Reason::Late, true) => bold(&mails::WhyLateSettled { order }, language),
        (Reason::Late, false) => bold(&mails::WhyLate { order }, language),
        (Reason::WrongAsset, _) => bold(&mails::WhyOtherCoin { order }, language),
        (Reason::MissingTag, _) => bold(&mails::WhyNoTag, language),
        (Reason::NotAccepted, _) => bold(&mails::WhyNotAccepted { order }, language),
        (Reason::Merchant, _) => bold(&mails::WhyMerchant { merchant: &view.merchant, order }, language),
    };
    let message = view.message.as_deref().map(|message| claim::Message { message }.to(language));
    let message = message.map(|message| view! { <blockquote class="sm soft">{message}</blockquote> });
    let is_extra = view.reason == Reason::Overpaid && view.order_is_complete;
    // The price of an order that asked for another coin says nothing about this one, and what came without a tag is for no order.
    let price = (!matches!(view.reason, Reason::WrongAsset | Reason::MissingTag)).then(|| {
        view! {
            <div>
                <dt>{pay::OrderPrice.to(language)}</dt>
                <dd><Amount value=view.price minus=is_extra language /></dd>
            </div>
        }
    });
    view! {
        <div class="g3">
            <p class="sm">{why}</p>
            {message}
            <dl class="sum sm">
                <div>
                    <dt>{pay::YouSent.to(language)}</dt>
                    <dd><Amount value=view.received language /></dd>
                </div>
                {price}
            </dl>
        </div>
    }
    .into_any()
}

#[component]
fn TagField(rule: TagRule, tag: String, error: Option<String>, language: Language) -> impl IntoView {
    let has_none = tag == "none";
    // What opens a wallet is never sent back.
    let tag = if has_none || destination::opens_wallet(&tag) { String::new() } else { tag };
    let is_wrong = error.is_some();
    view! {
        <div class="field">
            <label for="tag">{payer::Tag.to(language)}</label>
            <p class="hint" id="tag-hint">{address::TagHint.to(language)}</p>
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
            <FieldMessage id="tag-msg" message=error language />
            <label class="check">
                <input type="checkbox" name="no_tag" value="on" checked=has_none />
                <span>{address::TagUnused.to(language)}</span>
            </label>
        </div>
    }
    .into_any()
}

/// The fee eats the refund up: there is nothing to claim now (odd case 8).
#[component]
fn TooSmall(merchant: String, fee: String, language: Language) -> impl IntoView {
    view! {
        <div>
            <Note tone="warn" shape=Shape::Warning>
                <b>{claim::FeeTooLarge.to(language)}</b>
                " "
                {claim::FeeTooLargeText { fee: &fee, merchant: &merchant }.to(language)}
            </Note>
        </div>
    }
    .into_any()
}

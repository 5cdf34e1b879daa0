//! The form of a new refund: how much, at which rate, who pays the fee, where it goes. Which fields are shown follows from what is chosen, by
//! the style sheet alone.

use domain::claim::FieldErrors;
use domain::policy::{FeeBearer, RateRule};
use domain::view::InvoiceView;
use engine::refunding::Refundable;
use leptos::prelude::*;
use words::{payer, staff_new_refund as said};

use crate::components::{FieldMessage, TextArea, exact};
use crate::language::{rich, say, staff_language};
use crate::pages::policy::settings::period;
use crate::pages::symbol;
use crate::server_fns::new_refund::{CUSTOM_RATE, HowMuch, MESSAGE_CHARS_MAX, RefundForm};

/// All choices, with what is wrong at its place.
#[component]
pub(super) fn Choices(form: RefundForm, invoice: InvoiceView, refundable: Refundable, errors: FieldErrors) -> impl IntoView {
    view! {
        <Size form=form.clone() invoice=invoice.clone() refundable=refundable.clone() errors=errors.clone() />
        <Fee chosen=form.fee.clone() error=errors.message("fee").map(str::to_owned) />
        <Reach form invoice refundable errors />
    }
}

#[component]
fn Size(form: RefundForm, invoice: InvoiceView, refundable: Refundable, errors: FieldErrors) -> impl IntoView {
    let unit = symbol(&invoice.asset);
    let kinds = HowMuch::ALL.into_iter().enumerate().map(|(index, how)| {
        let id = if index == 0 { "how".to_owned() } else { format!("how-{}", how.name()) };
        let title = match how {
            HowMuch::Full => say(said::Full),
            HowMuch::Part => say(said::Part),
            HowMuch::Percent => say(said::Percent),
        };
        view! {
            <label>
                <input type="radio" name="how" id=id value=how.name() checked=form.how == how.name() />
                {title}
            </label>
        }
    });
    let message = |field: &str| errors.message(field).map(str::to_owned);
    let most = exact(&refundable.amount, &unit);
    let worth = refundable.worth.map(|worth| exact(&worth, &invoice.billed_currency));
    let up_to = say(said::UpTo { amount: worth.as_ref().unwrap_or(&most) });
    let all = match &worth {
        Some(worth) => say(said::AllLeftWorth { amount: &most, worth }),
        None => say(said::AllLeft { amount: &most }),
    };
    let currency = invoice.billed_currency.clone();
    view! {
        <section class="card sized">
            <header><h2>{say(said::HowMuch)}</h2></header>
            <div class="body g4">
                <fieldset class="seg">
                    <legend class="vh">{say(said::AmountType)}</legend>
                    {kinds.collect_view()}
                </fieldset>
                <FieldMessage id="how-msg" message=message("how") />
                <p class="sm soft for-full">{all}</p>
                <Number id="amount" label=say(said::Amount) typed=form.amount unit=currency hint=up_to error=message("amount") class="field for-part" />
                <Number
                    id="percent"
                    label=say(said::Percentage)
                    typed=form.percent
                    unit="%"
                    hint=say(said::PercentageHint)
                    error=message("percent")
                    class="field for-percent"
                />
                <Rates chosen=form.rate coins=form.coins invoice most policy=refundable.policy.rate_rule errors />
            </div>
        </section>
    }
    .into_any()
}

/// A field for a number with its unit.
#[component]
fn Number(
    id: &'static str,
    label: String,
    typed: String,
    #[prop(into)] unit: String,
    hint: String,
    error: Option<String>,
    class: &'static str,
) -> impl IntoView {
    let (hint_id, message_id) = match id {
        "amount" => ("amount-hint", "amount-msg"),
        "percent" => ("percent-hint", "percent-msg"),
        _ => ("coins-hint", "coins-msg"),
    };
    let is_wrong = error.is_some();
    view! {
        <div class=class>
            <label for=id>{label}</label>
            <div class="input big short">
                <input
                    id=id
                    name=id
                    class="num"
                    inputmode="decimal"
                    autocomplete="off"
                    maxlength="60"
                    value=typed
                    aria-invalid=is_wrong.then_some("true")
                    aria-describedby=format!("{hint_id} {message_id}")
                />
                <span class="unit">{unit}</span>
            </div>
            <p class="hint" id=hint_id>{hint}</p>
            <FieldMessage id=message_id message=error />
        </div>
    }
    .into_any()
}

/// The rules that priced amounts become coins by. What the policy says is among them.
#[component]
fn Rates(chosen: String, coins: String, invoice: InvoiceView, most: String, policy: RateRule, errors: FieldErrors) -> impl IntoView {
    let unit = symbol(&invoice.asset);
    let then = if policy == RateRule::CoinExact { RateRule::CoinExact } else { RateRule::RateThen };
    let mut rules = vec![then, RateRule::RateNowAtCreate, RateRule::RateNowAtRelease];
    if !rules.contains(&policy) {
        rules.push(policy);
    }
    let is_known = chosen == CUSTOM_RATE || rules.iter().any(|rule| rule.name() == chosen);
    let chosen = if is_known { chosen } else { policy.name().to_owned() };
    let rate = staff_language().number(&invoice.exchange_rate);
    let at_rate = say(said::RateThenText { currency: &invoice.billed_currency, rate: &rate, symbol: &unit });
    let choices = rules.into_iter().enumerate().map(|(index, rule)| {
        let (title, text) = words(rule, &at_rate);
        view! {
            <label class="choice">
                <input type="radio" name="rate" id=(index == 0).then_some("rate") value=rule.name() checked=chosen == rule.name() />
                <span class="fill">
                    <b>{title}</b>
                    <span>{text}</span>
                </span>
            </label>
        }
    });
    let message = |field: &str| errors.message(field).map(str::to_owned);
    view! {
        <fieldset class="field">
            <legend>{say(said::AtWhichRate)}</legend>
            <FieldMessage id="rate-msg" message=message("rate") />
            {choices.collect_view()}
            <label class="choice for-part">
                <input type="radio" name="rate" value=CUSTOM_RATE checked=chosen == CUSTOM_RATE />
                <span class="fill">
                    <b>{say(said::Custom)}</b>
                    <span>{say(said::CustomText)}</span>
                </span>
            </label>
        </fieldset>
        <Number
            id="coins"
            label=say(said::Coins)
            typed=coins
            unit
            hint=say(said::UpTo { amount: &most })
            error=message("coins")
            class="field for-custom"
        />
    }
    .into_any()
}

fn words(rule: RateRule, at_rate: &str) -> (String, String) {
    match rule {
        RateRule::CoinExact | RateRule::RateThen => (say(said::RateThen), at_rate.to_owned()),
        RateRule::RateNowAtCreate => (say(said::RateNow), say(said::RateNowText)),
        RateRule::RateNowAtRelease => (say(said::RateRelease), say(said::RateReleaseText)),
        RateRule::MinOf => (say(said::RateMin), say(said::RateThenAndNow)),
        RateRule::MaxOf => (say(said::RateMax), say(said::RateThenAndNow)),
    }
}

#[component]
fn Fee(chosen: String, error: Option<String>) -> impl IntoView {
    let choices =
        [(FeeBearer::Merchant, say(said::WePay), say(said::WePayText)), (FeeBearer::Payer, say(said::PayerPays), say(said::PayerPaysText))];
    let choices = choices.into_iter().enumerate().map(|(index, (bearer, title, text))| {
        view! {
            <label class="choice">
                <input type="radio" name="fee" id=(index == 0).then_some("fee") value=bearer.name() checked=chosen == bearer.name() />
                <span class="fill">
                    <b>{title}</b>
                    <span>{text}</span>
                </span>
            </label>
        }
    });
    view! {
        <section class="card">
            <header><h2>{say(said::WhoPays)}</h2></header>
            <fieldset class="body g2">
                <legend class="vh">{say(said::WhoPays)}</legend>
                <FieldMessage id="fee-msg" message=error />
                {choices.collect_view()}
            </fieldset>
        </section>
    }
    .into_any()
}

/// Where the refund goes, and what its payer reads.
#[component]
fn Reach(form: RefundForm, invoice: InvoiceView, refundable: Refundable, errors: FieldErrors) -> impl IntoView {
    let message = |field: &str| errors.message(field).map(str::to_owned);
    let network = invoice.network.title();
    let policy = &refundable.policy;
    let link = say(said::ByLinkText { delay: &period(policy.security_delay), valid: &period(policy.claim_ttl) });
    let optional = say(said::Optional);
    let label = rich(&said::Message { optional: &optional }, staff_language(), |_, text| {
        view! { <span class="soft regular">{text}</span> }.into_any()
    });
    let has_tag = domain::destination::uses_tag(invoice.network);
    let is_wrong = |field: &str| errors.message(field).is_some().then_some("true");
    let choice = |value: &'static str, title: String, text: String| {
        view! {
            <label class="choice">
                <input type="radio" name="to" id=(value == "link").then_some("to") value=value checked=form.to == value />
                <span class="fill">
                    <b>{title}</b>
                    <span>{text}</span>
                </span>
            </label>
        }
    };
    let tag = has_tag.then(|| {
        view! {
            <div class="field">
                <label for="tag">{say(payer::Tag)}</label>
                <input class="input" id="tag" name="tag" maxlength="64" autocomplete="off" value=form.tag.clone() aria-invalid=is_wrong("tag") aria-describedby="tag-hint tag-msg" />
                <p class="hint" id="tag-hint">{say(said::TagHint)}</p>
                <FieldMessage id="tag-msg" message=message("tag") />
            </div>
        }
    });
    let email = match &invoice.payer_email {
        Some(email) => view! {
            <label class="check">
                <input type="checkbox" id="notify" name="notify" value="on" checked=form.notify == "on" />
                <span>{say(said::EmailThePayer { email })}</span>
            </label>
        }
        .into_any(),
        None => view! { <p class="sm soft">{say(said::NoEmail)}</p> }.into_any(),
    };
    view! {
        <section class="card reached">
            <header><h2>{say(said::HowItReaches)}</h2></header>
            <div class="body g4">
                <fieldset class="g2">
                    <legend class="vh">{say(said::HowItReaches)}</legend>
                    {choice("link", say(said::ByLink), link)}
                    {choice("address", say(said::ByAddress), say(said::ByAddressText { network }))}
                </fieldset>
                <div class="g4 for-address">
                    <div class="field">
                        <label for="address">{say(said::TheirAddress { network, symbol: &symbol(&invoice.asset) })}</label>
                        <textarea
                            class="input addr"
                            id="address"
                            name="address"
                            rows="2"
                            dir="ltr"
                            autocomplete="off"
                            autocapitalize="off"
                            spellcheck="false"
                            maxlength="200"
                            aria-invalid=is_wrong("address")
                            aria-describedby="address-msg"
                        >
                            {form.address.replace('&', "&amp;").replace('<', "&lt;")}
                        </textarea>
                        <FieldMessage id="address-msg" message=message("address") />
                    </div>
                    {tag}
                </div>
                {email}
                <div class="field">
                    <label for="message">{label}</label>
                    <TextArea id="message" text=form.message maxlength=MESSAGE_CHARS_MAX described_by="message-hint" />
                    <p class="hint" id="message-hint">{say(said::MessageHint)}</p>
                    <FieldMessage id="message-msg" message=message("message") />
                </div>
            </div>
        </section>
    }
    .into_any()
}

//! The form of a new refund: how much, at which rate, who pays the fee, where it goes. Which fields are shown follows from what is chosen, by
//! the style sheet alone.

use domain::claim::FieldErrors;
use domain::policy::{FeeBearer, RateRule};
use domain::view::InvoiceView;
use engine::refunding::Refundable;
use leptos::prelude::*;

use crate::components::{FieldMessage, TextArea, exact};
use crate::pages::policy::settings::period;
use crate::pages::symbol;
use crate::server_fns::new_refund::{CUSTOM_RATE, HowMuch, RefundForm};

/// The longest message to a payer, in characters.
const MESSAGE_CHARS_MAX: usize = 500;

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
            HowMuch::Full => "Full",
            HowMuch::Part => "Part",
            HowMuch::Percent => "Percent",
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
    let up_to = worth.clone().map_or_else(|| format!("Up to {most}."), |worth| format!("Up to {worth}."));
    let all = worth.map_or_else(|| most.clone(), |worth| format!("{most}, {worth} when they paid"));
    let currency = invoice.billed_currency.clone();
    view! {
        <section class="card sized">
            <header><h2>"How much?"</h2></header>
            <div class="body g4">
                <fieldset class="seg">
                    <legend class="vh">"Amount type"</legend>
                    {kinds.collect_view()}
                </fieldset>
                <FieldMessage id="how-msg" message=message("how") />
                <p class="sm soft for-full">{format!("All that can still be refunded: {all}.")}</p>
                <Number id="amount" label="Amount to refund" typed=form.amount unit=currency hint=up_to error=message("amount") class="field for-part" />
                <Number
                    id="percent"
                    label="Percentage to refund"
                    typed=form.percent
                    unit="%"
                    hint="Of what was paid, from more than 0 to 100."
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
    label: &'static str,
    typed: String,
    #[prop(into)] unit: String,
    #[prop(into)] hint: String,
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
    let at_rate = format!("{} {} per {unit}. The same share of the coins they sent", invoice.exchange_rate, invoice.billed_currency);
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
            <legend>"At which rate?"</legend>
            <FieldMessage id="rate-msg" message=message("rate") />
            {choices.collect_view()}
            <label class="choice for-part">
                <input type="radio" name="rate" value=CUSTOM_RATE checked=chosen == CUSTOM_RATE />
                <span class="fill">
                    <b>"Custom"</b>
                    <span>"Enter the amount of coins yourself"</span>
                </span>
            </label>
        </fieldset>
        <Number id="coins" label="Coins to refund" typed=coins unit hint=format!("Up to {most}.") error=message("coins") class="field for-custom" />
    }
    .into_any()
}

fn words(rule: RateRule, at_rate: &str) -> (&'static str, String) {
    match rule {
        RateRule::CoinExact | RateRule::RateThen => ("Rate when they paid", at_rate.to_owned()),
        RateRule::RateNowAtCreate => ("Rate now", "The same value as today, held while the preview is".to_owned()),
        RateRule::RateNowAtRelease => {
            ("Rate when it is sent", "The same value on the day the coins leave; the preview shows today’s".to_owned())
        }
        RateRule::MinOf => ("The fewer coins", "Of the rate when they paid and the rate now".to_owned()),
        RateRule::MaxOf => ("The more coins", "Of the rate when they paid and the rate now".to_owned()),
    }
}

#[component]
fn Fee(chosen: String, error: Option<String>) -> impl IntoView {
    let choices = [
        (FeeBearer::Merchant, "We pay", "The payer receives the full amount"),
        (FeeBearer::Payer, "The payer pays", "The fee is taken from the refund"),
    ];
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
            <header><h2>"Who pays the network fee?"</h2></header>
            <fieldset class="body g2">
                <legend class="vh">"Who pays the network fee?"</legend>
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
    let link = format!(
        "They enter their own address. Valid for {}, then a security delay of {}",
        period(policy.claim_ttl),
        period(policy.security_delay)
    );
    let has_tag = domain::destination::uses_tag(invoice.network);
    let is_wrong = |field: &str| errors.message(field).is_some().then_some("true");
    let choice = |value: &'static str, title: &'static str, text: String| {
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
                <label for="tag">"Memo or tag"</label>
                <input class="input" id="tag" name="tag" maxlength="64" autocomplete="off" value=form.tag.clone() aria-invalid=is_wrong("tag") aria-describedby="tag-hint tag-msg" />
                <p class="hint" id="tag-hint">"Exchanges often need this. Without it the money can be lost. Write none when the wallet uses none."</p>
                <FieldMessage id="tag-msg" message=message("tag") />
            </div>
        }
    });
    let email = match &invoice.payer_email {
        Some(email) => {
            view! {
                <label class="check">
                    <input type="checkbox" id="notify" name="notify" value="on" checked=form.notify == "on" />
                    <span>"Email the payer: " {email.clone()}</span>
                </label>
            }
            .into_any()
        }
        None => {
            view! { <p class="sm soft">"No email of this payer is known. Copy the claim link from the refund and send it to them yourself."</p> }
                .into_any()
        }
    };
    view! {
        <section class="card reached">
            <header><h2>"How does it reach the payer?"</h2></header>
            <div class="body g4">
                <fieldset class="g2">
                    <legend class="vh">"How does it reach the payer?"</legend>
                    {choice("link", "Send a claim link", link)}
                    {choice("address", "I know the address", format!("{network} only, the same network as the payment"))}
                </fieldset>
                <div class="g4 for-address">
                    <div class="field">
                        <label for="address">{format!("Their {} address on {network}", symbol(&invoice.asset))}</label>
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
                    <label for="message">"Message to the payer " <span class="soft regular">"(optional)"</span></label>
                    <TextArea id="message" text=form.message maxlength=MESSAGE_CHARS_MAX described_by="message-hint" />
                    <p class="hint" id="message-hint">"Shown with the refund. Write no passwords or keys."</p>
                    <FieldMessage id="message-msg" message=message("message") />
                </div>
            </div>
        </section>
    }
    .into_any()
}

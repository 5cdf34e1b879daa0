//! What a quoted refund would do: what the payer receives, what leaves the balance, what is booked. Nothing of it has happened.

use domain::policy::{FeeBearer, RateRule};
use engine::refunding::Forecast;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::staff_new_refund as said;

use crate::components::{Amount, BigAmount, Note, Shape, exact, staff};
use crate::language::{rich, say, staff_language};
use crate::pages::{query, symbol};
use crate::server_fns::new_refund::{PreviewRefund, RefundForm};

/// The column beside the form, with the button that makes the refund.
#[component]
pub(super) fn Preview(quote: Forecast, mid: String, form: RefundForm, now: Timestamp) -> impl IntoView {
    let preview = quote.preview.clone();
    let unit = symbol(&preview.asset);
    let bearer = preview.fee.bearer;
    let fee_title = match bearer {
        FeeBearer::Merchant => say(said::FeeYou),
        FeeBearer::Payer => say(said::FeeTaken),
    };
    let news = match query("quoted").as_deref() {
        Some("edited") => Some(say(said::Edited)),
        Some("renewed") => Some(say(said::Renewed)),
        Some(_) | None => None,
    };
    let news = news.map(|text| {
        view! {
            <div role="alert">
                <Note tone="warn" shape=Shape::Alert>{text}</Note>
            </div>
        }
    });
    let second = quote.approval_above.clone().map(|limit| {
        let limit = exact(&limit, &preview.billed_currency);
        view! {
            <Note tone="warn" shape=Shape::Check>
                <b>{say(said::SecondPerson)}</b>
                " "
                {say(said::SecondPersonText { limit: &limit })}
            </Note>
        }
    });
    let missing = quote.missing.as_ref().map(|missing| exact(missing, &unit));
    let short = missing.map(|missing| {
        let text = say(said::Short { balance: &exact(&quote.balance, &unit), mid: &mid, missing: &missing });
        view! { <Note tone="warn" shape=Shape::Alert>{text}</Note> }
    });
    let button = match (quote.approval_above.is_some(), form.to.as_str()) {
        (true, _) => say(said::AskForApproval),
        (false, "address") => say(said::SendRefund),
        (false, _) => say(said::CreateRefund),
    };
    let fee_line = (bearer == FeeBearer::Merchant).then(|| {
        view! {
            <div>
                <dt>{say(said::ToFees { mid: &mid })}</dt>
                <dd><Amount value=preview.fee.amount.clone() /></dd>
            </div>
        }
    });
    let after = match quote.balance_after.clone() {
        Some(after) => view! { <Amount value=after unit=unit.clone() /> }.into_any(),
        None => say(said::TooSmall).into_any(),
    };
    let holds_until = rich(&said::HoldsUntil { time: "" }, staff_language(), |_, _| staff(preview.expires_at, now).into_any());
    let billed = exact(&preview.amount_billed, &preview.billed_currency);
    let worth = match preview.rate_rule {
        RateRule::RateNowAtCreate => say(said::WorthNow { amount: &billed }),
        RateRule::RateNowAtRelease => say(said::WorthRelease { amount: &billed }),
        RateRule::CoinExact | RateRule::RateThen | RateRule::MinOf | RateRule::MaxOf => say(said::Worth { amount: &billed }),
    };
    let hold = (bearer == FeeBearer::Payer).then(|| preview.fee.amount.clone());
    view! {
        {news}
        <section class="card">
            <header>
                <h2>{say(said::Preview)}</h2>
                <span class="end sm soft">{say(said::NothingMoved)}</span>
            </header>
            <div class="body g4">
                <div class="g1">
                    <span class="sm soft">{say(said::PayerReceives)}</span>
                    <BigAmount value=preview.net_amount.clone() unit=unit.clone() />
                    <span class="sm soft">
                        {worth}
                    </span>
                </div>
                <hr />
                <dl class="sum">
                    <div>
                        <dt>{say(said::Refund)}</dt>
                        <dd><Amount value=preview.amount.clone() /></dd>
                    </div>
                    <div>
                        <dt>{fee_title}</dt>
                        <dd><Amount value=preview.fee.amount.clone() minus=hold.is_some() /></dd>
                    </div>
                    <div class="total">
                        <dt>{say(said::Leaves)}</dt>
                        <dd><Amount value=quote.leaves.clone() unit=unit.clone() /></dd>
                    </div>
                </dl>
            </div>
            <div class="body g3 ruled">
                <h3>{say(said::Movement)}</h3>
                <dl class="sum sm">
                    <div>
                        <dt>{say(said::ToHeld { mid: &mid })}</dt>
                        <dd><Amount value=preview.amount.clone() /></dd>
                    </div>
                    {fee_line}
                </dl>
                <hr />
                <dl class="sum sm">
                    <div>
                        <dt>{say(said::BalanceNow { mid: &mid })}</dt>
                        <dd><Amount value=quote.balance.clone() unit=unit.clone() /></dd>
                    </div>
                    <div>
                        <dt>{say(said::BalanceAfter { mid: &mid })}</dt>
                        <dd>{after}</dd>
                    </div>
                </dl>
            </div>
            <footer>
                <span>{holds_until}</span>
            </footer>
        </section>
        {second}
        {short}
        <button class="btn primary lg" form="new-refund" data-busy=say(said::Creating)>{button}</button>
        <button class="btn" form="new-refund" formaction=PreviewRefund::url() data-busy=say(said::WorkingItOut)>{say(said::UpdatePreview)}</button>
    }
    .into_any()
}

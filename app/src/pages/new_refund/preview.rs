//! What a quoted refund would do: what the payer receives, what leaves the balance, what is booked. Nothing of it has happened.

use domain::policy::FeeBearer;
use engine::refunding::Forecast;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Amount, BigAmount, Note, Shape, exact, staff};
use crate::pages::{query, symbol};
use crate::server_fns::new_refund::{PreviewRefund, RefundForm};

/// The column beside the form, with the button that makes the refund.
#[component]
pub(super) fn Preview(quote: Forecast, mid: String, form: RefundForm, now: Timestamp) -> impl IntoView {
    let preview = quote.preview.clone();
    let unit = symbol(&preview.asset);
    let bearer = preview.fee.bearer;
    let fee_title = match bearer {
        FeeBearer::Merchant => "Network fee, you",
        FeeBearer::Payer => "Network fee, taken from it",
    };
    let news = match query("quoted").as_deref() {
        Some("edited") => Some("The refund changed. Check the new preview."),
        Some("renewed") => Some("The rate changed. Check the new amount."),
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
                <b>"Needs a second person. "</b>
                {format!("What you refund today is over your {limit} limit, so an approver must confirm it.")}
            </Note>
        }
    });
    let missing = quote.missing.as_ref().map(|missing| exact(missing, &unit));
    let short = missing.map(|missing| {
        let said = format!("Your {mid} balance is {}, {missing} short.", exact(&quote.balance, &unit));
        view! {
            <Note tone="warn" shape=Shape::Alert>
                {said}
                " You can create the refund; it is sent once the balance is enough."
            </Note>
        }
    });
    let button = match (quote.approval_above.is_some(), form.to.as_str()) {
        (true, _) => "Ask for approval",
        (false, "address") => "Send refund",
        (false, _) => "Create refund",
    };
    let fee_line = (bearer == FeeBearer::Merchant).then(|| {
        view! {
            <div>
                <dt>{format!("{mid} to Network fees")}</dt>
                <dd><Amount value=preview.fee.amount.clone() /></dd>
            </div>
        }
    });
    let after = match quote.balance_after.clone() {
        Some(after) => view! { <Amount value=after unit=unit.clone() /> }.into_any(),
        None => "too small now".into_any(),
    };
    let hold = (bearer == FeeBearer::Payer).then(|| preview.fee.amount.clone());
    view! {
        {news}
        <section class="card">
            <header>
                <h2>"Preview"</h2>
                <span class="end sm soft">"nothing has moved yet"</span>
            </header>
            <div class="body g4">
                <div class="g1">
                    <span class="sm soft">"Payer receives"</span>
                    <BigAmount value=preview.net_amount.clone() unit=unit.clone() />
                    <span class="sm soft">
                        {format!("{} at the rate when they paid", exact(&preview.amount_billed, &preview.billed_currency))}
                    </span>
                </div>
                <hr />
                <dl class="sum">
                    <div>
                        <dt>"Refund"</dt>
                        <dd><Amount value=preview.amount.clone() /></dd>
                    </div>
                    <div>
                        <dt>{fee_title}</dt>
                        <dd><Amount value=preview.fee.amount.clone() minus=hold.is_some() /></dd>
                    </div>
                    <div class="total">
                        <dt>"Leaves your balance"</dt>
                        <dd><Amount value=quote.leaves.clone() unit=unit.clone() /></dd>
                    </div>
                </dl>
            </div>
            <div class="body g3 ruled">
                <h3>"Ledger movement, when it is sent"</h3>
                <dl class="sum sm">
                    <div>
                        <dt>{format!("{mid} to Held for refunds")}</dt>
                        <dd><Amount value=preview.amount.clone() /></dd>
                    </div>
                    {fee_line}
                </dl>
                <hr />
                <dl class="sum sm">
                    <div>
                        <dt>{format!("{mid} now")}</dt>
                        <dd><Amount value=quote.balance.clone() unit=unit.clone() /></dd>
                    </div>
                    <div>
                        <dt>{format!("{mid} after")}</dt>
                        <dd>{after}</dd>
                    </div>
                </dl>
            </div>
            <footer>
                <span>"This preview holds until " {staff(preview.expires_at, now)} " UTC."</span>
            </footer>
        </section>
        {second}
        {short}
        <button class="btn primary lg" form="new-refund" data-busy="Creating…">{button}</button>
        <button class="btn" form="new-refund" formaction=PreviewRefund::url() data-busy="Working it out…">"Update preview"</button>
    }
    .into_any()
}

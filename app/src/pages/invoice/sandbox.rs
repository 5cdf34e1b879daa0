//! Sandbox tools: pay the invoice with coins that are not real, move the clock.

use domain::view::InvoiceView;
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Amount, ErrorSummary, FieldMessage, staff};
use crate::pages::{set_unprocessable, symbol};
use crate::reply::Submitted;
use crate::server_fns::sandbox::{MoveClock, Scenario, SimulatePayment};

/// The column with the sandbox's tools.
#[component]
pub(super) fn Tools(invoice: InvoiceView, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let id = invoice.id.to_string();
    let mails = format!("/invoices/{id}/mails");
    view! {
        <aside class="stick g4" aria-label="Sandbox tools">
            <Simulate invoice submitted />
            <section class="card">
                <header>
                    <h2>"Move the clock"</h2>
                    <p>"It is " {staff(now, now)} " UTC in this sandbox. What falls due happens at once, for all invoices."</p>
                </header>
                <form class="body duo" method="post" action=MoveClock::url()>
                    <input type="hidden" name="invoice" value=id />
                    <button class="btn" name="by" value="PT72H">"72 hours"</button>
                    <button class="btn" name="by" value="P90D">"90 days"</button>
                </form>
            </section>
            <section class="card">
                <header>
                    <h2>"Mails to the payer"</h2>
                    <p>"What they are told as things stand, also where no mail server is set."</p>
                </header>
                <p class="body"><a class="btn" href=mails>"Show the mails"</a></p>
            </section>
        </aside>
    }
    .into_any()
}

#[component]
fn Simulate(invoice: InvoiceView, submitted: Submitted) -> impl IntoView {
    let is_wrong = submitted.is_again(&["scenario", "amount"]);
    let submitted = if is_wrong { submitted } else { Submitted::default() };
    if is_wrong {
        set_unprocessable();
    }
    let unit = symbol(&invoice.asset);
    let chosen = Some(submitted.value("scenario").to_owned()).filter(|name| !name.is_empty());
    let chosen = chosen.unwrap_or_else(|| Scenario::Over.name().to_owned());
    let choices = Scenario::ALL.into_iter().map(|scenario| {
        let (title, text) = words(scenario);
        view! {
            <label class="choice">
                <input type="radio" name="scenario" value=scenario.name() checked=chosen == scenario.name() />
                <span class="fill">
                    <b>{title}</b>
                    <span>{text}</span>
                </span>
                <span class="end">{amount(scenario, &invoice).map(|value| view! { <Amount value /> })}</span>
            </label>
        }
    });
    let choices = choices.collect_view();
    let error = submitted.error("amount");
    let is_wrong = error.is_some();
    view! {
        <section class="card">
            <header>
                <h2>"Simulate a payment"</h2>
                <span class="end"><span class="pill warn plain">"Sandbox only"</span></span>
                <p>"No real coins move. Webhooks are sent as in production."</p>
            </header>
            <form class="body g4" method="post" action=SimulatePayment::url()>
                <input type="hidden" name="invoice" value=invoice.id.to_string() />
                <ErrorSummary errors=submitted.errors.clone() />
                <fieldset class="g2" id="scenario">
                    <legend class="vh">"What happens?"</legend>
                    {choices}
                </fieldset>
                <div class="field">
                    <label for="amount">"Another amount " <span class="soft regular">"(optional)"</span></label>
                    <div class="input">
                        <input
                            id="amount"
                            name="amount"
                            class="num"
                            inputmode="decimal"
                            autocomplete="off"
                            maxlength="60"
                            value=submitted.value("amount").to_owned()
                            aria-invalid=is_wrong.then_some("true")
                            aria-describedby=is_wrong.then_some("amount-msg")
                        />
                        <span class="unit">{unit}</span>
                    </div>
                    <FieldMessage id="amount-msg" message=error />
                </div>
                <button class="btn primary lg" data-busy="Paying…">"Simulate payment"</button>
            </form>
        </section>
    }
    .into_any()
}

const fn words(scenario: Scenario) -> (&'static str, &'static str) {
    match scenario {
        Scenario::Exact => ("Exact", "The full amount, on time"),
        Scenario::Over => ("Too much", "Half as much again"),
        Scenario::Under => ("Too little", "Half of it"),
        Scenario::Late => ("Too late", "After the rate has ended"),
    }
}

fn amount(scenario: Scenario, invoice: &InvoiceView) -> Option<String> {
    let engine = expect_context::<Engine>();
    let asset = engine.assets().get(invoice.asset.parse().ok()?)?;
    let charged = asset.parse_amount(&invoice.amount_charged).ok()?;
    Some(asset.format_units(scenario.units(charged.units)))
}

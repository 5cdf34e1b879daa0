//! Sandbox tools: pay the invoice with coins that are not real, move the clock.

use domain::policy::PolicyVersion;
use domain::view::InvoiceView;
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::staff_invoice as said;

use crate::components::{Amount, ErrorSummary, FieldMessage, staff};
use crate::language::{rich, say, staff_language};
use crate::pages::{policy_settings, set_unprocessable, symbol};
use crate::reply::Submitted;
use crate::server_fns::sandbox::{MoveClock, Scenario, SimulatePayment};

/// The policy that judges what is paid next, when that begins to be late, and until when the rest of a part payment may come.
type Judging = (PolicyVersion, Timestamp, Timestamp);

/// The column with the sandbox's tools.
#[component]
pub(super) fn Tools(invoice: InvoiceView, judging: Judging, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let id = invoice.id.to_string();
    let clock = rich(&said::ClockText { time: "" }, staff_language(), |_, _| staff(now, now).into_any());
    let mails = format!("/invoices/{id}/mails");
    view! {
        <aside class="stick g4" aria-label=say(said::Tools)>
            <Simulate invoice judging submitted now />
            <section class="card">
                <header>
                    <h2>{say(said::Clock)}</h2>
                    <p>{clock}</p>
                </header>
                <form class="body duo" method="post" action=MoveClock::url()>
                    <input type="hidden" name="invoice" value=id />
                    <button class="btn" name="by" value="PT72H">{say(said::Hours { count: 72 })}</button>
                    <button class="btn" name="by" value="P90D">{say(said::Days { count: 90 })}</button>
                </form>
            </section>
            <section class="card">
                <header>
                    <h2>{say(said::Mails)}</h2>
                    <p>{say(said::MailsWhat)}</p>
                </header>
                <p class="body"><a class="btn" href=mails>{say(said::ShowMails)}</a></p>
            </section>
        </aside>
    }
    .into_any()
}

#[component]
fn Simulate(invoice: InvoiceView, judging: Judging, submitted: Submitted, now: Timestamp) -> impl IntoView {
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
                    {foreseen(scenario, &judging, now)}
                </span>
                <span class="end">{amount(scenario, &invoice).map(|value| view! { <Amount value /> })}</span>
            </label>
        }
    });
    let choices = choices.collect_view();
    let optional = say(said::Optional);
    let another = rich(&said::AnotherAmount { optional: &optional }, staff_language(), |_, text| {
        view! { <span class="soft regular">{text}</span> }.into_any()
    });
    let error = submitted.error("amount");
    let is_wrong = error.is_some();
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Simulate)}</h2>
                <span class="end"><span class="pill warn plain">{say(said::SandboxOnly)}</span></span>
                <p>{say(said::SimulateText)}</p>
            </header>
            <form class="body g4" method="post" action=SimulatePayment::url()>
                <input type="hidden" name="invoice" value=invoice.id.to_string() />
                <ErrorSummary errors=submitted.errors.clone() />
                <fieldset class="g2" id="scenario">
                    <legend class="vh">{say(said::Scenario)}</legend>
                    {choices}
                </fieldset>
                <div class="field">
                    <label for="amount">{another}</label>
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
                <button class="btn primary lg" data-busy=say(said::Paying)>{say(said::SimulatePayment)}</button>
            </form>
        </section>
    }
    .into_any()
}

fn words(scenario: Scenario) -> (String, String) {
    match scenario {
        Scenario::Exact => (say(said::ScenarioExact), say(said::ScenarioExactText)),
        Scenario::Over => (say(said::ScenarioOver), say(said::ScenarioOverText)),
        Scenario::Under => (say(said::ScenarioUnder), say(said::ScenarioUnderText)),
        Scenario::Late => (say(said::ScenarioLate), say(said::ScenarioLateText)),
    }
}

/// Says what the policy would do, and what it waits for.
fn foreseen(scenario: Scenario, judging: &Judging, now: Timestamp) -> AnyView {
    let (version, late_after, rest_until) = judging;
    let number = version.number.to_string();
    let does = |name: &str| {
        let setting = policy_settings().find(|setting| setting.name == name);
        let what = setting.map(|setting| setting.said(&(setting.shown)(&version.policy))).unwrap_or_default();
        view! { <span class="block">{say(said::PolicyDoes { number: &number, what: &what })}</span> }
    };
    let language = staff_language();
    let at = |at: Timestamp| move |_: &str, _: String| staff(at, now).into_any();
    match scenario {
        Scenario::Exact => ().into_any(),
        Scenario::Over => does("on_over").into_any(),
        Scenario::Under => {
            let waits = rich(&said::WaitsForRest { time: "" }, language, at(*rest_until));
            view! { {does("on_under")} <span class="block">{waits}</span> }.into_any()
        }
        Scenario::Late => {
            let after = rich(&said::LateAfter { time: "" }, language, at(*late_after));
            view! { {does("on_late")} <span class="block">{after}</span> }.into_any()
        }
    }
}

fn amount(scenario: Scenario, invoice: &InvoiceView) -> Option<String> {
    let engine = expect_context::<Engine>();
    let asset = engine.assets().get(invoice.asset.parse().ok()?)?;
    let charged = asset.parse_amount(&invoice.amount_charged).ok()?;
    Some(asset.format_units(scenario.units(charged.units)))
}

//! The sandbox: payments and time that are not real. The engine refuses both outside of sandboxes.

use domain::claim::{FieldError, FieldErrors};
use domain::ids::InvoiceId;
use domain::merchant::Right;
use domain::view::InvoiceView;
use engine::sandbox::SandboxDeposit;
use engine::{Engine, Error};
use leptos::prelude::*;
use words::staff_invoice;

use super::new_refund::wrong_amount;
use super::refusal::{Problem, answer};
use crate::language::say;
use crate::reply::{Failure, Submitted, failed, form_again, go_to};
use crate::session::caller_with;

/// What the simulated payer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    Exact,
    Over,
    Under,
    Late,
}

impl Scenario {
    /// All of them, in the order of the page.
    pub(crate) const ALL: [Self; 4] = [Self::Exact, Self::Over, Self::Under, Self::Late];

    /// Returns the name in the form.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Over => "over",
            Self::Under => "under",
            Self::Late => "late",
        }
    }

    /// Returns how much is sent unless the form says otherwise, in base units.
    pub(crate) const fn units(self, charged: u128) -> u128 {
        match self {
            Self::Exact | Self::Late => charged,
            Self::Over => charged.saturating_add(charged / 2),
            Self::Under => charged / 2,
        }
    }
}

/// Pays an invoice with coins that are not real.
#[server(prefix = "/fn", endpoint = "simulate_payment")]
pub async fn simulate_payment(
    /// Which invoice.
    invoice: String,
    /// What the payer does.
    #[server(default)]
    scenario: String,
    /// How much; the scenario's own amount when empty.
    #[server(default)]
    amount: String,
) -> Result<(), ServerFnError> {
    let page = format!("/invoices/{invoice}");
    let Some(chosen) = Scenario::ALL.into_iter().find(|known| known.name() == scenario) else {
        let errors = FieldErrors::one("scenario", "required", say(staff_invoice::Choose));
        form_again(page, Submitted { values: vec![("amount", amount)], errors });
        return Ok(());
    };
    let paid = simulate(&invoice, chosen, amount.trim()).await;
    answer(page, vec![("scenario", scenario), ("amount", amount)], paid);
    Ok(())
}

/// Moves the sandbox's clock; what fell due has happened when this answers.
#[server(prefix = "/fn", endpoint = "move_clock")]
pub async fn move_clock(
    /// Which invoice to show then.
    invoice: String,
    /// By how much, ISO 8601.
    by: String,
) -> Result<(), ServerFnError> {
    match advance(&by).await {
        Ok(()) => go_to(&format!("/invoices/{invoice}")),
        Err(failure) => failed(failure),
    }
    Ok(())
}

async fn simulate(invoice: &str, scenario: Scenario, amount: &str) -> Result<(), Problem> {
    let engine = expect_context::<Engine>();
    let id: InvoiceId = invoice.parse().map_err(|_| Failure::NoPage)?;
    let caller = caller_with(Right::MoveMoney).await?;
    let view = engine.invoice(&caller, id).await?;
    let amount = if amount.is_empty() { default_amount(&engine, &view, scenario)? } else { amount.to_owned() };
    let seen_at = (scenario == Scenario::Late).then(|| view.expires_at.checked_add(jiff::SignedDuration::from_mins(1)).ok()).flatten();
    let asset = view.asset.parse().ok().and_then(|id| engine.assets().get(id)).ok_or(Failure::Ours)?;
    asset.parse_amount(&amount).map_err(|error| FieldErrors::one("amount", "invalid", wrong_amount(error)))?;
    let deposit = SandboxDeposit { seen_at, ..SandboxDeposit::of(id, amount) };
    match engine.sandbox_deposit(&caller, deposit).await {
        Ok(_) => Ok(()),
        Err(Error::Invalid(FieldErrors(errors))) => Err(FieldErrors(errors.into_iter().map(in_words).collect()).into()),
        Err(error) => Err(error.into()),
    }
}

/// Says what the engine refused; what is about none of the form's fields is said of the amount.
fn in_words(error: FieldError) -> FieldError {
    let message = match (error.field.as_str(), error.code.as_str()) {
        ("amount", "zero") => say(staff_invoice::MoreThanNothing),
        ("invoice", "not_watched") => say(staff_invoice::NotWatched),
        _ => error.message,
    };
    FieldError::new("amount", &error.code, message)
}

fn default_amount(engine: &Engine, view: &InvoiceView, scenario: Scenario) -> Result<String, Problem> {
    let charged = view.asset.parse().ok().and_then(|id| engine.assets().get(id)).and_then(|asset| {
        let amount = asset.parse_amount(&view.amount_charged).ok()?;
        Some(asset.format_units(scenario.units(amount.units)))
    });
    charged.ok_or(Problem::Failed(Failure::Ours))
}

async fn advance(by: &str) -> Result<(), Failure> {
    caller_with(Right::MoveMoney).await?;
    let by = by.parse().map_err(|_| Failure::Unreadable)?;
    expect_context::<Engine>().sandbox_advance(by).await?;
    Ok(())
}

//! The fields of a policy's form: what each kind of setting is typed into, and how what came of it is put together again. A setting is one
//! text everywhere else: `90 days`, `EUR 500`, a line each, or the name of a choice.

use domain::invoice::InvoiceStatus;
use domain::policy::Unit;
use leptos::prelude::*;
use words::staff_policy_settings as said;

use super::settings::{Choice, Setting, period, read_period};
use crate::components::{FieldMessage, invoice_title};
use crate::language::say;

/// How many amounts a setting can have.
const AMOUNTS_MAX: usize = 20;

/// What a setting is typed into.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// One of few.
    Choice(&'static [Choice]),
    /// A number and one of these units.
    Period(&'static [Unit]),
    /// A number.
    Percent,
    /// Amounts, each of a currency of its own.
    Amounts,
    /// Numbers of days.
    Days,
    /// Some of the statuses that an invoice can end in.
    States,
}

/// Puts together what was typed into the fields of a setting; nothing when the form does not have them.
pub(crate) fn typed(setting: &Setting, of: impl Fn(&str) -> Option<String>) -> Option<String> {
    let name = setting.name;
    let part = |part: &str| of(&format!("{name}-{part}")).map(|text| text.trim().to_owned());
    let whole = of(name).map(|text| text.trim().to_owned());
    match setting.kind {
        Kind::Choice(_) | Kind::Percent | Kind::Days => whole,
        Kind::Period(_) => match (whole, part("unit")) {
            // What stays as it is: a length of time of several units.
            (Some(count), Some(unit)) if count.is_empty() && Unit::from_name(&unit).is_none() => Some(unit),
            (Some(count), Some(unit)) => Some(format!("{count} {unit}")),
            (whole, _) => whole,
        },
        Kind::Amounts => {
            let row = |index: usize| {
                let amount = if index == 0 { whole.clone() } else { part(&index.to_string()) };
                Some((amount?, part(&format!("currency-{index}")).unwrap_or_default()))
            };
            part("currency-0")?;
            let rows = (0..AMOUNTS_MAX).map_while(row).filter(|(amount, _)| !amount.is_empty());
            Some(rows.map(|(amount, currency)| format!("{currency} {amount}")).collect::<Vec<_>>().join("\n"))
        }
        Kind::States => {
            whole?;
            let ticked = ENDED.iter().filter(|status| part(status.name()).is_some());
            Some(ticked.map(|status| status.name()).collect::<Vec<_>>().join(", "))
        }
    }
}

/// In what an invoice can end.
const ENDED: [InvoiceStatus; 4] = [InvoiceStatus::Complete, InvoiceStatus::Underpaid, InvoiceStatus::Expired, InvoiceStatus::Canceled];

/// The fields of a setting, with `value` in them.
pub(super) fn fields(setting: &'static Setting, value: &str, hint: String, error: Option<String>) -> AnyView {
    let (name, title) = (setting.name, (setting.title)());
    let described = format!("{name}-hint {name}-msg");
    let is_wrong = error.as_ref().map(|_| "true");
    let number = |id: String, value: String, label: Option<String>| {
        view! {
            <input
                id=id.clone()
                name=id
                inputmode="decimal"
                autocomplete="off"
                maxlength="40"
                value=value
                aria-label=label
                aria-invalid=is_wrong
                aria-describedby=described.clone()
            />
        }
    };
    let inside = match setting.kind {
        Kind::Choice(choices) => return choice(setting, choices, value, hint, error),
        Kind::States => return states(setting, value, hint, error),
        Kind::Percent => {
            view! { <div class="input short">{number(name.to_owned(), value.to_owned(), None)} <span class="unit">"%"</span></div> }
                .into_any()
        }
        Kind::Days => view! {
            <div class="input short">
                {number(name.to_owned(), value.to_owned(), None)} <span class="unit">{say(said::UnitDays)}</span>
            </div>
        }
        .into_any(),
        Kind::Period(units) => {
            let split = value.rsplit_once(' ').map(|(count, unit)| (count.to_owned(), unit.to_owned()));
            let (count, unit) = split.unwrap_or_else(|| (String::new(), value.to_owned()));
            let known = Unit::from_name(&unit);
            let as_it_is = known.is_none().then(|| read_period(&unit)).flatten().map(|time| {
                view! { <option value=unit.clone() selected=true>{period(time)}</option> }
            });
            // A unit that this setting is seldom in is there where it is in use.
            let units = Unit::ALL.iter().filter(|one| units.contains(one) || Some(**one) == known);
            let options = units.map(|one| view! { <option value=one.name() selected=Some(*one) == known>{unit_title(*one)}</option> });
            view! {
                <div class="row nowrap short">
                    <div class="input">{number(name.to_owned(), count, None)}</div>
                    <select class="input" name=format!("{name}-unit") aria-label=say(said::UnitOf { setting: &title })>
                        {as_it_is}
                        {options.collect_view()}
                    </select>
                </div>
            }
            .into_any()
        }
        Kind::Amounts => {
            let rows = value.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).chain([("", "")]).take(AMOUNTS_MAX);
            let rows = rows.enumerate().map(|(index, (currency, amount))| {
                let id = if index == 0 { name.to_owned() } else { format!("{name}-{index}") };
                let label = (index > 0).then(|| say(said::AmountOf { setting: &title, number: &index.saturating_add(1).to_string() }));
                view! {
                    <div class="input short">
                        {number(id, amount.to_owned(), label)}
                        <input
                            class="code"
                            name=format!("{name}-currency-{index}")
                            value=currency.to_owned()
                            maxlength="3"
                            placeholder="—"
                            autocomplete="off"
                            autocapitalize="characters"
                            aria-label=say(said::CurrencyOf { setting: &title })
                        />
                    </div>
                }
            });
            rows.collect_view().into_any()
        }
    };
    view! {
        <div class="field">
            <label for=name>{title.clone()}</label>
            {inside}
            <p class="hint" id=format!("{name}-hint")>{hint}</p>
            <FieldMessage id=format!("{name}-msg") message=error />
        </div>
    }
    .into_any()
}

fn unit_title(unit: Unit) -> String {
    match unit {
        Unit::Years => say(said::UnitYears),
        Unit::Months => say(said::UnitMonths),
        Unit::Weeks => say(said::UnitWeeks),
        Unit::Days => say(said::UnitDays),
        Unit::Hours => say(said::UnitHours),
        Unit::Minutes => say(said::UnitMinutes),
        Unit::Seconds => say(said::UnitSeconds),
    }
}

fn choice(setting: &'static Setting, choices: &'static [Choice], value: &str, hint: String, error: Option<String>) -> AnyView {
    let cards = choices.iter().enumerate().map(|(index, choice)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=setting.name
                    id=(index == 0).then_some(setting.name)
                    value=choice.name
                    checked=value == choice.name
                />
                <span class="fill">
                    <b>{(choice.title)()}</b>
                    <span>{(choice.text)()}</span>
                </span>
                {drawn(choice.split)}
            </label>
        }
    });
    // What is drawn is compared line by line.
    let class = if choices.iter().any(|choice| !choice.split.is_empty()) { "g2" } else { "tiles choices" };
    set_of(setting, hint, error, view! { <div class=class>{cards.collect_view()}</div> }.into_any())
}

fn states(setting: &'static Setting, value: &str, hint: String, error: Option<String>) -> AnyView {
    let ticks = ENDED.iter().enumerate().map(|(index, status)| {
        let is_ticked = value.split(", ").any(|name| name == status.name());
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    id=(index == 0).then_some(setting.name)
                    name=format!("{}-{}", setting.name, status.name())
                    checked=is_ticked
                />
                <span>{invoice_title(*status)}</span>
            </label>
        }
    });
    // Says that the form has them, when none is ticked.
    let inside = view! {
        <input type="hidden" name=setting.name value="" />
        <div class="row ticks">{ticks.collect_view()}</div>
    };
    set_of(setting, hint, error, inside.into_any())
}

fn set_of(setting: &'static Setting, hint: String, error: Option<String>, inside: AnyView) -> AnyView {
    view! {
        <fieldset class="field">
            <legend>{(setting.title)()}</legend>
            <p class="hint">{hint}</p>
            <FieldMessage id=format!("{}-msg", setting.name) message=error />
            {inside}
        </fieldset>
    }
    .into_any()
}

/// Draws how the example of a choice is split between merchant and payer; it says so in words beside it.
fn drawn(split: &'static [u16]) -> Option<AnyView> {
    let [you, payer] = *split else { return None };
    let part = |amount: u16, other: u16, class: &'static str| {
        let is_most = other > 0 && amount > other;
        (amount > 0).then(|| view! { <i class=class class:two=is_most>{amount.to_string()}</i> })
    };
    Some(view! { <span class="split" aria-hidden="true">{part(you, payer, "")} {part(payer, you, "p")}</span> }.into_any())
}

#[cfg(test)]
mod tests {
    use super::super::settings::all;
    use super::*;

    fn of(name: &str, fields: &[(&str, &str)]) -> Option<String> {
        let setting = all().find(|setting| setting.name == name).expect("a setting");
        typed(setting, |asked| fields.iter().find(|(field, _)| *field == asked).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_number_and_its_unit_are_a_length_of_time() {
        assert_eq!(of("claim_ttl", &[("claim_ttl", " 3 "), ("claim_ttl-unit", "months")]).as_deref(), Some("3 months"));
        assert_eq!(of("claim_ttl", &[("claim_ttl", ""), ("claim_ttl-unit", "P1DT12H")]).as_deref(), Some("P1DT12H"), "stays as it is");
        assert_eq!(of("claim_ttl", &[("claim_ttl", "5"), ("claim_ttl-unit", "P1DT12H")]).as_deref(), Some("5 P1DT12H"), "of which unit?");
        assert_eq!(of("claim_ttl", &[]), None);
    }

    #[test]
    fn an_amount_that_is_cleared_is_gone() {
        let fields = [
            ("claim_floor", ""),
            ("claim_floor-currency-0", "EUR"),
            ("claim_floor-1", "5"),
            ("claim_floor-currency-1", "USD"),
            ("claim_floor-2", ""),
            ("claim_floor-currency-2", ""),
        ];
        assert_eq!(of("claim_floor", &fields).as_deref(), Some("USD 5"));
        assert_eq!(of("claim_floor", &fields[..2]).as_deref(), Some(""));
        assert_eq!(of("claim_floor", &[]), None);
    }

    #[test]
    fn what_is_ticked_is_listed() {
        let fields = [("refundable_states", ""), ("refundable_states-complete", "on"), ("refundable_states-expired", "on")];
        assert_eq!(of("refundable_states", &fields).as_deref(), Some("complete, expired"));
        assert_eq!(of("refundable_states", &fields[..1]).as_deref(), Some(""));
        assert_eq!(of("refundable_states", &[]), None);
    }
}

//! Every setting of a policy as its form shows it: what it is called, what it can be, how it is written and read. A new setting of the
//! domain's is missed by a test here; a new choice of one does not compile before it has its words.

use core::str::FromStr;
use std::collections::BTreeSet;

use domain::invoice::InvoiceStatus;
use domain::policy::{
    DelayAnchor, DestinationSource, FeeBearer, LateGrace, Limits, Notify, OnExpiry, OnLate, OnOver, OnUnder, Overrides, Period, Policy,
    RateRule, Reopen, Tolerance, Unit,
};
use words::staff_policy_settings as said;

use super::fields::Kind;
use crate::components::invoice_title;
use crate::language::{say, say_all, staff_language};

/// What is said in the language of whoever reads it.
type Said = fn() -> String;

/// A choice of a setting.
pub(crate) struct Choice {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// What it is called.
    pub(crate) title: Said,
    /// What it means.
    pub(crate) text: Said,
    /// What of the group's example goes to the merchant and to the payer; nothing where that is not known before.
    pub(crate) split: &'static [u16],
}

/// One field of the form.
pub(crate) struct Setting {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// The domain's setting that it is part of.
    pub(crate) knob: &'static str,
    /// What it is called.
    pub(crate) title: Said,
    /// What it decides.
    pub(crate) hint: Said,
    /// What it can be, for who wrote something else.
    pub(crate) remedy: Said,
    /// What is asked for: one of few, a length of time, amounts.
    pub(crate) kind: Kind,
    /// Writes it as the form sends it.
    pub(crate) shown: fn(&Policy) -> String,
    /// Reads what was typed, over the rest of the policy; nothing when it cannot be read.
    pub(crate) read: fn(&Policy, &str) -> Option<Overrides>,
}

impl Setting {
    /// Says whether what its choices do with money is drawn.
    pub(crate) fn is_drawn(&self) -> bool {
        matches!(self.kind, Kind::Choice(choices) if choices.iter().any(|choice| !choice.split.is_empty()))
    }

    /// Returns a value in words: a choice by its title, a length of time in its units.
    pub(crate) fn said(&self, value: &str) -> String {
        let said = match self.kind {
            Kind::Choice(choices) => choices.iter().find(|choice| choice.name == value).map(|choice| (choice.title)()),
            Kind::Period(_) => read_period(value).map(period),
            Kind::Percent => plain(value).map(|percent| say(said::Percent { number: &decimal(&percent) })),
            Kind::Amounts => read_limits(value).map(|limits| amounts(&limits)),
            Kind::Days => (!value.is_empty()).then(|| say(said::DaysBefore { list: value })),
            Kind::States => read_states(value).map(|states| say_all(states.into_iter().map(invoice_title))),
        };
        match said {
            Some(said) if !said.is_empty() => said,
            None if !value.is_empty() => value.to_owned(),
            Some(_) | None => say(said::NotSet),
        }
    }
}

/// Settings that belong together.
pub(crate) struct Group {
    /// What they are about.
    pub(crate) title: Said,
    /// A sentence about it.
    pub(crate) text: Said,
    /// They.
    pub(crate) settings: &'static [Setting],
}

macro_rules! choice {
    ($knob:ident: $type:ident, $title:ident, $hint:ident, [$($choice:ident: $name:ident, $text:ident $(, $you:literal | $payer:literal)?;)*]) => {
        Setting {
            name: stringify!($knob),
            knob: stringify!($knob),
            title: || say(said::$title),
            hint: || say(said::$hint),
            remedy: || say(said::ChooseOne),
            kind: Kind::Choice(&[$(Choice {
                name: $type::$choice.name(),
                title: || say(said::$name),
                text: || say(said::$text),
                split: &[$($you, $payer)?],
            }),*]),
            shown: |policy| match policy.$knob { $(choice @ $type::$choice => choice.name().to_owned(),)* },
            read: |_, text| Some(Overrides { $knob: Some($type::from_name(text)?), ..Overrides::default() }),
        }
    };
}

macro_rules! typed {
    ($name:ident of $knob:ident, $kind:expr, $title:ident, $hint:ident, $remedy:ident, $shown:expr, $read:expr) => {
        Setting {
            name: stringify!($name),
            knob: stringify!($knob),
            title: || say(said::$title),
            hint: || say(said::$hint),
            remedy: || say(said::$remedy),
            kind: $kind,
            shown: $shown,
            read: |policy, text| {
                let read: fn(&Policy, &str) -> Option<_> = $read;
                Some(Overrides { $knob: Some(read(policy, text)?), ..Overrides::default() })
            },
        }
    };
}

macro_rules! period {
    ($knob:ident in $units:ident, $title:ident, $hint:ident, $remedy:ident) => {
        typed!($knob of $knob, Kind::Period($units), $title, $hint, $remedy, |policy| typed_period(policy.$knob), |_, text| read_period(text))
    };
}

macro_rules! percent {
    ($knob:ident, $title:ident, $hint:ident, $remedy:ident) => {
        typed!($knob of $knob, Kind::Percent, $title, $hint, $remedy, |policy| policy.$knob.normalize().to_string(), |_, text| read_decimal(text))
    };
}

macro_rules! above {
    ($knob:ident, $title:ident, $hint:ident) => {
        typed!(
            $knob of $knob, Kind::Amounts, $title, $hint, WriteAmounts,
            |policy| policy.$knob.as_ref().map(limits).unwrap_or_default(),
            |_, text| if text.is_empty() { Some(None) } else { read_limits(text).map(Some) }
        )
    };
}

/// The units that most lengths of time can be in.
const TO_DAYS: &[Unit] = &[Unit::Minutes, Unit::Hours, Unit::Days];
/// Those of the long ones, which can be counted on the calendar.
const TO_MONTHS: &[Unit] = &[Unit::Hours, Unit::Days, Unit::Months];

/// All settings, in the order of the page (design, 7).
pub(crate) const GROUPS: &[Group] = &[
    Group {
        title: || say(said::Overpaid),
        text: || say(said::OverpaidText),
        settings: &[
            choice!(
                on_over: OnOver, OnOver, OnOverHint,
                [
                    SettleAndRefundExcess: OnOverExtra, OnOverExtraText, 100 | 50;
                    CreditAll: OnOverKeep, OnOverKeepText, 150 | 0;
                    RefundAll: RefundEverything, OnOverRefundText, 0 | 150;
                    Hold: AskAPerson, AskAPersonText;
                ]
            ),
            typed!(
                tolerance_percent of tolerance, Kind::Percent, TolerancePercent, ToleranceHint, WriteTolerance,
                |policy| policy.tolerance.percent.normalize().to_string(),
                |policy, text| Some(Tolerance { percent: read_decimal(text)?, ..policy.tolerance.clone() })
            ),
            typed!(
                tolerance_absolute of tolerance, Kind::Amounts, ToleranceAbsolute, ToleranceHint, WriteAmounts,
                |policy| limits(&policy.tolerance.absolute),
                |policy, text| Some(Tolerance { absolute: read_limits(text)?, ..policy.tolerance.clone() })
            ),
            typed!(
                claim_floor of claim_floor, Kind::Amounts, ClaimFloor, ClaimFloorHint, WriteAmounts,
                |policy| limits(&policy.claim_floor),
                |_, text| read_limits(text)
            ),
        ],
    },
    Group {
        title: || say(said::Underpaid),
        text: || say(said::UnderpaidText),
        settings: &[
            choice!(
                on_under: OnUnder, OnUnder, OnUnderHint,
                [
                    RefundAll: RefundEverything, OnUnderRefundText, 0 | 50;
                    CreditAll: OnUnderAccept, OnUnderAcceptText, 50 | 0;
                    Recalc: Recalc, RecalcText;
                    Hold: AskAPerson, AskAPersonText;
                ]
            ),
            period!(topup_until in TO_DAYS, TopupUntil, TopupUntilHint, WriteTopUp),
        ],
    },
    Group {
        title: || say(said::Late),
        text: || say(said::LateText),
        settings: &[
            choice!(
                on_late: OnLate, OnLate, OnLateHint,
                [
                    RefundAll: RefundEverything, OnLateRefundText, 0 | 100;
                    CreditAll: OnLateAccept, OnLateAcceptText, 100 | 0;
                    Recalc: Recalc, RecalcText;
                    AcceptIfRateWithin: OnLateClose, OnLateCloseText;
                    Hold: AskAPerson, AskAPersonText;
                ]
            ),
            typed!(
                late_grace_fiat of late_grace, Kind::Period(TO_DAYS), LateGraceFiat, LateGraceHint, WriteGrace,
                |policy| typed_period(policy.late_grace.fiat),
                |policy, text| Some(LateGrace { fiat: read_period(text)?, ..policy.late_grace })
            ),
            typed!(
                late_grace_coin of late_grace, Kind::Period(TO_DAYS), LateGraceCoin, LateGraceHint, WriteGrace,
                |policy| typed_period(policy.late_grace.coin),
                |policy, text| Some(LateGrace { coin: read_period(text)?, ..policy.late_grace })
            ),
            percent!(late_rate_drift, LateRateDrift, LateRateDriftHint, WriteDrift),
        ],
    },
    Group {
        title: || say(said::People),
        text: || say(said::PeopleText),
        settings: &[
            above!(approval_above, ApprovalAbove, ApprovalAboveHint),
            above!(review_above, ReviewAbove, ReviewAboveHint),
            above!(low_risk_band, LowRiskBand, LowRiskBandHint),
        ],
    },
    Group {
        title: || say(said::Rules),
        text: || say(said::RulesText),
        settings: &[
            period!(claim_ttl in TO_MONTHS, ClaimTtl, ClaimTtlHint, WriteClaim),
            choice!(
                on_expiry: OnExpiry, OnExpiry, OnExpiryHint,
                [
                    CreditMerchant: OnExpiryCredit, OnExpiryCreditText;
                    Hold: OnExpiryHold, OnExpiryHoldText;
                ]
            ),
            period!(security_delay in TO_DAYS, SecurityDelay, SecurityDelayHint, WriteDelay),
            choice!(
                security_delay_anchor: DelayAnchor, DelayAnchor, DelayAnchorHint,
                [
                    ClaimConfirmed: DelayAnchorClaim, DelayAnchorClaimText;
                    RefundCreated: DelayAnchorRefund, DelayAnchorRefundText;
                ]
            ),
            Setting {
                name: "payer_cancel",
                knob: "payer_cancel",
                title: || say(said::PayerCancel),
                hint: || say(said::PayerCancelHint),
                remedy: || say(said::ChooseOne),
                kind: Kind::Choice(&[
                    Choice { name: "true", title: || say(said::PayerCancelCan), text: || say(said::PayerCancelCanText), split: &[] },
                    Choice { name: "false", title: || say(said::PayerCancelCannot), text: || say(said::PayerCancelCannotText), split: &[] },
                ]),
                shown: |policy| policy.payer_cancel.to_string(),
                read: |_, text| Some(Overrides { payer_cancel: Some(text.parse().ok()?), ..Overrides::default() }),
            },
            choice!(
                reopen_after_payer_cancel: Reopen, Reopen, ReopenHint,
                [
                    Merchant: ReopenMerchant, ReopenMerchantText;
                    Admin: ReopenAdmin, ReopenAdminText;
                ]
            ),
            choice!(
                destination_source: DestinationSource, Destination, DestinationHint,
                [
                    PayerClaim: DestinationPayer, DestinationPayerText;
                    Merchant: DestinationMerchant, DestinationMerchantText;
                    SourceAddress: DestinationSource, DestinationSourceText;
                    Precommitted: DestinationInvoice, DestinationInvoiceText;
                ]
            ),
            choice!(
                fee_bearer: FeeBearer, FeeBearer, FeeBearerHint,
                [
                    Payer: FeeBearerPayer, FeeBearerPayerText;
                    Merchant: FeeBearerMerchant, FeeBearerMerchantText;
                ]
            ),
            percent!(fee_cap, FeeCap, FeeCapHint, WriteCap),
            period!(requote_after in TO_MONTHS, RequoteAfter, RequoteAfterHint, WriteRequote),
            period!(batch_window in TO_DAYS, BatchWindow, BatchWindowHint, WriteWindow),
        ],
    },
    Group {
        title: || say(said::News),
        text: || say(said::NewsText),
        settings: &[
            choice!(
                notify: Notify, Notify, NotifyHint,
                [
                    Both: NotifyBoth, NotifyBothText;
                    EngineEmail: NotifyEngine, NotifyEngineText;
                    Merchant: NotifyMerchant, NotifyMerchantText;
                    Nobody: NotifyNobody, NotifyNobodyText;
                ]
            ),
            typed!(
                reminders of reminders, Kind::Days, Reminders, RemindersHint, WriteReminders,
                |policy| policy.reminders.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
                |_, text| listed(text).map(|word| word.parse().ok()).collect()
            ),
        ],
    },
    Group {
        title: || say(said::Own),
        text: || say(said::OwnText),
        settings: &[
            choice!(
                rate_rule: RateRule, RateRule, RateRuleHint,
                [
                    RateNowAtRelease: RateRuleRelease, RateRuleReleaseText;
                    RateNowAtCreate: RateRuleCreate, RateRuleCreateText;
                    RateThen: RateRuleThen, RateRuleThenText;
                    CoinExact: RateRuleExact, RateRuleExactText;
                    MinOf: RateRuleMin, RateRuleMinText;
                    MaxOf: RateRuleMax, RateRuleMaxText;
                ]
            ),
            period!(quote_ttl in TO_DAYS, QuoteTtl, QuoteTtlHint, WriteQuote),
            period!(refund_window in TO_MONTHS, RefundWindow, RefundWindowHint, WriteRefundWindow),
            typed!(
                refundable_states of refundable_states, Kind::States, RefundableStates, RefundableStatesHint, ChooseOne,
                |policy| policy.refundable_states.iter().map(|status| status.name()).collect::<Vec<_>>().join(", "),
                |_, text| read_states(text).map(BTreeSet::from_iter)
            ),
        ],
    },
];

/// Returns every setting.
pub(crate) fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// Splits what is listed with commas or spaces.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

/// Writes so many of a unit in words.
fn of_unit(count: u32, unit: Unit) -> String {
    let count = count.into();
    match unit {
        Unit::Years => say(said::Years { count }),
        Unit::Months => say(said::Months { count }),
        Unit::Weeks => say(said::Weeks { count }),
        Unit::Days => say(said::Days { count }),
        Unit::Hours => say(said::Hours { count }),
        Unit::Minutes => say(said::Minutes { count }),
        Unit::Seconds => say(said::Seconds { count }),
    }
}

/// Writes a length of time in words, in the units that it has: 90 days are not three months.
pub(crate) fn period(period: Period) -> String {
    match period.parts().as_deref() {
        Some([]) => of_unit(0, Unit::Minutes),
        Some(parts) => say_all(parts.iter().map(|(count, unit)| of_unit(*count, *unit))),
        None => period.to_string(),
    }
}

/// Writes a length of time as a form sends it: a number and its unit, `90 days`; of several units as ISO 8601 does.
fn typed_period(of: Period) -> String {
    match of.parts().as_deref() {
        Some([]) => format!("0 {}", Unit::Minutes),
        Some([(count, unit)]) => format!("{count} {unit}"),
        Some(_) | None => of.to_string(),
    }
}

/// Reads a length of time as a form sends it.
pub(super) fn read_period(text: &str) -> Option<Period> {
    match text.rsplit_once(' ') {
        Some((count, unit)) => Period::of(count.trim().parse().ok()?, Unit::from_name(unit)?),
        None => text.parse().ok(),
    }
}

/// Writes a number as its reader does.
fn decimal(number: &str) -> String {
    staff_language().number(number)
}

/// Returns a number with a point, whichever mark stood before its decimals. What could be a mark of thousands is not guessed at: `1,000`
/// is no number.
fn plain(text: &str) -> Option<String> {
    match text.split_once(',') {
        Some((whole, decimals)) => (1..=2).contains(&decimals.len()).then(|| format!("{whole}.{decimals}")),
        None => Some(text.to_owned()),
    }
}

fn read_decimal<Number: FromStr>(text: &str) -> Option<Number> {
    plain(text)?.parse().ok()
}

/// Writes amounts per currency in words: `500 EUR and 550.50 USD`.
fn amounts(limits: &Limits) -> String {
    say_all(limits.each().map(|(currency, amount)| format!("{} {currency}", decimal(&amount.to_string()))))
}

/// Writes amounts per currency as a form sends them, one a line: `EUR 500`.
fn limits(limits: &Limits) -> String {
    limits.each().map(|(currency, amount)| format!("{currency} {amount}")).collect::<Vec<_>>().join("\n")
}

/// Reads amounts per currency as a form sends them.
fn read_limits(text: &str) -> Option<Limits> {
    let line = |line: &str| {
        let (currency, amount) = line.split_once(' ')?;
        Some(format!("{}:{}", currency.to_ascii_uppercase(), plain(amount.trim())?))
    };
    text.lines().map(line).collect::<Option<Vec<_>>>()?.join(",").parse().ok()
}

/// Reads statuses of invoices.
fn read_states(text: &str) -> Option<Vec<InvoiceStatus>> {
    listed(text).map(|word| InvoiceStatus::ALL.into_iter().find(|status| status.name() == word)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::policy::KNOBS;

    use super::*;

    #[test]
    fn every_setting_of_the_domain_has_its_field() {
        let fields: BTreeSet<&str> = all().map(|setting| setting.knob).collect();
        let knobs: BTreeSet<&str> = KNOBS.iter().map(|knob| knob.name).collect();
        assert_eq!(fields, knobs);
        let names: BTreeSet<&str> = all().map(|setting| setting.name).collect();
        assert_eq!(names.len(), all().count(), "names are unique");
    }

    #[test]
    fn pages_and_the_manual_say_the_same() {
        let descriptions: BTreeMap<&str, &str> = KNOBS.iter().map(|knob| (knob.name, knob.description)).collect();
        for setting in all() {
            assert_eq!(Some((setting.hint)().as_str()), descriptions.get(setting.knob).copied(), "{}", setting.name);
        }
    }

    #[test]
    fn a_length_of_time_keeps_its_units() {
        for text in ["PT0S", "PT10M", "PT72H", "P90D", "P3M", "P1DT12H", "P1Y6M"] {
            let meant: Period = text.parse().expect("a period");
            assert_eq!(read_period(&typed_period(meant)), Some(meant), "{text}");
        }
        let said = |text: &str| period(text.parse().expect("a period"));
        assert_eq!((said("P3M"), said("P90D"), said("P1DT12H")), ("3 months".into(), "90 days".into(), "1 day and 12 hours".into()));
        for text in ["", "days", "1.5 days", "-1 days", "12 P1DT12H", "3 moons", "99999999999 days"] {
            assert_eq!(read_period(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read_as_it_was() {
        let odd = Policy {
            approval_above: Some("EUR:500,USD:550.50".parse().expect("limits")),
            claim_floor: "EUR:2".parse().expect("limits"),
            security_delay: "P1DT2H".parse().expect("a period"),
            claim_ttl: "P3M".parse().expect("a period"),
            reminders: vec![20, 3],
            payer_cancel: false,
            ..Policy::default()
        };
        for policy in [Policy::default(), odd] {
            for setting in all() {
                let shown = (setting.shown)(&policy);
                let read = (setting.read)(&policy, &shown).unwrap_or_else(|| panic!("{} cannot be read: {shown}", setting.name));
                assert_eq!(policy.clone().with(&read), policy, "{}", setting.name);
            }
        }
    }

    #[test]
    fn every_choice_is_one() {
        for setting in all() {
            let Kind::Choice(choices) = setting.kind else { continue };
            for name in choices.iter().map(|choice| choice.name) {
                let read = (setting.read)(&Policy::default(), name).unwrap_or_else(|| panic!("{} cannot be {name}", setting.name));
                assert_eq!((setting.shown)(&Policy::default().with(&read)), name);
            }
        }
    }

    #[test]
    fn people_write_as_they_speak() {
        let read = |name: &str, text: &str| {
            let setting = all().find(|setting| setting.name == name).expect("a setting");
            (setting.read)(&Policy::default(), text)
        };
        assert_eq!(read("claim_ttl", "30 days").and_then(|said| said.claim_ttl), Some(Period::days(30)));
        assert_eq!(
            read("approval_above", "EUR 250,5\nusd 300").and_then(|said| said.approval_above.flatten()),
            "EUR:250.5,USD:300".parse().ok()
        );
        assert_eq!(read("late_rate_drift", "1,5").and_then(|said| said.late_rate_drift), "1.5".parse().ok());
        assert_eq!(read("approval_above", "").and_then(|said| said.approval_above), Some(None));
        let nonsense = [
            ("claim_ttl", "soon"),
            ("approval_above", "250"),
            ("approval_above", "EUR 1,000"),
            ("approval_above", "EUR 1\nEUR 2"),
            ("reminders", "a week"),
            ("on_over", "shrug"),
        ];
        for (name, nonsense) in nonsense {
            assert_eq!(read(name, nonsense), None, "{name}: {nonsense}");
        }
    }

    #[test]
    fn no_value_is_said_in_the_words_of_programs() {
        for setting in all() {
            let shown = (setting.shown)(&Policy::default());
            let said = setting.said(&shown);
            assert!(!said.contains('_') && !said.starts_with("PT") && said != "complete", "{}: {said}", setting.name);
        }
    }
}

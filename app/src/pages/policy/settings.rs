//! Every setting of a policy as its form shows it: what it is called, what it can be, how it is written and read. A new setting of the
//! domain's is missed by a test here; a new choice of one does not compile before it has its words.

use core::str::FromStr;

use domain::language::Language;
use domain::policy::{
    DelayAnchor, DestinationSource, FeeBearer, LateGrace, Limits, Notify, OnExpiry, OnLate, OnOver, OnUnder, Overrides, Period, Policy,
    RateRule, Reopen, Tolerance,
};
use words::{Sentence as _, staff_policy_settings as said};

use crate::language::{say, staff_language};

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
    /// What it can be, where that is one of few.
    pub(crate) choices: &'static [Choice],
    /// Writes it as the form has it.
    pub(crate) shown: fn(&Policy) -> String,
    /// Reads what was typed, over the rest of the policy; nothing when it cannot be read.
    pub(crate) read: fn(&Policy, &str) -> Option<Overrides>,
}

impl Setting {
    /// Returns a value in words: a choice by its title.
    pub(crate) fn said(&self, value: &str) -> String {
        match self.choices.iter().find(|choice| choice.name == value) {
            Some(choice) => (choice.title)(),
            None if value.is_empty() => say(said::NotSet),
            None => value.to_owned(),
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
            choices: &[$(Choice {
                name: $type::$choice.name(),
                title: || say(said::$name),
                text: || say(said::$text),
                split: &[$($you, $payer)?],
            }),*],
            shown: |policy| match policy.$knob { $(choice @ $type::$choice => choice.name().to_owned(),)* },
            read: |_, text| Some(Overrides { $knob: Some($type::from_name(text)?), ..Overrides::default() }),
        }
    };
}

macro_rules! typed {
    ($name:ident of $knob:ident, $title:ident, $hint:ident, $remedy:ident, $shown:expr, $read:expr) => {
        Setting {
            name: stringify!($name),
            knob: stringify!($knob),
            title: || say(said::$title),
            hint: || say(said::$hint),
            remedy: || say(said::$remedy),
            choices: &[],
            shown: $shown,
            read: |policy, text| {
                let read: fn(&Policy, &str) -> Option<_> = $read;
                Some(Overrides { $knob: Some(read(policy, text)?), ..Overrides::default() })
            },
        }
    };
}

macro_rules! period {
    ($knob:ident, $title:ident, $hint:ident, $remedy:ident) => {
        typed!($knob of $knob, $title, $hint, $remedy, |policy| typed_period(policy.$knob), |_, text| read_period(text))
    };
}

macro_rules! percent {
    ($knob:ident, $title:ident, $hint:ident, $remedy:ident) => {
        typed!($knob of $knob, $title, $hint, $remedy, |policy| decimal(policy.$knob.normalize()), |_, text| read_decimal(text))
    };
}

macro_rules! above {
    ($knob:ident, $title:ident, $hint:ident) => {
        typed!(
            $knob of $knob, $title, $hint, WriteAmounts,
            |policy| policy.$knob.as_ref().map(limits).unwrap_or_default(),
            |_, text| if text.is_empty() { Some(None) } else { read_limits(text).map(Some) }
        )
    };
}

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
                tolerance_percent of tolerance, TolerancePercent, ToleranceHint, WriteTolerance,
                |policy| decimal(policy.tolerance.percent.normalize()),
                |policy, text| Some(Tolerance { percent: read_decimal(text)?, ..policy.tolerance.clone() })
            ),
            typed!(
                tolerance_absolute of tolerance, ToleranceAbsolute, ToleranceHint, WriteAmounts,
                |policy| limits(&policy.tolerance.absolute),
                |policy, text| Some(Tolerance { absolute: read_limits(text)?, ..policy.tolerance.clone() })
            ),
            typed!(
                claim_floor of claim_floor, ClaimFloor, ClaimFloorHint, WriteAmounts,
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
            period!(topup_until, TopupUntil, TopupUntilHint, WriteTopUp),
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
                late_grace_fiat of late_grace, LateGraceFiat, LateGraceHint, WriteGrace,
                |policy| typed_period(policy.late_grace.fiat),
                |policy, text| Some(LateGrace { fiat: read_period(text)?, ..policy.late_grace })
            ),
            typed!(
                late_grace_coin of late_grace, LateGraceCoin, LateGraceHint, WriteGrace,
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
            period!(claim_ttl, ClaimTtl, ClaimTtlHint, WriteClaim),
            choice!(
                on_expiry: OnExpiry, OnExpiry, OnExpiryHint,
                [
                    CreditMerchant: OnExpiryCredit, OnExpiryCreditText;
                    Hold: OnExpiryHold, OnExpiryHoldText;
                ]
            ),
            period!(security_delay, SecurityDelay, SecurityDelayHint, WriteDelay),
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
                choices: &[
                    Choice { name: "true", title: || say(said::PayerCancelCan), text: || say(said::PayerCancelCanText), split: &[] },
                    Choice { name: "false", title: || say(said::PayerCancelCannot), text: || say(said::PayerCancelCannotText), split: &[] },
                ],
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
            period!(requote_after, RequoteAfter, RequoteAfterHint, WriteRequote),
            period!(batch_window, BatchWindow, BatchWindowHint, WriteWindow),
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
                reminders of reminders, Reminders, RemindersHint, WriteReminders,
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
            period!(quote_ttl, QuoteTtl, QuoteTtlHint, WriteQuote),
            period!(refund_window, RefundWindow, RefundWindowHint, WriteRefundWindow),
            typed!(
                refundable_states of refundable_states, RefundableStates, RefundableStatesHint, WriteStates,
                |policy| policy.refundable_states.iter().map(|status| status.name()).collect::<Vec<_>>().join(", "),
                |_, text| {
                    let known = |word: &str| domain::invoice::InvoiceStatus::ALL.into_iter().find(|status| status.name() == word);
                    listed(text).map(known).collect()
                }
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

/// What lengths of time are counted in.
struct Unit {
    /// So many of it, in words.
    said: fn(u64, Language) -> String,
    /// What ISO 8601 writes before the count.
    prefix: &'static str,
    /// And behind it.
    mark: char,
}

const UNITS: [Unit; 4] = [
    Unit { said: |count, language| said::Days { count }.to(language), prefix: "P", mark: 'D' },
    Unit { said: |count, language| said::Hours { count }.to(language), prefix: "PT", mark: 'H' },
    Unit { said: |count, language| said::Minutes { count }.to(language), prefix: "PT", mark: 'M' },
    Unit { said: |count, language| said::Months { count }.to(language), prefix: "P", mark: 'M' },
];

/// Writes a length of time in words; one of several units as ISO 8601 does.
pub(crate) fn period(period: Period) -> String {
    let text = period.to_string();
    if text == "PT0S" {
        return say(said::Minutes { count: 0 });
    }
    let count = |unit: &Unit| text.strip_prefix(unit.prefix)?.strip_suffix(unit.mark)?.parse().ok();
    let said = UNITS.iter().find_map(|unit| Some((unit.said)(count(unit)?, staff_language())));
    said.unwrap_or(text)
}

/// Writes a length of time in words that can be typed: without the marks that keep Arabic and numbers apart.
fn typed_period(of: Period) -> String {
    bare(&period(of))
}

fn bare(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

/// Reads a length of time as ISO 8601 or English writes it, or as it is shown in another language.
fn read_period(text: &str) -> Option<Period> {
    let in_words = || {
        let count: u64 = text.split(|letter: char| !letter.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()?;
        let is_said = |unit: &&Unit| Language::ALL.iter().any(|language| bare(&(unit.said)(count, *language)) == text);
        let Unit { prefix, mark, .. } = UNITS.iter().find(is_said)?;
        format!("{prefix}{count}{mark}").parse().ok()
    };
    text.parse().ok().or_else(in_words)
}

/// Writes a percentage as its reader does.
fn decimal(number: impl ToString) -> String {
    staff_language().number(&number.to_string())
}

/// Reads a percentage, whichever mark stands before its decimals: none is so large that it had another one.
fn read_decimal<Number: FromStr>(text: &str) -> Option<Number> {
    text.replace(',', ".").parse().ok()
}

/// Writes amounts per currency: `EUR 500, USD 550`.
fn limits(limits: &Limits) -> String {
    limits.to_string().replace(':', " ").replace(',', ", ")
}

/// Reads amounts per currency, with the currency before the amount.
fn read_limits(text: &str) -> Option<Limits> {
    let words: Vec<&str> = listed(text).collect();
    let pairs = words.chunks(2).map(|pair| pair.join(":")).collect::<Vec<_>>();
    pairs.join(",").parse().ok()
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
    fn lengths_of_time_are_read_as_they_are_written_in_every_language() {
        for Unit { said, prefix, mark } in UNITS {
            for (language, count) in Language::ALL.iter().flat_map(|language| [0, 1, 2, 3, 11, 72, 100].map(|count| (*language, count))) {
                let text = bare(&said(count, language));
                let meant: Period = format!("{prefix}{count}{mark}").parse().expect("a period");
                assert_eq!(read_period(&text), Some(meant), "{text}");
            }
        }
        assert_eq!(read_period("72 Stunden"), Some(Period::hours(72)));
        assert_eq!(read_period("72 Zwetschgen"), None);
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
            for name in setting.choices.iter().map(|choice| choice.name) {
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
            read("approval_above", "EUR 250, USD 300").and_then(|said| said.approval_above.flatten()),
            "EUR:250,USD:300".parse().ok()
        );
        assert_eq!(read("late_rate_drift", "1,5").and_then(|said| said.late_rate_drift), "1.5".parse().ok());
        assert_eq!(read("approval_above", "").and_then(|said| said.approval_above), Some(None));
        for (name, nonsense) in [("claim_ttl", "soon"), ("approval_above", "250"), ("reminders", "a week"), ("on_over", "shrug")] {
            assert_eq!(read(name, nonsense), None, "{name}");
        }
    }
}

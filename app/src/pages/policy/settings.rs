//! Every setting of a policy as its form shows it: what it is called, what it can be, how it is written and read. A new setting of the
//! domain's is missed by a test here.

use domain::policy::{
    DelayAnchor, DestinationSource, FeeBearer, KNOBS, LateGrace, Limits, Notify, OnExpiry, OnLate, OnOver, OnUnder, Overrides, Period,
    Policy, RateRule, Reopen, Tolerance,
};

/// A choice of a setting: its name, its title, what it means.
type Choice = (&'static str, &'static str, &'static str);

/// One field of the form.
pub(crate) struct Setting {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// The domain's setting that it is part of.
    pub(crate) knob: &'static str,
    /// What it is called.
    pub(crate) title: &'static str,
    /// What it can be, where that is one of few.
    pub(crate) choices: &'static [Choice],
    /// Writes it as the form has it.
    pub(crate) shown: fn(&Policy) -> String,
    /// Reads what was typed, over the rest of the policy; nothing when it cannot be read.
    pub(crate) read: fn(&Policy, &str) -> Option<Overrides>,
}

impl Setting {
    /// Returns what it decides, in the domain's words.
    pub(crate) fn description(&self) -> &'static str {
        KNOBS.iter().find(|knob| knob.name == self.knob).map_or("", |knob| knob.description)
    }

    /// Returns a value in words: a choice by its title.
    pub(crate) fn said(&self, value: &str) -> String {
        let title = self.choices.iter().find(|(name, ..)| *name == value).map(|(_, title, _)| *title);
        match title {
            Some(title) => title.to_owned(),
            None if value.is_empty() => "not set".to_owned(),
            None => value.to_owned(),
        }
    }
}

/// Settings that belong together.
pub(crate) struct Group {
    /// What they are about.
    pub(crate) title: &'static str,
    /// A sentence about it.
    pub(crate) text: &'static str,
    /// They.
    pub(crate) settings: &'static [Setting],
}

macro_rules! choice {
    ($knob:ident, $type:ty, $title:literal, $choices:expr) => {
        Setting {
            name: stringify!($knob),
            knob: stringify!($knob),
            title: $title,
            choices: $choices,
            shown: |policy| policy.$knob.name().to_owned(),
            read: |_, text| Some(Overrides { $knob: Some(<$type>::from_name(text)?), ..Overrides::default() }),
        }
    };
}

macro_rules! period {
    ($knob:ident, $title:literal) => {
        Setting {
            name: stringify!($knob),
            knob: stringify!($knob),
            title: $title,
            choices: &[],
            shown: |policy| period(policy.$knob),
            read: |_, text| Some(Overrides { $knob: Some(text.parse().ok()?), ..Overrides::default() }),
        }
    };
}

macro_rules! percent {
    ($knob:ident, $title:literal) => {
        Setting {
            name: stringify!($knob),
            knob: stringify!($knob),
            title: $title,
            choices: &[],
            shown: |policy| policy.$knob.normalize().to_string(),
            read: |_, text| Some(Overrides { $knob: Some(text.parse().ok()?), ..Overrides::default() }),
        }
    };
}

macro_rules! above {
    ($knob:ident, $title:literal) => {
        Setting {
            name: stringify!($knob),
            knob: stringify!($knob),
            title: $title,
            choices: &[],
            shown: |policy| policy.$knob.as_ref().map(limits).unwrap_or_default(),
            read: |_, text| {
                let above = if text.is_empty() { None } else { Some(read_limits(text)?) };
                Some(Overrides { $knob: Some(above), ..Overrides::default() })
            },
        }
    };
}

/// All settings, in the order of the page (design, 7).
pub(crate) const GROUPS: &[Group] = &[
    Group {
        title: "Overpaid",
        text: "The payer sends more than the invoice asks, for example 150 USDT for 100 USDT.",
        settings: &[
            choice!(
                on_over,
                OnOver,
                "Overpaid: what should happen?",
                &[
                    (
                        "settle_and_refund_excess",
                        "Refund the extra",
                        "You get 100 USDT. The payer gets a link for 50 USDT. The invoice is paid"
                    ),
                    ("credit_all", "Keep everything", "You get all 150 USDT. No refund. The invoice is paid"),
                    ("refund_all", "Refund everything", "The payer gets a link for 150 USDT. The invoice is not paid"),
                    ("hold", "Ask a person", "The money is held until somebody decides"),
                ]
            ),
            Setting {
                name: "tolerance_percent",
                knob: "tolerance",
                title: "Ignore differences up to (%)",
                choices: &[],
                shown: |policy| policy.tolerance.percent.normalize().to_string(),
                read: |policy, text| {
                    let tolerance = Tolerance { percent: text.parse().ok()?, ..policy.tolerance.clone() };
                    Some(Overrides { tolerance: Some(tolerance), ..Overrides::default() })
                },
            },
            Setting {
                name: "tolerance_absolute",
                knob: "tolerance",
                title: "Or up to these amounts",
                choices: &[],
                shown: |policy| limits(&policy.tolerance.absolute),
                read: |policy, text| {
                    let tolerance = Tolerance { absolute: read_limits(text)?, ..policy.tolerance.clone() };
                    Some(Overrides { tolerance: Some(tolerance), ..Overrides::default() })
                },
            },
            Setting {
                name: "claim_floor",
                knob: "claim_floor",
                title: "Smallest refund",
                choices: &[],
                shown: |policy| limits(&policy.claim_floor),
                read: |_, text| Some(Overrides { claim_floor: Some(read_limits(text)?), ..Overrides::default() }),
            },
        ],
    },
    Group {
        title: "Underpaid",
        text: "The payer sends less than the invoice asks, for example 50 USDT for 100 USDT.",
        settings: &[
            choice!(
                on_under,
                OnUnder,
                "Underpaid: what should happen?",
                &[
                    ("refund_all", "Refund everything", "The payer gets a link for 50 USDT. The invoice is not paid"),
                    ("credit_all", "Accept what was sent", "You get 50 USDT. The invoice is marked underpaid"),
                    (
                        "recalc",
                        "Work the price out again",
                        "At the rate of that moment: what covers it is accepted, what does not goes back"
                    ),
                    ("hold", "Ask a person", "The money is held until somebody decides"),
                ]
            ),
            period!(topup_until, "Wait for a second payment"),
        ],
    },
    Group {
        title: "Late",
        text: "The payment arrives after the invoice expired, so the rate no longer holds.",
        settings: &[
            choice!(
                on_late,
                OnLate,
                "Late: what should happen?",
                &[
                    ("refund_all", "Refund everything", "The payer gets a link for all of it. The invoice stays expired"),
                    ("credit_all", "Accept it", "You get the coins as they are. The invoice is marked paid late"),
                    (
                        "recalc",
                        "Work the price out again",
                        "At the rate of that moment: what covers it is accepted, what does not goes back"
                    ),
                    ("accept_if_rate_within", "Accept it while the rate is close", "Else the payer gets a link for all of it"),
                    ("hold", "Ask a person", "The money is held until somebody decides"),
                ]
            ),
            Setting {
                name: "late_grace_fiat",
                knob: "late_grace",
                title: "Accept as on time within, priced in a currency",
                choices: &[],
                shown: |policy| period(policy.late_grace.fiat),
                read: |policy, text| {
                    let late_grace = LateGrace { fiat: text.parse().ok()?, ..policy.late_grace };
                    Some(Overrides { late_grace: Some(late_grace), ..Overrides::default() })
                },
            },
            Setting {
                name: "late_grace_coin",
                knob: "late_grace",
                title: "Accept as on time within, priced in coins",
                choices: &[],
                shown: |policy| period(policy.late_grace.coin),
                read: |policy, text| {
                    let late_grace = LateGrace { coin: text.parse().ok()?, ..policy.late_grace };
                    Some(Overrides { late_grace: Some(late_grace), ..Overrides::default() })
                },
            },
            percent!(late_rate_drift, "How close the rate must be (%)"),
        ],
    },
    Group {
        title: "People",
        text: "Who looks at a refund before it goes. Amounts per currency, such as EUR 500, USD 550; empty: nobody has to.",
        settings: &[above!(approval_above, "Second approval above"), above!(review_above, "Look before it is sent above")],
    },
    Group {
        title: "Rules for every refund",
        text: "How payers claim, how long they can cancel, who pays the network.",
        settings: &[
            period!(claim_ttl, "Claim link works for"),
            choice!(
                on_expiry,
                OnExpiry,
                "When nobody claims it",
                &[
                    ("credit_merchant", "It is yours", "The money is credited to the MID"),
                    ("hold", "Keep it for the payer", "It stays held until you offer it again"),
                ]
            ),
            period!(security_delay, "Security delay after a claim"),
            choice!(
                security_delay_anchor,
                DelayAnchor,
                "The delay counts from",
                &[
                    ("claim_confirmed", "The payer’s confirmation", "Every payer has all of it to cancel"),
                    ("refund_created", "The refund’s creation", "Who claims late waits less, or not at all"),
                ]
            ),
            Setting {
                name: "payer_cancel",
                knob: "payer_cancel",
                title: "During the delay the payer",
                choices: &[("true", "Can cancel", "By the link in the mail"), ("false", "Cannot cancel", "Only you can")],
                shown: |policy| policy.payer_cancel.to_string(),
                read: |_, text| Some(Overrides { payer_cancel: Some(text.parse().ok()?), ..Overrides::default() }),
            },
            choice!(
                reopen_after_payer_cancel,
                Reopen,
                "After a payer cancelled",
                &[("merchant", "You can offer it again", "By a new link"), ("admin", "Only the operator can", "Ask them")]
            ),
            choice!(
                destination_source,
                DestinationSource,
                "Who says where the money goes",
                &[
                    ("payer_claim", "The payer", "On the claim page"),
                    ("merchant", "You", "Until then the payer’s link works too"),
                    ("source_address", "The address that paid", "When all of it came from one"),
                    ("precommitted", "The invoice", "When an address came with it"),
                ]
            ),
            choice!(
                fee_bearer,
                FeeBearer,
                "Network fee",
                &[("payer", "The payer pays", "Taken from the refund"), ("merchant", "We pay", "Taken from your balance")]
            ),
            percent!(fee_cap, "Wait while the fee is above (% of the refund)"),
            period!(batch_window, "Wait for others to be sent together"),
        ],
    },
    Group {
        title: "Email and webhooks",
        text: "Who tells the payer, and when they are reminded.",
        settings: &[
            choice!(
                notify,
                Notify,
                "Who writes to the payer",
                &[
                    ("both", "Refundry and you", "By email, and you get the link by webhook"),
                    ("engine_email", "Refundry", "By email"),
                    ("merchant", "You", "You get the link by webhook"),
                    ("none", "Nobody", "Copy links from the dashboard"),
                ]
            ),
            Setting {
                name: "reminders",
                knob: "reminders",
                title: "Remind so many days before the link ends",
                choices: &[],
                shown: |policy| policy.reminders.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
                read: |_, text| {
                    let days: Option<Vec<u16>> = words(text).map(|word| word.parse().ok()).collect();
                    Some(Overrides { reminders: Some(days?), ..Overrides::default() })
                },
            },
        ],
    },
    Group {
        title: "Refunds you make yourself",
        text: "Of invoices that were paid.",
        settings: &[
            choice!(
                rate_rule,
                RateRule,
                "How many coins an amount is",
                &[
                    ("rate_now_at_release", "Rate when it is sent", "The same value on that day"),
                    ("rate_now_at_create", "Rate when it is made", "The same value on that day"),
                    ("rate_then_fiat", "Rate when they paid", "The invoice’s own rate"),
                    ("coin_exact", "The payer’s own coins", "As many as they sent for it"),
                    ("min_of", "The fewer", "Of then and now"),
                    ("max_of", "The more", "Of then and now"),
                ]
            ),
            period!(quote_ttl, "A preview holds for"),
            period!(refund_window, "Invoices can be refunded for"),
            Setting {
                name: "refundable_states",
                knob: "refundable_states",
                title: "Invoices that can be refunded are",
                choices: &[],
                shown: |policy| policy.refundable_states.iter().map(|status| status.name()).collect::<Vec<_>>().join(", "),
                read: |_, text| {
                    let known = |word: &str| domain::invoice::InvoiceStatus::ALL.into_iter().find(|status| status.name() == word);
                    let states: Option<_> = words(text).map(known).collect();
                    Some(Overrides { refundable_states: Some(states?), ..Overrides::default() })
                },
            },
        ],
    },
];

/// Returns every setting.
pub(crate) fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// Splits what is listed with commas or spaces.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

/// Writes a length of time in words; one of several units as ISO 8601 does.
pub(crate) fn period(period: Period) -> String {
    let text = period.to_string();
    let simple = |prefix: &str, unit: char| text.strip_prefix(prefix)?.strip_suffix(unit)?.parse::<u32>().ok();
    let (count, unit) = match (simple("P", 'D'), simple("PT", 'H'), simple("PT", 'M'), simple("P", 'M')) {
        (Some(days), _, _, _) => (days, "day"),
        (None, Some(hours), _, _) => (hours, "hour"),
        (None, None, Some(minutes), _) => (minutes, "minute"),
        (None, None, None, Some(months)) => (months, "month"),
        (None, None, None, None) if text == "PT0S" => return "0 minutes".to_owned(),
        (None, None, None, None) => return text,
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Writes amounts per currency: `EUR 500, USD 550`.
fn limits(limits: &Limits) -> String {
    limits.to_string().replace(':', " ").replace(',', ", ")
}

/// Reads amounts per currency, with the currency before the amount.
fn read_limits(text: &str) -> Option<Limits> {
    let words: Vec<&str> = words(text).collect();
    let pairs = words.chunks(2).map(|pair| pair.join(":")).collect::<Vec<_>>();
    pairs.join(",").parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
            for (name, ..) in setting.choices {
                let read = (setting.read)(&Policy::default(), name).unwrap_or_else(|| panic!("{} cannot be {name}", setting.name));
                assert_eq!((setting.shown)(&Policy::default().with(&read)), *name);
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
        assert_eq!(read("approval_above", "").and_then(|said| said.approval_above), Some(None));
        for (name, nonsense) in [("claim_ttl", "soon"), ("approval_above", "250"), ("reminders", "a week"), ("on_over", "shrug")] {
            assert_eq!(read(name, nonsense), None, "{name}");
        }
    }
}

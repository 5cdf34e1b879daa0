//! Policy: what a MID wants done with payments that do not match, and how its refunds are paid. Every duration, fee rule and
//! threshold is data here (TX-01, BV-03). What a policy makes of one payment is [`decide`]'s.

mod decide;
mod limits;
mod period;

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

use crate::claim::{FieldError, FieldErrors};
use crate::ids::{MidId, PolicyId};
use crate::invoice::InvoiceStatus;
use crate::names::choices;
use crate::rate::Fiat;

pub use self::decide::{Decision, Judging, Verdict, Why, decide};
pub(crate) use self::decide::{Split, split_up};
pub use self::limits::Limits;
pub use self::period::{Period, Unit};

choices! {
    /// What to do with too much money (TX-02). Each names whose the money is (C4): what is credited is in the merchant's own account,
    /// as the "automatic refund to my crypto account" of others is; what is refunded is the payer's, and nobody else's.
    OnOver {
        /// Keep everything for the merchant.
        CreditAll = "credit_all",
        /// Keep the price, give back the extra (BV-05).
        SettleAndRefundExcess = "settle_and_refund_excess",
        /// Accept nothing, give everything back.
        RefundAll = "refund_all",
        /// Hold it until a person decides.
        Hold = "hold",
    }

    /// What to do with too little money (TX-03).
    OnUnder {
        /// Accept what was sent.
        CreditAll = "credit_all",
        /// Work the price out again at the rate of that moment; accept what covers it, give back what does not (CP1).
        Recalc = "recalc",
        /// Accept nothing, give everything back (BV-06).
        RefundAll = "refund_all",
        /// Hold it until a person decides.
        Hold = "hold",
    }

    /// What to do with money that came after the invoice expired (TX-04).
    OnLate {
        /// Accept it.
        CreditAll = "credit_all",
        /// Work the price out again at the rate of that moment; accept what covers it, give back what does not (CP1).
        Recalc = "recalc",
        /// Accept nothing, give everything back (BV-07).
        RefundAll = "refund_all",
        /// Accept it when the rate moved by no more than `late_rate_drift`, else give everything back.
        AcceptIfRateWithin = "accept_if_rate_within",
        /// Hold it until a person decides.
        Hold = "hold",
    }

    /// Who writes to the payer.
    Notify {
        /// Refundry, by e-mail.
        EngineEmail = "engine_email",
        /// The merchant, who gets the link by webhook (TX-05, BV-02).
        Merchant = "merchant",
        /// Both.
        Both = "both",
        /// Nobody.
        Nobody = "none",
    }

    /// Who says where the money goes.
    DestinationSource {
        /// The payer, on the claim page (CP-07).
        PayerClaim = "payer_claim",
        /// The merchant (CM-02); until then the payer's link works too.
        Merchant = "merchant",
        /// The address that paid, when all of the payment came from one address.
        SourceAddress = "source_address",
        /// The address that came with the invoice, when one did.
        Precommitted = "precommitted",
    }

    /// From when the security delay is counted (contradiction C2).
    DelayAnchor {
        /// From the payer's confirmation.
        ClaimConfirmed = "claim_confirmed",
        /// From the refund's creation; a claim near its end waits no longer.
        RefundCreated = "refund_created",
    }

    /// Who may offer a refund again that its payer canceled (CP-13, contradiction C3).
    Reopen {
        /// The merchant.
        Merchant = "merchant",
        /// Only the operator.
        Admin = "admin",
    }

    /// What becomes of money nobody claimed.
    OnExpiry {
        /// It goes to the MID's wallet (BV-09).
        CreditMerchant = "credit_merchant",
        /// It stays held for the payer.
        Hold = "hold",
    }

    /// Who pays the network's fee for a refund (BP-14, CM-03).
    FeeBearer {
        /// The fee is taken from the refund (BV-08).
        Payer = "payer",
        /// The merchant pays it on top.
        Merchant = "merchant",
    }

    /// How many coins a refund of a priced amount is (odd case 29).
    RateRule {
        /// As many as were paid for it: the payer's own coins.
        CoinExact = "coin_exact",
        /// What the amount cost at the invoice's rate.
        RateThen = "rate_then_fiat",
        /// What the amount costs when the refund is created.
        RateNowAtCreate = "rate_now_at_create",
        /// What the amount costs when the refund is sent.
        RateNowAtRelease = "rate_now_at_release",
        /// The fewer coins of then and now.
        MinOf = "min_of",
        /// The more coins of then and now.
        MaxOf = "max_of",
    }
}

macro_rules! knobs {
    ($($name:ident: $type:ty = $default:expr, $description:literal, $limits:literal;)*) => {
        /// A MID's rules, complete. A case keeps the version that judged it.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Policy { $(#[doc = $description] pub $name: $type,)* }

        impl Default for Policy {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        /// Some of a policy's settings: what one layer (merchant, MID, asset, invoice) says differently from the layers below it. What is
        /// not said is inherited; `null` is said, and means that there is no limit here, whatever the layers below say.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Overrides {
            $(#[doc = $description] #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")] pub $name: Option<$type>,)*
        }

        impl Overrides {
            /// Returns the names of the settings that are said.
            #[must_use]
            pub fn names(&self) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if self.$name.is_some() { names.push(stringify!($name)); })*
                names
            }

            /// Returns these settings with `newer` ones over them.
            #[must_use]
            pub fn with(self, newer: Self) -> Self {
                Self { $($name: newer.$name.or(self.$name),)* }
            }
        }

        impl Policy {
            /// Returns this policy with a layer over it.
            #[must_use]
            pub fn with(self, layer: &Overrides) -> Self {
                Self { $($name: layer.$name.clone().unwrap_or(self.$name),)* }
            }

            /// Returns the settings in which `other` differs, by name.
            #[must_use]
            pub fn differences(&self, other: &Self) -> Vec<&'static str> {
                self.layer_to(other).names()
            }

            /// Returns the layer that makes `other` of this policy: the settings in which they differ.
            #[must_use]
            pub fn layer_to(&self, other: &Self) -> Overrides {
                Overrides { $($name: (self.$name != other.$name).then(|| other.$name.clone()),)* }
            }
        }

        /// Every setting in plain words: what the pages and the manual say of it.
        pub const KNOBS: &[Knob] = &[$(Knob { name: stringify!($name), description: $description, limits: $limits },)*];
    };
}

/// Reads a setting that is said, be it `null`: serde takes a `null` for one that is not said.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A setting in plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Knob {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it decides.
    pub description: &'static str,
    /// What it can be.
    pub limits: &'static str,
}

knobs! {
    on_over: OnOver = OnOver::SettleAndRefundExcess,
        "What happens when a payer sends too much.", "credit_all, settle_and_refund_excess, refund_all or hold";
    on_under: OnUnder = OnUnder::RefundAll,
        "What happens when a payer sends too little.", "credit_all, recalc, refund_all or hold";
    on_late: OnLate = OnLate::RefundAll,
        "What happens when a payment comes after the invoice expired.", "credit_all, recalc, refund_all, accept_if_rate_within or hold";
    late_grace: LateGrace = LateGrace::default(),
        "How long after an invoice expires a payment still counts as in time, by how the invoice was priced.",
        "a period of 0 to 7 days for `fiat` and for `coin`";
    late_rate_drift: Decimal = Decimal::ONE,
        "By how many percent the rate may have moved where a late payment is accepted while the rate is close.", "0 to 100 percent";
    tolerance: Tolerance = Tolerance::default(),
        "Up to which difference, under or over, a payment counts as exact: whichever of percent and amount allows more.",
        "`percent` from 0 to 50, `absolute` an amount per currency";
    topup_until: Period = Period::none(),
        "How long after an invoice expires the rest of a part payment may still come.", "0 to 30 days";
    notify: Notify = Notify::Both,
        "Who writes to the payer.", "engine_email, merchant, both or none";
    destination_source: DestinationSource = DestinationSource::PayerClaim,
        "Who says where the money goes.", "payer_claim, merchant, source_address or precommitted";
    security_delay: Period = Period::hours(72),
        "How long a confirmed refund waits before it is sent; until then the payer can cancel.", "0 to 30 days, such as PT72H";
    security_delay_anchor: DelayAnchor = DelayAnchor::ClaimConfirmed,
        "From when the security delay is counted.", "claim_confirmed or refund_created";
    payer_cancel: bool = true,
        "Whether the payer can cancel during the security delay.", "true or false";
    reopen_after_payer_cancel: Reopen = Reopen::Merchant,
        "Who may offer a refund again that its payer canceled.", "merchant or admin";
    claim_ttl: Period = Period::days(90),
        "How long a claim link works, counted on the calendar: three months are not 90 days.", "1 to 365 days, such as P90D";
    on_expiry: OnExpiry = OnExpiry::CreditMerchant,
        "What becomes of money nobody claimed.", "credit_merchant or hold";
    fee_bearer: FeeBearer = FeeBearer::Payer,
        "Who pays the network's fee.", "payer or merchant";
    fee_cap: Decimal = Decimal::ONE_HUNDRED,
        "Up to how many percent of a refund the network's fee may be; above it the refund waits.", "more than 0, up to 100 percent";
    requote_after: Period = Period::days(3),
        "How long a refund waits whose network fee rose above the one its payer agreed to, before they are asked again by a new link.",
        "0 to 90 days, such as P3D";
    batch_window: Period = Period::none(),
        "How long a refund that is sent waits for others, so that one transaction pays them together on networks that can do that.",
        "0 to 1 day, such as PT10M; 0 sends each alone, at once";
    claim_floor: Limits = Limits::default(),
        "Below which amount a difference is not worth a refund: it is kept apart as a residual.", "an amount per currency";
    approval_above: Option<Limits> = None,
        "Above which sum of one person's or key's refunds in a day a second person must approve.", "an amount per currency, or null";
    review_above: Option<Limits> = None,
        "Above which amount a person looks at a refund before it is sent.", "an amount per currency, or null";
    low_risk_band: Option<Limits> = None,
        "Above which amount the claim link alone is not enough: its payer also gives a code that is mailed to them, or a person looks at it.",
        "an amount per currency, or null";
    rate_rule: RateRule = RateRule::RateNowAtRelease,
        "How many coins a refund of a priced amount is, when the merchant makes one.",
        "coin_exact, rate_then_fiat, rate_now_at_create, rate_now_at_release, min_of or max_of";
    quote_ttl: Period = Period::minutes(15),
        "How long a quote for a refund holds: waiting for a better price is nobody's free option.", "1 minute to 1 day, such as PT15M";
    refundable_states: BTreeSet<InvoiceStatus> = BTreeSet::from([InvoiceStatus::Complete]),
        "In which states an invoice can be refunded by the merchant.", "some of complete, underpaid, expired, canceled";
    refund_window: Period = Period::days(365),
        "How long after an invoice was made the merchant can refund it.", "1 to 3650 days";
    reminders: Vec<u16> = vec![30, 7, 1],
        "How many days before a claim link ends the payer is reminded.", "up to 10 numbers of days from 1 to 364, falling";
}

impl Policy {
    /// Checks the limits of every setting.
    ///
    /// # Errors
    /// One entry per setting outside its limits, named as on the wire.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut expect = |holds: bool, field: &str, remedy: &str| {
            if !holds {
                errors.push(FieldError::new(field, "out_of_range", remedy));
            }
        };
        let is_percent = |percent: Decimal, max: i64| !percent.is_sign_negative() && percent <= Decimal::from(max);
        expect(self.late_grace.fiat.is_within_days(0, 7), "late_grace.fiat", "choose 0 to 7 days, such as PT10M");
        expect(self.late_grace.coin.is_within_days(0, 7), "late_grace.coin", "choose 0 to 7 days, such as PT2H");
        expect(is_percent(self.late_rate_drift, 100), "late_rate_drift", "choose 0 to 100 percent");
        expect(is_percent(self.tolerance.percent, 50), "tolerance.percent", "choose 0 to 50 percent");
        expect(self.topup_until.is_within_days(0, 30), "topup_until", "choose 0 to 30 days, such as P1D");
        expect(self.security_delay.is_within_days(0, 30), "security_delay", "choose 0 to 30 days, such as PT72H");
        expect(self.requote_after.is_within_days(0, 90), "requote_after", "choose 0 to 90 days, such as P3D");
        expect(self.batch_window.is_within_days(0, 1), "batch_window", "choose 0 to 1 day, such as PT10M");
        expect(self.claim_ttl.is_within_days(1, 365), "claim_ttl", "choose 1 to 365 days, such as P90D");
        let quote_ends = self.quote_ttl.after(Timestamp::UNIX_EPOCH);
        let is_sound = quote_ends >= Period::minutes(1).after(Timestamp::UNIX_EPOCH) && self.quote_ttl.is_within_days(0, 1);
        expect(is_sound, "quote_ttl", "choose 1 minute to 1 day, such as PT15M");
        expect(self.refund_window.is_within_days(1, 3650), "refund_window", "choose 1 to 3650 days, such as P365D");
        expect(is_percent(self.fee_cap, 100) && !self.fee_cap.is_zero(), "fee_cap", "choose more than 0, up to 100 percent");
        let amounts = [
            ("tolerance.absolute", Some(&self.tolerance.absolute)),
            ("claim_floor", Some(&self.claim_floor)),
            ("approval_above", self.approval_above.as_ref()),
            ("review_above", self.review_above.as_ref()),
            ("low_risk_band", self.low_risk_band.as_ref()),
        ];
        for (field, limits) in amounts {
            expect(
                limits.is_none_or(Limits::is_sound),
                field,
                "write amounts of at least 0 with at most 2 decimals, such as {\"EUR\": \"500\"}",
            );
        }
        let can_be_refunded = |status: &InvoiceStatus| match status {
            InvoiceStatus::Complete | InvoiceStatus::Underpaid | InvoiceStatus::Expired | InvoiceStatus::Canceled => true,
            InvoiceStatus::Pending | InvoiceStatus::Processing => false,
        };
        expect(
            self.refundable_states.iter().all(can_be_refunded),
            "refundable_states",
            "choose some of complete, underpaid, expired, canceled",
        );
        let are_falling = self.reminders.windows(2).all(|pair| pair[0] > pair[1]);
        let are_days = self.reminders.iter().all(|days| (1..=364).contains(days));
        expect(
            are_falling && are_days && self.reminders.len() <= 10,
            "reminders",
            "write up to 10 numbers of days from 1 to 364, the largest first, such as [30, 7, 1]",
        );
        errors.into_result()
    }

    /// Says whether any kind of payment that does not match is given back without a person's doing (CP-02).
    #[must_use]
    pub const fn refunds_by_itself(&self) -> bool {
        let over = match self.on_over {
            OnOver::SettleAndRefundExcess | OnOver::RefundAll => true,
            OnOver::CreditAll | OnOver::Hold => false,
        };
        let under = match self.on_under {
            OnUnder::Recalc | OnUnder::RefundAll => true,
            OnUnder::CreditAll | OnUnder::Hold => false,
        };
        let late = match self.on_late {
            OnLate::Recalc | OnLate::RefundAll | OnLate::AcceptIfRateWithin => true,
            OnLate::CreditAll | OnLate::Hold => false,
        };
        over || under || late
    }

    /// Returns when a refund may be sent whose claim is confirmed at `confirmed_at`.
    #[must_use]
    pub fn release_at(&self, created_at: Timestamp, confirmed_at: Timestamp) -> Timestamp {
        match self.security_delay_anchor {
            DelayAnchor::ClaimConfirmed => self.security_delay.after(confirmed_at),
            DelayAnchor::RefundCreated => self.security_delay.after(created_at).max(confirmed_at),
        }
    }

    /// Says whether a person looks at a refund of this worth before it is sent. What cannot be valued is looked at.
    #[must_use]
    pub fn needs_review(&self, worth: Option<Fiat>) -> bool {
        is_above(self.review_above.as_ref(), worth)
    }

    /// Says whether the link alone is too little to claim a refund of this worth by (odd case 34). For what cannot be valued it is.
    #[must_use]
    pub fn needs_proof(&self, worth: Option<Fiat>) -> bool {
        is_above(self.low_risk_band.as_ref(), worth)
    }

    /// Says whether a change from this policy to `new` loosens a guard, so that a second person must agree (requirements 3.5).
    #[must_use]
    pub fn is_loosened_by(&self, new: &Self) -> bool {
        let epoch = Timestamp::UNIX_EPOCH;
        let is_raised = |old: &Option<Limits>, new: &Option<Limits>| match (old, new) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(old), Some(new)) => !new.is_within(old),
        };
        new.security_delay.after(epoch) < self.security_delay.after(epoch)
            || (self.security_delay_anchor == DelayAnchor::ClaimConfirmed && new.security_delay_anchor == DelayAnchor::RefundCreated)
            || (self.payer_cancel && !new.payer_cancel)
            || (self.reopen_after_payer_cancel == Reopen::Admin && new.reopen_after_payer_cancel == Reopen::Merchant)
            || (self.destination_source != new.destination_source && !matches!(new.destination_source, DestinationSource::PayerClaim))
            || new.fee_cap > self.fee_cap
            || is_raised(&self.approval_above, &new.approval_above)
            || is_raised(&self.review_above, &new.review_above)
            || is_raised(&self.low_risk_band, &new.low_risk_band)
    }
}

/// Says whether a worth is above a limit, where there is one. What cannot be valued is.
fn is_above(limits: Option<&Limits>, worth: Option<Fiat>) -> bool {
    limits.is_some_and(|limits| worth.is_none_or(|worth| limits.is_exceeded_by(worth)))
}

/// How long after an invoice expires a payment still counts as in time. Cryptopay's own values are PT10M and PT2H (CP6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateGrace {
    /// For invoices whose coins were worked out from a currency.
    pub fiat: Period,
    /// For invoices that ask for an amount of coins.
    pub coin: Period,
}

impl Default for LateGrace {
    fn default() -> Self {
        Self { fiat: Period::none(), coin: Period::none() }
    }
}

/// Up to which difference a payment counts as exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tolerance {
    /// Of what is due.
    pub percent: Decimal,
    /// In the invoice's currency.
    pub absolute: Limits,
}

/// One version of a MID's policy, with every layer applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Of the settings: equal settings have one id.
    pub id: PolicyId,
    /// Whose.
    pub mid: MidId,
    /// Counted from 1 per MID.
    pub number: u32,
    /// What it says.
    pub policy: Policy,
    /// Since when.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_checked() {
        let policy = |ttl: &str, delay: &str| Policy {
            claim_ttl: ttl.parse().expect("a period"),
            security_delay: delay.parse().expect("a period"),
            ..Policy::default()
        };
        assert_eq!(policy("P90D", "PT72H").check(), Ok(()));
        assert_eq!(policy("P3M", "PT0S").check(), Ok(()));
        assert!(policy("PT1H", "PT72H").check().is_err());
        assert!(policy("P2Y", "PT72H").check().is_err());
        assert!(policy("P90D", "P31D").check().is_err());
        assert!(policy("P90D", "-PT1H").check().is_err());
        let waits = |window: &str| Policy { batch_window: window.parse().expect("a period"), ..Policy::default() };
        assert!(waits("P1D").check().is_ok() && waits("PT25H").check().is_err());
        let wrong = Policy {
            fee_cap: Decimal::ZERO,
            reminders: vec![1, 7],
            refundable_states: BTreeSet::from([InvoiceStatus::Pending]),
            late_rate_drift: Decimal::NEGATIVE_ONE,
            ..Policy::default()
        };
        let errors = wrong.check().expect_err("four settings are wrong");
        let fields: Vec<&str> = errors.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["late_rate_drift", "fee_cap", "refundable_states", "reminders"]);
    }

    #[test]
    fn a_layer_changes_what_it_says_and_nothing_else() {
        let layer: Overrides = serde_json::from_str(r#"{"on_over": "hold", "claim_ttl": "P3M"}"#).expect("a layer");
        assert_eq!(layer.names(), ["on_over", "claim_ttl"]);
        let policy = Policy::default().with(&layer);
        assert_eq!(Policy::default().differences(&policy), ["on_over", "claim_ttl"]);
        let over_it = Overrides { on_over: Some(OnOver::CreditAll), ..Overrides::default() };
        assert_eq!(policy.with(&over_it).on_over, OnOver::CreditAll);
        assert!(serde_json::from_str::<Overrides>(r#"{"on_ovr": "hold"}"#).is_err(), "a misspelt setting is refused");
    }

    /// Requirement 3.5: a layer can undo a limit of the layer above it, which is not the same as saying nothing of it.
    #[test]
    fn a_layer_can_say_that_there_is_no_limit() {
        let merchant = Overrides { approval_above: Some(Some("EUR:500".parse().expect("limits"))), ..Overrides::default() };
        let strict = Policy::default().with(&merchant);
        let silent: Overrides = serde_json::from_str("{}").expect("a layer");
        let none: Overrides = serde_json::from_str(r#"{"approval_above": null}"#).expect("a layer");
        assert_eq!((strict.clone().with(&silent).approval_above.is_some(), strict.with(&none).approval_above), (true, None));
        assert_eq!(none.names(), ["approval_above"]);
        for layer in [silent, none, merchant] {
            let text = serde_json::to_string(&layer).expect("text");
            assert_eq!(serde_json::from_str::<Overrides>(&text).expect("a layer"), layer, "{text}");
        }
        assert!(serde_json::from_str::<Overrides>(r#"{"on_over": null}"#).is_err(), "there is no policy without this setting");
    }

    #[test]
    fn a_policy_survives_text_and_reads_older_text() {
        let policy = Policy { approval_above: Some("EUR:500".parse().expect("limits")), ..Policy::default() };
        let text = serde_json::to_string(&policy).expect("text");
        assert_eq!(serde_json::from_str::<Policy>(&text).expect("a policy"), policy);
        let old = r#"{"on_over":"refund_all","on_under":"refund_all","on_late":"refund_all","claim_ttl":"P90D","security_delay":"PT72H","fee_bearer":"payer"}"#;
        assert_eq!(serde_json::from_str::<Policy>(old).expect("a policy"), Policy { on_over: OnOver::RefundAll, ..Policy::default() });
    }

    #[test]
    fn what_loosens_a_guard_is_known() {
        let limit = |text: &str| Some(text.parse().expect("limits"));
        let strict = Policy { approval_above: limit("EUR:100"), low_risk_band: limit("EUR:50"), ..Policy::default() };
        let looser = [
            Policy { security_delay: Period::hours(1), ..strict.clone() },
            Policy { payer_cancel: false, ..strict.clone() },
            Policy { approval_above: Some("EUR:101".parse().expect("limits")), ..strict.clone() },
            Policy { approval_above: Some("EUR:100,USD:1".parse().expect("limits")), ..strict.clone() },
            Policy { approval_above: None, ..strict.clone() },
            Policy { low_risk_band: limit("EUR:51"), ..strict.clone() },
            Policy { low_risk_band: None, ..strict.clone() },
            Policy { destination_source: DestinationSource::SourceAddress, ..strict.clone() },
            Policy { destination_source: DestinationSource::Merchant, ..strict.clone() },
        ];
        for (index, policy) in looser.iter().enumerate() {
            assert!(strict.is_loosened_by(policy), "change {index}");
            assert!(!policy.is_loosened_by(&strict), "back from change {index}");
        }
        assert!(!strict.is_loosened_by(&Policy { on_over: OnOver::Hold, ..strict.clone() }));
    }

    #[test]
    fn every_setting_is_explained() {
        assert_eq!(KNOBS.len(), serde_json::to_value(Policy::default()).expect("JSON").as_object().expect("an object").len());
        assert!(KNOBS.iter().all(|knob| knob.description.ends_with('.') && !knob.limits.is_empty()));
    }
}

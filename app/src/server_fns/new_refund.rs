//! Making a refund of a paid invoice: a quote first, which is shown with what it does to the balance, then the refund of that quote.

use domain::claim::{FieldError, FieldErrors};
use domain::destination::Destination;
use domain::ids::{InvoiceId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::lifecycle::Refused;
use domain::merchant::Right;
use domain::money::{Asset, MoneyError};
use domain::policy::{FeeBearer, RateRule};
use domain::rate::Fiat;
use domain::view::InvoiceView;
use engine::callers::Caller;
use engine::refunding::NewRefund;
use engine::{Engine, Error};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use words::{address, staff_new_refund as said};

use super::refusal::{self, Problem};
use crate::components::exact;
use crate::language::{say, staff_language};
use crate::pages::{refused_address, wrong_destination};
use crate::reply::{Failure, Submitted, failed, form_again, go_to};
use crate::session::{caller, caller_with};

/// The longest message to a payer, in characters.
pub(crate) const MESSAGE_CHARS_MAX: usize = 500;

/// How much is refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HowMuch {
    Full,
    Part,
    Percent,
}

impl HowMuch {
    /// All of them, in the order of the page.
    pub(crate) const ALL: [Self; 3] = [Self::Full, Self::Part, Self::Percent];

    /// Returns the name in the form.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Part => "part",
            Self::Percent => "percent",
        }
    }
}

/// Says of a rate in the form that the amount is in coins.
pub(crate) const CUSTOM_RATE: &str = "custom";

/// The form as it was typed. Fields that the choices leave out are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundForm {
    /// `full`, `part` or `percent`.
    pub how: String,
    /// How much of the invoice's currency.
    pub amount: String,
    /// How many coins.
    pub coins: String,
    /// How much, in percent of what was paid.
    pub percent: String,
    /// By which rule priced amounts become coins, or `custom`.
    pub rate: String,
    /// Who pays the network's fee.
    pub fee: String,
    /// `link` or `address`.
    pub to: String,
    /// Where to, when that is known.
    pub address: String,
    /// Its tag.
    pub tag: String,
    /// What the payer reads.
    pub message: String,
    /// `on` to write to the payer.
    pub notify: String,
}

/// Quotes a refund, and shows what it would do. Nothing moves.
#[server(prefix = "/fn", endpoint = "preview_refund")]
pub async fn preview_refund(
    /// Of which invoice.
    invoice: String,
    /// The rest of the form.
    #[server(flatten)]
    form: RefundForm,
) -> Result<(), ServerFnError> {
    let quoted = form.quote(&invoice, None).await;
    answer(invoice, form, quoted.map(|made| made.page()));
    Ok(())
}

/// Makes the refund of a quote, when the form still says what was quoted and the quote's time is not over. Else it is quoted again and shown,
/// before anything is made.
#[server(prefix = "/fn", endpoint = "create_refund")]
pub async fn create_refund(
    /// Of which invoice.
    invoice: String,
    /// Which quote.
    quote: String,
    /// The rest of the form.
    #[server(flatten)]
    form: RefundForm,
) -> Result<(), ServerFnError> {
    let made = form.make(&invoice, &quote).await;
    answer(invoice, form, made);
    Ok(())
}

/// Goes to the page of what was made, shows the form again with what is wrong, or what failed.
fn answer(invoice: String, form: RefundForm, made: Result<String, Problem>) {
    match made {
        Ok(page) => go_to(&page),
        Err(Problem::Fields(errors)) => {
            form_again(format!("/refunds/new?invoice={invoice}"), Submitted { values: form.into_values(), errors });
        }
        Err(Problem::Failed(failure)) => failed(failure),
    }
}

/// A quote, and why there is another one than before.
struct Quoted {
    id: Uuid,
    because: Option<&'static str>,
}

impl Quoted {
    fn page(&self) -> String {
        let because = self.because.map(|because| format!("&quoted={because}")).unwrap_or_default();
        // On a phone the preview stands below the form.
        format!("/refunds/new?quote={}{because}#preview", self.id)
    }
}

impl RefundForm {
    async fn quote(&self, invoice: &str, because: Option<&'static str>) -> Result<Quoted, Problem> {
        let id: InvoiceId = invoice.parse().map_err(|_| Failure::NoPage)?;
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let invoice = engine.invoice(&caller, id).await?;
        let new = self.parse(&invoice.billed_currency)?;
        match engine.preview_refund(&caller, id, new, RefundId(engine.new_id())).await {
            Ok(quote) => Ok(Quoted { id: quote.id, because }),
            Err(error) => Err(self.explain(&engine, &caller, &invoice, error).await?),
        }
    }

    /// Makes the refund, or a new quote; returns the page to show.
    async fn make(&self, invoice: &str, quote: &str) -> Result<String, Problem> {
        let id: RefundId = quote.parse().map_err(|_| Failure::NoPage)?;
        let engine = expect_context::<Engine>();
        let caller = caller_with(Right::MoveMoney).await?;
        let quoted = engine.quoted(&caller, id).await?;
        let view = engine.invoice(&caller, quoted.invoice).await?;
        let new = self.parse(&view.billed_currency)?;
        if quoted.invoice.to_string() != invoice || new != quoted.request {
            return Ok(self.quote(invoice, Some("edited")).await?.page());
        }
        match engine.confirm_preview(&caller, id).await {
            Ok(refund) => Ok(format!("/refunds/{}", refund.id)),
            Err(Error::QuoteExpired { .. }) => Ok(self.quote(invoice, Some("renewed")).await?.page()),
            Err(error) => Err(self.explain(&engine, &caller, &view, error).await?),
        }
    }

    /// Reads what the engine is asked for; fields that the choices leave out are not read.
    fn parse(&self, currency: &str) -> Result<NewRefund, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut typed = |field: &str, text: &str, missing: String| {
            let text = text.trim().to_owned();
            if text.is_empty() {
                errors.push(FieldError::new(field, "required", missing));
            }
            Some(text)
        };
        let is_custom = self.rate == CUSTOM_RATE;
        let how = HowMuch::ALL.into_iter().find(|how| how.name() == self.how);
        let (amount, currency, percent) = match how {
            None => {
                errors.push(FieldError::new("how", "required", say(said::ChooseHowMuch)));
                (None, None, None)
            }
            Some(HowMuch::Full) => (None, None, None),
            Some(HowMuch::Part) if is_custom => (typed("coins", &self.coins, say(said::EnterCoins)), None, None),
            Some(HowMuch::Part) => (typed("amount", &self.amount, say(said::EnterAmount)), Some(currency.to_owned()), None),
            Some(HowMuch::Percent) => (None, None, typed("percent", &self.percent, say(said::EnterPercent))),
        };
        let address = (self.to == "address").then(|| self.address.trim().to_owned());
        if address.as_deref() == Some("") {
            errors.push(FieldError::new("address", "required", say(address::Empty)));
        }
        errors.into_result()?;
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(NewRefund {
            amount,
            currency,
            percent,
            rate_rule: RateRule::from_name(&self.rate),
            fee_bearer: FeeBearer::from_name(&self.fee),
            tag: address.as_ref().and(filled(&self.tag)),
            address,
            message: filled(&self.message),
            notify: Some(self.notify == "on"),
            ..NewRefund::default()
        })
    }

    /// Says what the engine refused at the field that it is about.
    async fn explain(&self, engine: &Engine, caller: &Caller, invoice: &InvoiceView, error: Error) -> Result<Problem, Problem> {
        let (field, message) = match error {
            Error::Invalid(FieldErrors(errors)) => {
                let asset = invoice.asset.parse().ok().and_then(|id| engine.assets().get(id)).ok_or(Failure::Ours)?;
                let said = errors.into_iter().map(|error| self.in_words(error, invoice, asset));
                return Ok(Problem::Fields(FieldErrors(said.collect())));
            }
            Error::ExceedsRefundable { refundable, asset } => {
                let in_coins = exact(&refundable, asset.symbol());
                let worth =
                    if self.amount_field() == "coins" { None } else { engine.refundable(caller, InvoiceId(invoice.id)).await?.worth };
                let most = worth.map_or(in_coins, |worth| exact(&worth, &invoice.billed_currency));
                (self.amount_field(), say(said::AtMost { amount: &most }))
            }
            Error::InvoiceState { .. } => ("how", not_refundable(invoice.status)),
            Error::Refused(Refused::FeeExceedsAmount) => ("fee", say(said::FeeTooLarge)),
            Error::RateUnavailable => ("rate", say(said::NoRate)),
            error => match refusal::sentence(&error) {
                Some(sentence) => ("how", sentence),
                None => return Err(error.into()),
            },
        };
        Ok(Problem::Fields(FieldErrors::one(field, "refused", message)))
    }

    /// Says what the engine found wrong with a field, at the form's own. What was typed is read again: that is how it says what is wrong.
    fn in_words(&self, error: FieldError, invoice: &InvoiceView, asset: &Asset) -> FieldError {
        let amount = || match self.amount_field() {
            "coins" => asset.parse_amount(self.coins.trim()).err(),
            _ => Fiat::parse(self.amount.trim(), invoice.billed_currency.parse().ok()?).err(),
        };
        let (language, tag) = (staff_language(), Some(self.tag.trim()).filter(|tag| !tag.is_empty()));
        let destination = || match Destination::parse(asset.network, self.address.trim(), tag) {
            Err(wrong) => Some(wrong_destination(&wrong, asset, language)),
            Ok(_) if error.code == "not_accepted" => Some(say(said::NotAccepted)),
            Ok(_) => refused_address(&error.code, asset, language),
        };
        let (field, message) = match (error.field.as_str(), error.code.as_str()) {
            ("amount", "zero") => (self.amount_field(), Some(say(said::MoreThanNothing))),
            ("amount", _) => (self.amount_field(), amount().map(wrong_amount)),
            ("percent", _) => ("percent", Some(say(said::WritePercent))),
            ("message", _) => ("message", Some(say(said::MessageTooLong { count: &MESSAGE_CHARS_MAX.to_string() }))),
            ("destination.tag", _) => ("tag", destination()),
            ("destination.address" | "address", _) => ("address", destination()),
            (field, _) => (field, None),
        };
        FieldError::new(field, &error.code, message.unwrap_or_else(|| error.message.clone()))
    }

    /// Returns the field that says how much.
    fn amount_field(&self) -> &'static str {
        match self.how.as_str() {
            "percent" => "percent",
            "part" if self.rate == CUSTOM_RATE => "coins",
            "part" => "amount",
            _ => "how",
        }
    }

    /// Fills the form in as a quote was asked for.
    pub(crate) fn of(request: &NewRefund) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let is_custom = request.amount.is_some() && request.currency.is_none();
        let how = match (&request.amount, &request.percent) {
            (Some(_), _) => HowMuch::Part,
            (None, Some(_)) => HowMuch::Percent,
            (None, None) => HowMuch::Full,
        };
        let (amount, coins) = if is_custom { (String::new(), text(&request.amount)) } else { (text(&request.amount), String::new()) };
        let rate = if is_custom { CUSTOM_RATE } else { request.rate_rule.map_or("", RateRule::name) };
        Self {
            how: how.name().to_owned(),
            amount,
            coins,
            percent: text(&request.percent),
            rate: rate.to_owned(),
            fee: request.fee_bearer.map_or("", FeeBearer::name).to_owned(),
            to: if request.address.is_some() { "address" } else { "link" }.to_owned(),
            address: text(&request.address),
            tag: text(&request.tag),
            message: text(&request.message),
            notify: if request.notify == Some(true) { "on" } else { "" }.to_owned(),
        }
    }

    /// Fills the form in again as it was sent.
    pub(crate) fn again(submitted: &Submitted) -> Self {
        let value = |field: &str| submitted.value(field).to_owned();
        Self {
            how: value("how"),
            amount: value("amount"),
            coins: value("coins"),
            percent: value("percent"),
            rate: value("rate"),
            fee: value("fee"),
            to: value("to"),
            address: value("address"),
            tag: value("tag"),
            message: value("message"),
            notify: value("notify"),
        }
    }

    fn into_values(self) -> Vec<(&'static str, String)> {
        vec![
            ("how", self.how),
            ("amount", self.amount),
            ("coins", self.coins),
            ("percent", self.percent),
            ("rate", self.rate),
            ("fee", self.fee),
            ("to", self.to),
            ("address", self.address),
            ("tag", self.tag),
            ("message", self.message),
            ("notify", self.notify),
        ]
    }
}

/// Says why an amount that was typed is none.
pub(super) fn wrong_amount(error: MoneyError) -> String {
    match error {
        MoneyError::TooManyDecimals { decimals } => say(said::Decimals { count: &decimals.to_string() }),
        MoneyError::TooLarge => say(said::TooLarge),
        MoneyError::NotANumber
        | MoneyError::Negative
        | MoneyError::MixedAssets
        | MoneyError::UnknownAsset
        | MoneyError::UnknownNetwork
        | MoneyError::UnknownCurrency => say(said::WriteNumber),
    }
}

/// Returns why an invoice cannot be refunded as it stands.
pub(crate) fn not_refundable(status: InvoiceStatus) -> String {
    match status {
        InvoiceStatus::Pending => say(said::NothingPaid),
        InvoiceStatus::Processing => say(said::StillConfirming),
        InvoiceStatus::Underpaid | InvoiceStatus::Expired | InvoiceStatus::Canceled => say(said::GoesBackByPolicy),
        InvoiceStatus::Complete => say(said::TooOld),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(values: &[(&str, &str)]) -> RefundForm {
        let value = |name: &str| values.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value).to_owned();
        RefundForm {
            how: value("how"),
            amount: value("amount"),
            coins: value("coins"),
            percent: value("percent"),
            rate: value("rate"),
            to: value("to"),
            address: value("address"),
            tag: value("tag"),
            ..RefundForm::default()
        }
    }

    #[test]
    fn only_what_was_chosen_is_asked_for() {
        let all = [("amount", "1250.00"), ("coins", "3.5"), ("percent", "50"), ("address", "0xabc"), ("tag", "7")];
        let with = |choices: &[(&'static str, &'static str)]| form(&[&all[..], choices].concat()).parse("EUR").expect("a refund");
        let full = with(&[("how", "full"), ("to", "link")]);
        assert_eq!((full.amount, full.percent, full.address, full.tag), (None, None, None, None));
        let part = with(&[("how", "part"), ("rate", "rate_then_fiat")]);
        assert_eq!((part.amount.as_deref(), part.currency.as_deref()), (Some("1250.00"), Some("EUR")));
        assert_eq!(part.rate_rule, Some(RateRule::RateThen));
        let custom = with(&[("how", "part"), ("rate", CUSTOM_RATE)]);
        assert_eq!((custom.amount.as_deref(), custom.currency, custom.rate_rule), (Some("3.5"), None, None));
        let percent = with(&[("how", "percent"), ("to", "address")]);
        assert_eq!(
            (percent.percent.as_deref(), percent.address.as_deref(), percent.tag.as_deref()),
            (Some("50"), Some("0xabc"), Some("7"))
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |values: &[(&str, &str)]| form(values).parse("EUR").expect_err("incomplete").0.remove(0).field;
        assert_eq!(missing(&[]), "how");
        assert_eq!(missing(&[("how", "part")]), "amount");
        assert_eq!(missing(&[("how", "part"), ("rate", "custom")]), "coins");
        assert_eq!(missing(&[("how", "percent"), ("percent", " ")]), "percent");
        assert_eq!(missing(&[("how", "full"), ("to", "address")]), "address");
    }

    #[test]
    fn a_quote_fills_the_form_that_asked_for_it() {
        for asked in [
            form(&[("how", "full"), ("to", "link")]),
            form(&[("how", "part"), ("amount", "2.50"), ("rate", "rate_now_at_create"), ("to", "link")]),
            form(&[("how", "part"), ("coins", "2.5"), ("rate", "custom"), ("to", "address"), ("address", "0xabc"), ("tag", "7")]),
            form(&[("how", "percent"), ("percent", "50"), ("rate", "rate_then_fiat"), ("to", "link")]),
        ] {
            let request = asked.parse("EUR").expect("a refund");
            assert_eq!(RefundForm::of(&request), asked);
            assert_eq!(RefundForm::of(&request).parse("EUR"), Ok(request));
        }
    }
}

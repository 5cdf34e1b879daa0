//! Refunds that merchants make themselves: full, in part or by percent, with a quote first if they like.

mod forecast;

use domain::claim::{FieldError, FieldErrors, VerifiedBy};
use domain::destination::Destination;
use domain::exception::Flags;
use domain::ids::{InvoiceId, RefundId};
use domain::invoice::{Invoice, next_reference};
use domain::lifecycle::{self, Known, Opening};
use domain::merchant::{Guard, Right};
use domain::money::{Amount, Asset};
use domain::outcome::{GivenBack, Outcome};
use domain::policy::{FeeBearer, Policy, PolicyVersion, RateRule};
use domain::rate::{Fiat, Rate};
use domain::refund::{Approval, Funding, Reason, Refund, RefundState, Request, net_of_fee};
use domain::view::{FeeView, PreviewView, RefundView};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::codec::needed;
use crate::store::invoices::Cap;
use crate::store::{StoreError, given_back, invoices, ledger, previews, refunds as rows};
use crate::{Engine, Error};

pub use forecast::{Forecast, Refundable};

/// The longest reference (BP-07), guid, support request, reason and message.
const REFERENCE_CHARS_MAX: usize = 100;
const GUID_CHARS_MAX: usize = 128;
const SUPPORT_REQUEST_CHARS_MAX: usize = 100;
const REASON_CHARS_MAX: usize = 500;
const MESSAGE_CHARS_MAX: usize = 500;

/// A refund to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRefund {
    /// How much: coins of the invoice's asset, or with `currency` an amount of that. All that is refundable when neither this nor
    /// `percent` is given.
    pub amount: Option<String>,
    /// The invoice's currency, when `amount` is in it.
    pub currency: Option<String>,
    /// How much, in percent of what was paid.
    pub percent: Option<String>,
    /// How many coins a priced amount is; as the policy says when left out, and exactly the coins where an amount of coins is given.
    pub rate_rule: Option<RateRule>,
    /// Who pays the network's fee; as the policy says when left out.
    pub fee_bearer: Option<FeeBearer>,
    /// Where to, when the merchant knows; the payer is asked when left out.
    pub address: Option<String>,
    /// The destination's tag.
    pub tag: Option<String>,
    /// The merchant's own name for it.
    pub reference: Option<String>,
    /// What the merchant's program knows it by, unique per MID.
    pub guid: Option<String>,
    /// The ticket of the merchant's support that led to it.
    pub support_request: Option<String>,
    /// Why, for the merchant's staff.
    pub reason: Option<String>,
    /// A message for the payer.
    pub message: Option<String>,
    /// Whether the money leaves the merchant's balance now, not when it is sent (BP-13).
    pub immediate: bool,
    /// Whether Refundry writes to the payer; as the policy says when left out.
    pub notify: Option<bool>,
}

/// A new refund with everything that was checked about it.
struct Checked {
    invoice: Invoice,
    asset: Asset,
    version: PolicyVersion,
    amount: Amount,
    priced: Fiat,
    rate_rule: RateRule,
    fee_bearer: FeeBearer,
    destination: Option<Destination>,
    fee: Amount,
    request: Request,
    immediate: bool,
}

impl Engine {
    /// Makes a refund of a paid invoice. The same id again returns the refund that has it: a request can be repeated.
    ///
    /// # Errors
    /// `Invalid` names every wrong field, `InvoiceState`, `ExceedsRefundable` with what is left, `InsufficientBalance` for an
    /// immediate one, `RateUnavailable`, `Forbidden`, `NotFound`.
    pub async fn create_refund(&self, caller: &Caller, invoice: InvoiceId, new: NewRefund, id: RefundId) -> Result<RefundView, Error> {
        caller.require(Right::MoveMoney)?;
        let mut tx = self.store().read().await?;
        let made = rows::load(&mut tx, id).await?;
        drop(tx);
        if made.is_some() {
            return self.refund(caller, id).await;
        }
        retrying!(self.try_create_refund(caller, invoice, &new, id, None))?;
        self.refund(caller, id).await
    }

    async fn try_create_refund(
        &self,
        caller: &Caller,
        invoice: InvoiceId,
        new: &NewRefund,
        id: RefundId,
        quoted: Option<Amount>,
    ) -> Result<(), Error> {
        let Checked { mut invoice, asset, version, amount, priced, rate_rule, fee_bearer, destination, fee, request, immediate } =
            self.check_refund(caller, invoice, new, quoted).await?;
        let now = self.now();
        if immediate {
            self.require_balance(&invoice, amount).await?;
        }
        let limit = self.approval_limit(&version.policy, &request, priced).await?;
        let needs_approval = limit.is_some_and(|limit| limit.is_exceeded);
        let refund = Refund {
            id,
            mid: invoice.mid,
            invoice: invoice.id,
            case: None,
            policy: version.id,
            policy_number: version.number,
            reference: next_reference(&mut invoice),
            reason: Reason::Merchant,
            flags: Flags::default(),
            amount,
            priced: Some(priced),
            // A quoted amount is what was agreed on.
            rate_rule: if quoted.is_some() { RateRule::CoinExact } else { rate_rule },
            fee_bearer,
            funding: Funding::Merchant,
            is_reserved: immediate,
            is_reviewed: false,
            request: Some(request.clone()),
            notified_at: None,
            state: RefundState::AwaitingApproval { destination: destination.clone() },
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let known = destination.map(|destination| Known { destination, fee, verified_by: VerifiedBy::Merchant });
        let opening = Opening { claim: self.new_claim(), known, asset };
        let mut outcome = Outcome::by(caller.actor);
        lifecycle::open(&mut outcome, refund, opening, &version.policy, needs_approval, now)?;
        invoice.version = invoice.version.saturating_add(1);
        outcome.invoice = Some(invoice);
        let alone = limit.filter(|_| !needs_approval).map(|limit| limit.amount);
        outcome.quote = quoted.map(|_| id);
        outcome.given = Some(GivenBack { maker: request.maker, value: priced, limit: alone });
        match self.commit(outcome).await {
            Err(StoreError::Lost) => Err(Error::Conflict),
            result => Ok(result?),
        }
    }

    /// Says what a refund would be, and holds to it for a while. Nothing is set aside.
    ///
    /// # Errors
    /// As [`Engine::create_refund`].
    pub async fn preview_refund(&self, caller: &Caller, invoice: InvoiceId, new: NewRefund, id: RefundId) -> Result<PreviewView, Error> {
        caller.require(Right::MoveMoney)?;
        let checked = self.check_refund(caller, invoice, &new, None).await?;
        let now = self.now();
        let preview = previews::Preview {
            id,
            mid: checked.invoice.mid,
            invoice,
            request: new,
            maker: caller.actor,
            amount: checked.amount,
            fee: checked.fee,
            expires_at: checked.version.policy.quote_ttl.after(now),
            created_at: now,
        };
        let view = preview_view(&preview, &checked)?;
        self.store().write(move |tx| Box::pin(async move { previews::insert(tx, &preview).await })).await?;
        Ok(view)
    }

    /// Makes the refund of a quote, at the quoted amount. It has the quote's id; confirming twice makes it once.
    ///
    /// # Errors
    /// `QuoteExpired`, and as [`Engine::create_refund`].
    pub async fn confirm_preview(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        caller.require(Right::MoveMoney)?;
        retrying!(self.try_confirm_preview(caller, id))?;
        self.refund(caller, id).await
    }

    async fn try_confirm_preview(&self, caller: &Caller, id: RefundId) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let preview = previews::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let made = rows::load(&mut tx, id).await?;
        drop(tx);
        self.own_mid(caller, preview.mid).await?;
        if made.is_some() {
            return Ok(());
        }
        if self.now() >= preview.expires_at {
            return Err(Error::QuoteExpired { expired_at: preview.expires_at });
        }
        self.try_create_refund(caller, preview.invoice, &preview.request, id, Some(preview.amount)).await
    }

    async fn check_refund(&self, caller: &Caller, id: InvoiceId, new: &NewRefund, quoted: Option<Amount>) -> Result<Checked, Error> {
        let invoice = self.own_invoice(caller, id).await?;
        if invoice.is_for_untagged {
            let detail = "what came without its tag is given back by deciding its case".to_owned();
            return Err(Error::InvoiceState { detail });
        }
        let mid = self.own_mid(caller, invoice.mid).await?;
        if mid.guard == Guard::Suspended && !caller.may(Right::Operate) {
            return Err(Error::MerchantFrozen);
        }
        let version = self.policy_for(&mid, &invoice).await?;
        let views = self.views();
        let asset = views.asset(invoice.charged.asset)?.clone();
        if !version.policy.refundable_states.contains(&invoice.status) {
            return Err(Error::InvoiceState { detail: format!("an invoice that is {} cannot be refunded", invoice.status.name()) });
        }
        let until = version.policy.refund_window.after(invoice.created_at);
        if self.now() > until {
            return Err(Error::InvoiceState { detail: format!("this invoice could be refunded until {until}") });
        }
        let mut tx = self.store().read().await?;
        let mut cap = invoices::cap(&mut tx, id, asset.id).await?;
        let deposits = invoices::deposits(&mut tx, id).await?;
        drop(tx);
        // What is held until a rule or a person decides is not the merchant's to give back.
        let undecided = deposits.iter().filter(|deposit| deposit.is_final() && !deposit.is_judged && deposit.amount.asset == asset.id);
        cap.paid = undecided.fold(cap.paid, |paid, deposit| paid.saturating_sub(deposit.amount.units));
        let sized = self.size(&invoice, &asset, cap, new, &version, quoted).await?;
        let request = check_words(caller, new)?;
        let destination = match &new.address {
            None => None,
            Some(address) => {
                let parsed = Destination::parse(asset.network, address, new.tag.as_deref().filter(|tag| !tag.trim().is_empty()));
                let to = parsed.map_err(|error| {
                    let field = if error.field() == "tag" { "destination.tag" } else { "destination.address" };
                    Error::field(field, error.code(), error.message(asset.network, asset.id.symbol()))
                })?;
                self.refuse_forbidden(&to, &invoice, &asset).await?;
                Some(to)
            }
        };
        let fee = match &destination {
            Some(to) => self.fee_to(to, &asset).await?,
            None => self.rail(asset.network)?.quote(&asset).await?,
        };
        let fee_bearer = new.fee_bearer.unwrap_or(version.policy.fee_bearer);
        net_of_fee(sized.amount, fee_bearer, fee, &asset)?;
        Ok(Checked {
            amount: sized.amount,
            priced: sized.priced,
            rate_rule: sized.rate_rule,
            fee_bearer,
            destination,
            fee,
            request,
            immediate: new.immediate,
            invoice,
            asset,
            version,
        })
    }

    /// Works out how many coins a request is, never more than is left to refund.
    async fn size(
        &self,
        invoice: &Invoice,
        asset: &Asset,
        cap: Cap,
        new: &NewRefund,
        version: &PolicyVersion,
        quoted: Option<Amount>,
    ) -> Result<Sized, Error> {
        let left = asset.units(cap.left());
        let exceeds = || Error::ExceedsRefundable { refundable: asset.format_units(left.units), asset: asset.id };
        if left.is_zero() {
            let is_all = new.amount.is_none() && new.percent.is_none();
            let active = if is_all { self.active_refund(invoice.id).await? } else { None };
            return Err(active.map_or_else(exceeds, |refund| Error::ActiveRefund { reference: refund.reference }));
        }
        let worth = |amount: Amount| {
            let worth = invoice.rate.worth(amount, asset).unwrap_or(invoice.billed.amount);
            Fiat { amount: worth, currency: invoice.billed.currency }
        };
        let wanted = wanted(invoice, asset, asset.units(cap.paid), new)?;
        let (coins, priced, rate_rule) = match wanted {
            Wanted::Coins(coins) => (coins, worth(coins), new.rate_rule.unwrap_or(RateRule::CoinExact)),
            Wanted::Priced(priced) => (invoice.rate.coins_for(priced, asset)?, priced, new.rate_rule.unwrap_or(version.policy.rate_rule)),
            Wanted::Part(coins) => (coins, worth(coins), new.rate_rule.unwrap_or(version.policy.rate_rule)),
            Wanted::All => (left, worth(left), new.rate_rule.unwrap_or(version.policy.rate_rule)),
        };
        // What it was worth then decides whether it is too much: a price that fell since makes it more coins, and those end at the cap.
        // Coins worked out from a currency are rounded up, so the last of several parts may be one unit above what is left.
        if coins.units > left.units.saturating_add(u128::from(matches!(wanted, Wanted::Priced(_)))) {
            return Err(exceeds());
        }
        let amount = match quoted {
            Some(quoted) if quoted.units > left.units => return Err(exceeds()),
            Some(quoted) => quoted,
            None => {
                let now = self.coins_now(rate_rule, priced, asset).await?;
                at_most(choose(rate_rule, coins, now), left)
            }
        };
        if amount.is_zero() {
            return Err(Error::field("amount", "zero", "refund more than nothing"));
        }
        Ok(Sized { amount, priced, rate_rule })
    }

    /// Returns the newest refund of an invoice that is under way: neither paid nor over.
    async fn active_refund(&self, invoice: InvoiceId) -> Result<Option<Refund>, Error> {
        let mut tx = self.store().read().await?;
        let refunds = rows::of_invoice(&mut tx, invoice).await?;
        Ok(refunds.into_iter().rev().find(|refund| refund.state.is_under_way()))
    }

    /// Returns what a priced amount is in coins now, when the rule asks for it.
    async fn coins_now(&self, rule: RateRule, priced: Fiat, asset: &Asset) -> Result<Option<Amount>, Error> {
        match rule {
            RateRule::CoinExact | RateRule::RateThen => Ok(None),
            RateRule::RateNowAtCreate | RateRule::RateNowAtRelease | RateRule::MinOf | RateRule::MaxOf => {
                let rate: Rate = self.rate(asset.id, priced.currency).await?.rate;
                Ok(Some(rate.coins_for(priced, asset)?))
            }
        }
    }

    /// Returns how many coins a refund is at the price of this moment, for those whose amount is decided when they are sent.
    ///
    /// # Errors
    /// `RateUnavailable`: it waits.
    pub(crate) async fn amount_at_release(&self, refund: &Refund, asset: &Asset) -> Result<Option<Amount>, Error> {
        let Some(priced) = refund.priced.filter(|_| !refund.is_reserved && refund.rate_rule == RateRule::RateNowAtRelease) else {
            return Ok(None);
        };
        let now = needed("refunds", "price", self.coins_now(refund.rate_rule, priced, asset).await?)?;
        let mut tx = self.store().read().await?;
        let cap = invoices::cap(&mut tx, refund.invoice, asset.id).await?;
        // What this refund holds of the cap itself is free for it.
        let left = asset.units(cap.left().saturating_add(refund.amount.units));
        Ok(Some(at_most(now, left)))
    }

    /// Refuses when the merchant's own money is not enough: what is held for payers is never used (odd case 30).
    async fn require_balance(&self, invoice: &Invoice, amount: Amount) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let available = ledger::available(&mut tx, invoice.mid, amount.asset).await?;
        if available >= amount.units {
            return Ok(());
        }
        let available = self.views().asset(amount.asset)?.format_units(available);
        Err(Error::InsufficientBalance { available, asset: amount.asset })
    }

    /// Returns above which sum of a day a second person must approve, and whether a refund would be; nothing where nobody asks for one.
    async fn approval_limit(&self, policy: &Policy, request: &Request, priced: Fiat) -> Result<Option<ApprovalLimit>, Error> {
        let Some(limits) = &policy.approval_above else { return Ok(None) };
        let amount = limits.of(priced.currency).unwrap_or_default();
        let mut tx = self.store().read().await?;
        let before = given_back::today(&mut tx, request.maker, priced.currency, self.now()).await?;
        Ok(Some(ApprovalLimit { amount, is_exceeded: before.saturating_add(priced.amount) > amount }))
    }
}

/// Returns a quote as it is shown.
fn preview_view(preview: &previews::Preview, checked: &Checked) -> Result<PreviewView, Error> {
    let net = net_of_fee(checked.amount, checked.fee_bearer, checked.fee, &checked.asset)?;
    Ok(PreviewView {
        id: preview.id.0,
        mid: preview.mid.0,
        invoice: preview.invoice.0,
        amount: checked.asset.format_units(checked.amount.units),
        asset: checked.asset.id.to_string(),
        amount_billed: format!("{:.2}", checked.priced.amount),
        billed_currency: checked.priced.currency.to_string(),
        fee: FeeView {
            bearer: checked.fee_bearer,
            amount: checked.asset.format_units(checked.fee.units),
            asset: checked.asset.id.to_string(),
            amount_billed: checked.invoice.rate.worth(checked.fee, &checked.asset).map(|worth| worth.to_string()),
        },
        net_amount: checked.asset.format_units(net.units),
        rate_rule: checked.rate_rule,
        expires_at: preview.expires_at,
    })
}

/// Above which sum of a day a second person must approve, in the refund's currency.
#[derive(Clone, Copy)]
struct ApprovalLimit {
    amount: Decimal,
    is_exceeded: bool,
}

/// What a request asks for.
#[derive(Clone, Copy)]
enum Wanted {
    Coins(Amount),
    Priced(Fiat),
    Part(Amount),
    All,
}

/// An amount that was worked out.
struct Sized {
    amount: Amount,
    priced: Fiat,
    rate_rule: RateRule,
}

fn wanted(invoice: &Invoice, asset: &Asset, paid: Amount, new: &NewRefund) -> Result<Wanted, Error> {
    match (&new.amount, &new.percent, &new.currency) {
        (Some(_), Some(_), _) => Err(Error::field("percent", "conflict", "send either an amount or a percentage")),
        (None, _, Some(_)) => Err(Error::field("amount", "required", "say how much of this currency")),
        (Some(amount), None, None) => {
            let coins = asset.parse_amount(amount).map_err(|error| Error::field("amount", "invalid", error.to_string()))?;
            if coins.is_zero() { Err(Error::field("amount", "zero", "refund more than nothing")) } else { Ok(Wanted::Coins(coins)) }
        }
        (Some(amount), None, Some(currency)) => {
            if *currency != invoice.billed.currency.to_string() {
                return Err(Error::field("currency", "mismatch", format!("this invoice is in {}", invoice.billed.currency)));
            }
            let priced =
                Fiat::parse(amount, invoice.billed.currency).map_err(|error| Error::field("amount", "invalid", error.to_string()))?;
            if priced.amount.is_zero() {
                return Err(Error::field("amount", "zero", "refund more than nothing"));
            }
            Ok(Wanted::Priced(priced))
        }
        (None, Some(percent), None) => {
            let percent: Option<Decimal> =
                percent.parse().ok().filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED);
            let percent = percent.ok_or_else(|| Error::field("percent", "invalid", "choose more than 0, up to 100 percent"))?;
            Ok(Wanted::Part(paid.percent(percent)?))
        }
        (None, None, None) => Ok(Wanted::All),
    }
}

/// Applies a rate rule to what an amount was then and is now.
fn choose(rule: RateRule, then: Amount, now: Option<Amount>) -> Amount {
    let Some(now) = now else { return then };
    let now_is_less = now.units < then.units;
    match rule {
        RateRule::CoinExact | RateRule::RateThen => then,
        RateRule::RateNowAtCreate | RateRule::RateNowAtRelease => now,
        RateRule::MinOf => {
            if now_is_less {
                now
            } else {
                then
            }
        }
        RateRule::MaxOf => {
            if now_is_less {
                then
            } else {
                now
            }
        }
    }
}

fn at_most(amount: Amount, limit: Amount) -> Amount {
    if amount.units > limit.units { limit } else { amount }
}

fn check_words(caller: &Caller, new: &NewRefund) -> Result<Request, Error> {
    let mut errors = FieldErrors::default();
    let mut words = |field: &str, text: &Option<String>, max: usize| {
        let text = text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let is_wrong = |text: &String| text.chars().count() > max || text.chars().any(|c| c.is_control() && c != '\n');
        if text.as_ref().is_some_and(is_wrong) {
            errors.push(FieldError::new(field, "invalid", format!("use at most {max} characters, without control characters")));
        }
        text
    };
    let request = Request {
        maker: caller.actor,
        reference: words("reference", &new.reference, REFERENCE_CHARS_MAX),
        guid: words("guid", &new.guid, GUID_CHARS_MAX),
        support_request: words("support_request", &new.support_request, SUPPORT_REQUEST_CHARS_MAX),
        reason: words("reason", &new.reason, REASON_CHARS_MAX),
        message: words("message", &new.message, MESSAGE_CHARS_MAX),
        immediate: new.immediate,
        notify: new.notify,
        approval: Approval::NotNeeded,
    };
    errors.into_result()?;
    Ok(request)
}

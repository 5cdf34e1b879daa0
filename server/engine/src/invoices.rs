//! Invoices: asking for a payment, each on an address of its own.

use domain::claim::{FieldError, FieldErrors};
use domain::destination::{Destination, uses_tag};
use domain::email::EmailAddress;
use domain::exception::{Flags, in_time_until};
use domain::ids::{InvoiceId, MidId};
use domain::invoice::{Event, Invoice, InvoiceStatus, Pricing, opened, time_is_up};
use domain::language::Language;
use domain::merchant::{Actor, Right};
use domain::money::{Amount, Asset, AssetId, MoneyError, Network};
use domain::policy::Overrides;
use domain::rate::{Currency, Fiat, Rate};
use domain::view::{InvoiceView, Metadata};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::codec::needed;
use crate::store::merchants::MidFilter;
use crate::store::{invoices as rows, rails};
use crate::worker::Done;
use crate::{Engine, Error, Page, PageRequest};

/// How long an invoice is open unless it says so (TX-13: 20 minutes).
const EXPIRES_IN_SECS: i64 = 1200;
/// How long to wait for a chain that was not read to its head yet.
const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(1);
/// The longest an invoice may be open: a week.
const EXPIRES_IN_SECS_MAX: i64 = 604_800;

/// An invoice to make.
#[derive(Clone, Debug)]
pub struct NewInvoice {
    /// For which MID.
    pub mid: MidId,
    /// The merchant's own name for it, 1 to 128 characters, unique per MID.
    pub reference: String,
    /// What the merchant's program knows it by, 1 to 128 characters, unique per MID.
    pub guid: Option<String>,
    /// What it asks for, in `currency`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// In which asset to pay.
    pub asset: String,
    /// How long it is open, in seconds.
    pub expires_in: Option<i64>,
    /// Whom to write to.
    pub payer_email: Option<String>,
    /// What it asks for in coins, instead of working it out.
    pub charged_amount: Option<String>,
    /// The price of one coin, instead of asking the rate source.
    pub rate: Option<String>,
    /// Where to send a payer who paid.
    pub success_redirect_url: Option<String>,
    /// Where to send a payer who did not.
    pub unsuccess_redirect_url: Option<String>,
    /// The merchant's own notes.
    pub metadata: Option<Metadata>,
    /// Where the payer wants a refund, said before anything went wrong: an address, and its tag where the network has one.
    pub refund_to: Option<(String, Option<String>)>,
    /// What the policy says differently for this invoice.
    pub overrides: Option<Overrides>,
}

/// Which invoices are wanted.
#[derive(Clone, Debug, Default)]
pub struct InvoiceFilter {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// In one status.
    pub status: Option<InvoiceStatus>,
    /// Of one reference.
    pub reference: Option<String>,
}

impl Engine {
    /// Makes an invoice. The same id again returns the invoice that has it: a request can be repeated.
    ///
    /// # Errors
    /// `Invalid` names every wrong field, `Taken` when the MID has an invoice of that reference, `RateUnavailable`.
    pub async fn create_invoice(&self, caller: &Caller, new: NewInvoice, id: InvoiceId) -> Result<InvoiceView, Error> {
        caller.require(Right::MakeInvoices)?;
        let mid = self.own_mid(caller, new.mid).await?.id;
        if let Some(made) = self.store().invoice(id).await? {
            return if made.mid == mid { self.invoice(caller, id).await } else { Err(Error::NotFound) };
        }
        let mut tx = self.store().read().await?;
        if rows::load_by_reference(&mut tx, mid, &new.reference).await?.is_some() {
            return Err(Error::Taken {
                field: "reference",
                message: "this MID has an invoice with this reference: choose another, or read that one".to_owned(),
            });
        }
        drop(tx);
        let now = self.now();
        let parsed = self.parse(&new, now).await?;
        self.check_overrides(caller, mid, parsed.charged_asset.id, new.overrides.as_ref()).await?;
        let network = parsed.charged_asset.network;
        let account = retrying!(self.shared_account(mid, &parsed, now))?;
        let index = self.next_address(network).await?;
        let address = match account {
            // Zero is left out: many wallets read it as "none".
            Some(account) => {
                let tag = index.saturating_add(1).to_string();
                let address = Destination::parse(network, account.address(), Some(&tag));
                address.map_err(|error| Error::field("asset", error.code(), error.message(network, parsed.charged_asset.id.symbol())))?
            }
            None => self.rail(network)?.deposit_address(index)?,
        };
        let invoice = Invoice {
            id,
            mid,
            reference: new.reference,
            guid: new.guid,
            billed: parsed.billed,
            charged: parsed.charged,
            rate: parsed.rate,
            pricing: parsed.pricing,
            refund_to: parsed.refund_to,
            overrides: new.overrides,
            address,
            is_for_untagged: false,
            payer_email: new.payer_email,
            success_redirect_url: new.success_redirect_url,
            unsuccess_redirect_url: new.unsuccess_redirect_url,
            metadata: new.metadata,
            status: InvoiceStatus::Pending,
            flags: Flags::default(),
            judgements: 0,
            refunds: 0,
            expires_at: parsed.expires_at,
            created_at: now,
            version: 1,
        };
        if let Some(to) = &invoice.refund_to {
            self.refuse_forbidden(to, &invoice, &parsed.charged_asset).await.map_err(|error| error.about("refund_to"))?;
        }
        let view = self.views().invoice_with(&invoice, &[], &[], &[])?;
        self.commit(opened(invoice, caller.actor)).await?;
        Ok(view)
    }

    /// Says which language the payer of an invoice reads: pages and mails speak it until they choose another.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub async fn speak_to_payer(&self, caller: &Caller, id: InvoiceId, language: Language) -> Result<(), Error> {
        caller.require(Right::MakeInvoices)?;
        let mut tx = self.store().read().await?;
        let invoice = rows::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let mid = self.own_mid(caller, invoice.mid).await?.id;
        self.keep_language(mid, id, language).await
    }

    async fn next_address(&self, network: Network) -> Result<u32, Error> {
        let (index, is_read) = self.store().write(move |tx| Box::pin(rails::next_address(tx, network))).await?;
        if !is_read {
            // The chain is read from here on: nobody is told an address before.
            self.watch(network).await?;
        }
        u32::try_from(index).map_err(|_| Error::Conflict)
    }

    /// Returns a MID's account on a network that tells payments apart by tags. With the account comes the invoice for what is paid there
    /// without a tag, or with one that nobody has: it is watched before the first tag is handed out (P02s).
    async fn shared_account(&self, mid: MidId, parsed: &Parsed, now: Timestamp) -> Result<Option<Destination>, Error> {
        let network = parsed.charged_asset.network;
        if !uses_tag(network) {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        let known = rows::for_untagged(&mut tx, mid, network).await?;
        drop(tx);
        if let Some(known) = known {
            return Ok(Some(known.address));
        }
        let Some(account) = self.rail(network)?.shared_account(self.next_address(network).await?)? else { return Ok(None) };
        let invoice = Invoice {
            id: InvoiceId(self.mint()),
            mid,
            reference: format!("untagged-{}", account.address()),
            guid: None,
            billed: Fiat { amount: Decimal::ZERO, currency: parsed.billed.currency },
            charged: Amount::zero(parsed.charged_asset.id),
            rate: parsed.rate,
            pricing: parsed.pricing,
            address: account.clone(),
            is_for_untagged: true,
            refund_to: None,
            overrides: None,
            payer_email: None,
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            // Over before it began: nobody is asked to pay there.
            status: InvoiceStatus::Expired,
            flags: Flags::default(),
            judgements: 0,
            refunds: 0,
            expires_at: now,
            created_at: now,
            version: 1,
        };
        // `Conflict` when another process was first: then its account is read.
        self.commit(opened(invoice, Actor::System)).await?;
        Ok(Some(account))
    }

    async fn parse(&self, new: &NewInvoice, now: Timestamp) -> Result<Parsed, Error> {
        let mut errors = FieldErrors::default();
        let mut wrong = |field: &str, code: &str, message: String| errors.push(FieldError::new(field, code, message));
        for (field, name) in [("reference", Some(&new.reference)), ("guid", new.guid.as_ref())] {
            if name.is_some_and(|name| name.is_empty() || name.chars().count() > 128 || name.chars().any(char::is_control)) {
                wrong(field, "invalid", "use 1 to 128 characters".to_owned());
            }
        }
        let asset: Option<&Asset> = new.asset.parse::<AssetId>().ok().and_then(|id| self.assets().get(id));
        if asset.is_none() {
            let known: Vec<&str> = self.assets().all().map(|asset| asset.id.as_str()).collect();
            wrong("asset", "unknown", format!("choose one of {}", known.join(", ")));
        }
        let currency: Result<Currency, MoneyError> = new.currency.parse();
        if let Err(error) = currency {
            wrong("currency", "invalid", error.to_string());
        }
        let billed = currency.and_then(|currency| Fiat::parse(&new.amount, currency));
        match &billed {
            Ok(bill) if bill.amount.is_zero() => wrong("amount", "zero", "ask for more than nothing".to_owned()),
            Err(error) if currency.is_ok() => wrong("amount", "invalid", error.to_string()),
            Ok(_) | Err(_) => {}
        }
        let rate = new.rate.as_ref().map(|text| text.parse().map_err(|_| MoneyError::NotANumber).and_then(Rate::new));
        if let Some(Err(error)) = &rate {
            wrong("rate", "invalid", error.to_string());
        }
        let charged = new.charged_amount.as_ref().zip(asset).map(|(text, asset)| asset.parse_amount(text));
        match &charged {
            Some(Ok(amount)) if amount.is_zero() => wrong("charged_amount", "zero", "ask for more than nothing".to_owned()),
            Some(Err(error)) => wrong("charged_amount", "invalid", error.to_string()),
            Some(Ok(_)) | None => {}
        }
        let expires_in = new.expires_in.unwrap_or(EXPIRES_IN_SECS);
        if !(1..=EXPIRES_IN_SECS_MAX).contains(&expires_in) {
            wrong("expires_in", "out_of_range", format!("choose 1 to {EXPIRES_IN_SECS_MAX} seconds"));
        }
        if new.payer_email.as_ref().is_some_and(|email| EmailAddress::parse(email).is_err()) {
            wrong("payer_email", "invalid", "enter an e-mail address, like name@example.com".to_owned());
        }
        for (field, url) in [("success_redirect_url", &new.success_redirect_url), ("unsuccess_redirect_url", &new.unsuccess_redirect_url)] {
            if url.as_ref().is_some_and(|url| !is_web_address(url)) {
                wrong(field, "invalid", "use an address that begins with https:// or http://".to_owned());
            }
        }
        if new.metadata.as_ref().is_some_and(|metadata| !is_small(metadata)) {
            wrong("metadata", "too_large", "use at most 50 keys of 40 characters with values of 500".to_owned());
        }
        let refund_to = new.refund_to.as_ref().zip(asset).map(|((address, tag), asset)| {
            (Destination::parse(asset.network, address, tag.as_deref().filter(|tag| !tag.is_empty())), asset)
        });
        if let Some((Err(error), asset)) = &refund_to {
            wrong("refund_to", error.code(), error.message(asset.network, asset.id.symbol()));
        }
        errors.into_result()?;
        let (Some(asset), Ok(billed)) = (asset, billed) else { return Err(Error::RateUnavailable) };
        let rate = match (rate, &charged) {
            (Some(rate), _) => rate?,
            (None, Some(charged)) => implied_rate(billed, (*charged)?, asset)?,
            (None, None) => self.rate(asset.id, billed.currency).await?.rate,
        };
        let charged = match charged {
            Some(charged) => charged?,
            None => rate.coins_for(billed, asset).map_err(|error| Error::field("amount", "invalid", error.to_string()))?,
        };
        let expires_at = now.saturating_add(SignedDuration::from_secs(expires_in)).unwrap_or(now);
        let pricing = if new.charged_amount.is_some() { Pricing::Coin } else { Pricing::Fiat };
        let refund_to = refund_to.and_then(|(to, _)| to.ok());
        Ok(Parsed { billed, charged, charged_asset: asset.clone(), rate, pricing, refund_to, expires_at })
    }

    /// Returns an invoice.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn invoice(&self, caller: &Caller, id: InvoiceId) -> Result<InvoiceView, Error> {
        let invoice = self.own_invoice(caller, id).await?;
        let mut tx = self.store().read().await?;
        Ok(self.views().invoice(&mut tx, &invoice).await?)
    }

    /// Returns a MID's invoice by what the merchant's program knows it by.
    ///
    /// # Errors
    /// `NotFound` when there is none, or the MID is not the caller's.
    pub async fn invoice_by_guid(&self, caller: &Caller, mid: MidId, guid: &str) -> Result<InvoiceView, Error> {
        let mut tx = self.store().read().await?;
        let found = rows::by_guid(&mut tx, mid, guid).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.invoice(caller, found.id).await
    }

    /// Returns invoices, newest first.
    ///
    /// # Errors
    /// `Invalid` for a bad limit or cursor.
    pub async fn invoices(&self, caller: &Caller, filter: InvoiceFilter, page: PageRequest) -> Result<Page<InvoiceView>, Error> {
        let within = MidFilter::new(caller.scope, filter.mid);
        let mut tx = self.store().read().await?;
        let reference = filter.reference.as_deref();
        let found = rows::list(&mut tx, within, filter.status, reference, page.before_id()?, page.limit()?).await?;
        let Page { data, next } = page.page(found, |invoice| invoice.id.to_string());
        Ok(Page { data: self.views().invoices(&mut tx, &data).await?, next })
    }

    /// Judges an invoice whose time is up.
    pub(crate) async fn expire_invoice(&self, id: InvoiceId) -> Result<Done, Error> {
        let invoice = self.store().invoice(id).await?.ok_or(Error::NotFound)?;
        if self.now() <= invoice.expires_at {
            return Ok(Done::Again { at: time_is_up(invoice.expires_at) });
        }
        if !self.has_read_past(invoice.address.network(), invoice.expires_at).await? {
            let soon = self.now().saturating_add(LOOK_AGAIN_AFTER).unwrap_or(invoice.expires_at);
            return Ok(Done::Again { at: soon });
        }
        retrying!(self.step_invoice(id, |_, _| Ok(Event::TimeIsUp)))?;
        // What waits for a grace or a top-up is judged when that is over.
        let deposits = self.store().payments(id).await?.deposits;
        let mid = needed("mids", "invoice", self.store().mid(invoice.mid).await?)?;
        let policy = self.policy_for(&mid, &invoice).await?.policy;
        let end = in_time_until(&invoice, &deposits, &policy);
        let is_over = self.now() > end && self.has_read_past(invoice.address.network(), end).await?;
        Ok(if is_over {
            Done::Finished
        } else {
            Done::Again { at: time_is_up(end).max(self.now().saturating_add(LOOK_AGAIN_AFTER).unwrap_or(end)) }
        })
    }

    pub(crate) async fn own_invoice(&self, caller: &Caller, id: InvoiceId) -> Result<Invoice, Error> {
        let invoice = self.store().invoice(id).await?.ok_or(Error::NotFound)?;
        self.own_mid(caller, invoice.mid).await?;
        Ok(invoice)
    }
}

struct Parsed {
    billed: Fiat,
    charged: Amount,
    charged_asset: Asset,
    rate: Rate,
    pricing: Pricing,
    refund_to: Option<Destination>,
    expires_at: Timestamp,
}

/// Returns the price that a bill and its coins imply.
fn implied_rate(bill: Fiat, charged: Amount, asset: &Asset) -> Result<Rate, Error> {
    let unknown = || Error::field("rate", "required", "the price cannot be worked out from these amounts: send `rate`");
    let coins: Decimal = asset.format_units(charged.units).parse().map_err(|_| unknown())?;
    let price = bill.amount.checked_div(coins).ok_or_else(unknown)?;
    Rate::new(price).map_err(|_| unknown())
}

fn is_web_address(url: &str) -> bool {
    url.len() <= 2048
        && (url.starts_with("https://") || url.starts_with("http://"))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn is_small(metadata: &Metadata) -> bool {
    metadata.0.len() <= 50 && metadata.0.iter().all(|(key, value)| (1..=40).contains(&key.chars().count()) && value.chars().count() <= 500)
}

//! The payment page: what a payer sees of an invoice, and what they say there before they pay. Its address holds no secret, so it shows
//! nothing that another visitor must not see; the claim link of a refund is shown only in the browser that had the page open before
//! anybody paid, which a secret in that browser proves.

use domain::claim::{ClaimToken, Consent};
use domain::exception::Flag;
use domain::ids::InvoiceId;
use domain::invoice::{Invoice, InvoiceStatus};
use domain::language::Language;
use domain::merchant::Actor;
use domain::payment_request::payment_request;
use domain::policy::{Notify, Policy};
use domain::refund::Refund;
use domain::view::{InvoiceView, PayRefund, PayView};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::audit::{self, AuditRecord};
use crate::store::brands::Front;
use crate::store::codec::needed;
use crate::store::{brands, emails, invoices as rows, merchants, refunds};
use crate::{Engine, Error};

impl Engine {
    /// Returns what the payment page shows to a browser that may hold the payer's secret.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn pay_page(&self, id: InvoiceId, payer_secret: Option<&str>) -> Result<PayView, Error> {
        let invoice = self.payable(id).await?;
        let policy = self.policy_now(&invoice).await?;
        let own_secret = self.master_key().payer_secret(id);
        let is_payer = payer_secret.is_some_and(|secret| bool::from(secret.as_bytes().ct_eq(own_secret.as_bytes())));
        let views = self.views();
        let asset = views.asset(invoice.charged.asset)?.clone();
        let mut tx = self.store().read().await?;
        let merchant = merchants::merchant_of(&mut tx, invoice.mid).await?;
        let mid = needed("mids", "invoice", merchants::mid(&mut tx, invoice.mid).await?)?;
        let brand = brands::of_mid(&mut tx, invoice.mid).await?;
        let view = views.invoice(&mut tx, &invoice).await?;
        let deposits = rows::deposits(&mut tx, id).await?;
        let refunds = refunds::of_invoice(&mut tx, id).await?;
        let spoken = emails::spoken(&mut tx, id).await?;
        drop(tx);
        let own = deposits.iter().filter(|deposit| deposit.counts() && deposit.amount.asset == asset.id);
        let seen = own.fold(0_u128, |sum, deposit| sum.saturating_add(deposit.amount.units));
        let missing = invoice.charged.units.saturating_sub(seen);
        let due = asset.units(if missing == 0 { invoice.charged.units } else { missing });
        let is_unpaid = invoice.status == InvoiceStatus::Pending && deposits.is_empty();
        Ok(PayView {
            merchant: brand.name.clone().unwrap_or(merchant.name),
            brand: brand.view(),
            store: mid.name,
            spoken,
            // Who screens a payment says nothing of it, and which cases there are is the merchant's matter.
            invoice: InvoiceView { exceptions: view.exceptions.without(Flag::Risk), cases: Vec::new(), ..view },
            asks_email: is_unpaid && asks_email(&invoice, &policy),
            is_paid_elsewhere: self.is_told(asset.network),
            request: payment_request(&asset, &invoice.address, due, self.rail(asset.network)?.chain_id()),
            seen: (seen > 0).then(|| asset.format_units(seen)),
            missing: (missing > 0).then(|| asset.format_units(missing)),
            refunds: refunds.iter().map(|refund| self.pay_refund(refund, is_payer)).collect::<Result<_, _>>()?,
            payer_secret: is_unpaid.then_some(own_secret),
            now: self.now(),
        })
    }

    fn pay_refund(&self, refund: &Refund, is_payer: bool) -> Result<PayRefund, Error> {
        let asset = self.views().asset(refund.amount.asset)?.clone();
        let claim = refund.state.offered().map(|(claim, _)| claim).filter(|_| is_payer);
        Ok(PayRefund {
            amount: asset.format_units(refund.amount.units),
            symbol: asset.id.symbol().to_owned(),
            reason: refund.reason,
            claim_path: claim.map(|claim| format!("/claim/{}", ClaimToken::derive(self.master_key(), claim).expose())),
        })
    }

    /// Returns how far a payment is, as an opaque text that changes when the payer's page should.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn pay_stage(&self, id: InvoiceId) -> Result<String, Error> {
        let invoice = self.payable(id).await?;
        let mut tx = self.store().read().await?;
        let deposits = rows::deposits(&mut tx, id).await?;
        let states: String = deposits.iter().map(|deposit| format!(":{}", deposit.state.name())).collect();
        let is_over = self.now() > invoice.expires_at;
        Ok(format!("{}:{}:{is_over}{states}", invoice.status.name(), invoice.refunds))
    }

    /// Keeps the e-mail address and the consent that a payer gives before paying (CP-03, CP-04): `consent` names the text that was shown.
    /// The first to say it is heard: the same again, or after any money came, changes nothing.
    ///
    /// # Errors
    /// `Invalid` naming each wrong field, `NotFound`.
    pub async fn agree_at_payment(&self, id: InvoiceId, email: &str, consent: &str) -> Result<(), Error> {
        let invoice = self.payable(id).await?;
        if invoice.status != InvoiceStatus::Pending || !asks_email(&invoice, &self.policy_now(&invoice).await?) {
            return Ok(());
        }
        let Front { brand, .. } = needed("mids", "row", self.store().front(invoice.mid).await?)?;
        let (email, consent) = Consent::at_payment(email, consent, brand.view().privacy_text())?;
        let now = self.now();
        let mut record = AuditRecord {
            merchant: None,
            at: now,
            actor: Some(Actor::Payer),
            action: "invoice.payer_agreed".to_owned(),
            subject: id.0,
            detail: json!({ "text": consent.text.to_string() }),
        };
        let write = self.store().write_for(Some(invoice.mid), move |tx| {
            Box::pin(async move {
                if !rows::agree(tx, id, &email, consent, now).await? {
                    return Ok(());
                }
                record.merchant = Some(needed("mids", "row", merchants::mid(tx, invoice.mid).await?)?.merchant);
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    /// Keeps the language that the payer of an invoice reads its payment page in. To be called when they send something, never by a look.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remember_payers_language(&self, id: InvoiceId, language: Language) -> Result<(), Error> {
        let invoice = self.payable(id).await?;
        self.keep_language(invoice.mid, id, language).await
    }

    async fn policy_now(&self, invoice: &Invoice) -> Result<Policy, Error> {
        let mut tx = self.store().read().await?;
        let mid = needed("mids", "invoice", merchants::mid(&mut tx, invoice.mid).await?)?;
        drop(tx);
        Ok(self.policy_for(&mid, invoice).await?.policy)
    }

    /// Returns an invoice that somebody may be asked to pay: not the one for what comes to a shared account without its tag.
    async fn payable(&self, id: InvoiceId) -> Result<Invoice, Error> {
        let mut tx = self.store().read().await?;
        rows::load(&mut tx, id).await?.filter(|invoice| !invoice.is_for_untagged).ok_or(Error::NotFound)
    }
}

/// Says whether the payer is asked where to write to: e-mail refunds are on, something is refunded without being asked for (CP-02), and the
/// merchant did not say it (CP-05).
fn asks_email(invoice: &Invoice, policy: &Policy) -> bool {
    let is_on = match policy.notify {
        Notify::EngineEmail | Notify::Both => true,
        Notify::Merchant | Notify::Nobody => false,
    };
    is_on && policy.refunds_by_itself() && invoice.payer_email.is_none()
}

//! Freezes: after a change that a thief would make first, a merchant's money stands still for a day (CM-09, CM4). Refunds go on being
//! made, claimed and canceled; only sending waits, and goes on by itself afterwards. A freeze is written in the transaction of the
//! change, so that neither is there without the other.
//!
//! What a key of one MID changes stops that MID: its key reaches no other. What a person changes stops all of their merchant's, as who took
//! over a person's account reaches all of them.
//!
//! A merchant that nobody ever paid has nothing to steal: setting a shop up freezes nothing. The first payment, final or not, ends that.

use domain::ids::{MerchantId, MidId};
use domain::merchant::{Actor, Right, Scope};
use jiff::Timestamp;
use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::store::jobs::Lane;
use crate::store::{StoreError, Tx, jobs, merchants};
use crate::{Engine, Error};

/// A change after which a merchant's money stands still: what a thief changes first (CM-09, CM4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensitiveChange {
    /// A password.
    Password,
    /// The e-mail somebody signs in with.
    Email,
    /// Where a merchant's alerts go.
    AlertEmail,
    /// A second factor.
    SecondFactor,
    /// An API key.
    ApiKey,
    /// Where webhooks go, or what signs them: they carry claim links.
    WebhookSecret,
    /// A wallet that money can be paid out to.
    PayoutWallet,
}

impl SensitiveChange {
    /// Returns the name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Email => "email",
            Self::AlertEmail => "alert_email",
            Self::SecondFactor => "second_factor",
            Self::ApiKey => "api_key",
            Self::WebhookSecret => "webhook_secret",
            Self::PayoutWallet => "payout_wallet",
        }
    }
}

/// A freeze, to be written with the change that asks for it.
pub(crate) struct Freeze {
    merchant: MerchantId,
    /// Which of its MIDs, when whoever did it reaches no other.
    mid: Option<MidId>,
    change: SensitiveChange,
    actor: Option<Actor>,
    at: Timestamp,
    until: Timestamp,
}

/// Writes what goes with a change that may be a thief's: the freeze, where it makes one, and who did it.
pub(crate) async fn note(tx: &mut Tx, freeze: Option<&Freeze>, record: &AuditRecord) -> Result<(), StoreError> {
    if let Some(freeze) = freeze {
        freeze.unless_never_paid(tx).await?;
    }
    audit::append(tx, record).await
}

impl Freeze {
    /// Stops the money, unless there never was any.
    pub(crate) async fn unless_never_paid(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if merchants::was_ever_paid(tx, self.merchant, self.mid).await? { self.write(tx).await } else { Ok(()) }
    }

    async fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        merchants::freeze(tx, self.merchant, self.mid, self.until, self.change.name()).await?;
        let (action, subject) = match self.mid {
            Some(mid) => ("mid.frozen", mid.0),
            None => ("merchant.frozen", self.merchant.0),
        };
        let record = AuditRecord {
            merchant: Some(self.merchant),
            at: self.at,
            actor: self.actor,
            action: action.to_owned(),
            subject,
            detail: json!({ "until": self.until, "change": self.change.name() }),
        };
        audit::append(tx, &record).await
    }
}

impl Engine {
    /// Returns the freeze that a change asks for, from now on for as long as the operator set.
    pub(crate) fn freeze_after(&self, merchant: MerchantId, change: SensitiveChange, actor: Option<Actor>) -> Freeze {
        let at = self.now();
        Freeze { merchant, mid: None, change, actor, at, until: self.settings().freeze_after_change.after(at) }
    }

    /// Returns the freeze that a caller's change of a merchant's asks for: of what the caller reaches.
    pub(crate) fn freeze_by(&self, caller: &Caller, merchant: MerchantId, change: SensitiveChange) -> Freeze {
        let mid = match caller.scope {
            Scope::Mid(mid) => Some(mid),
            Scope::Everything | Scope::Merchant(_) => None,
        };
        Freeze { mid, ..self.freeze_after(merchant, change, Some(caller.actor)) }
    }

    /// Stops all money of a merchant, paid before or not, as a change of that kind would.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn freeze(&self, merchant: MerchantId, change: SensitiveChange) -> Result<(), Error> {
        let freeze = self.freeze_after(merchant, change, Some(Actor::System));
        Ok(self.store().write(move |tx| Box::pin(async move { freeze.write(tx).await })).await?)
    }

    /// Lets the money of a merchant, and of each of its MIDs, go before its freeze ends: the operator made sure that the change was the
    /// merchant's own. Refunds that waited only for this are looked at at once.
    ///
    /// # Errors
    /// `Forbidden` for everybody but the operator, `NotFound` for a merchant that is not frozen.
    pub async fn lift_freeze(&self, caller: &Caller, merchant: MerchantId) -> Result<(), Error> {
        caller.require(Right::Operate)?;
        let now = self.now();
        let mut tx = self.store().read().await?;
        let frozen = merchants::frozen_within(&mut tx, merchant).await?.filter(|(until, _)| now < *until);
        drop(tx);
        let (until, why) = frozen.ok_or(Error::NotFound)?;
        let record = AuditRecord {
            merchant: Some(merchant),
            at: now,
            actor: Some(caller.actor),
            action: "merchant.unfrozen".to_owned(),
            subject: merchant.0,
            detail: json!({ "until": until, "change": why }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                // A change since then keeps its freeze.
                merchants::unfreeze(tx, merchant, until).await?;
                jobs::hurry_frozen(tx, merchant, now).await?;
                audit::append(tx, &record).await
            })
        });
        write.await?;
        self.wake_worker(Lane::Money);
        Ok(())
    }

    /// Returns until when, and why, the money of a caller's MID stands still.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn frozen(&self, caller: &Caller, mid: MidId) -> Result<Option<(Timestamp, String)>, Error> {
        let mid = self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        Ok(merchants::frozen(&mut tx, mid.id).await?.filter(|(until, _)| self.now() < *until))
    }
}

//! Merchants and their MIDs.

use std::collections::BTreeMap;

use domain::claim::{FieldError, FieldErrors};
use domain::ids::{MerchantId, MidId, PolicyId};
use domain::merchant::{Actor, Guard, Merchant, Mid, Right, Scope, Writing};
use domain::policy::Overrides;
use domain::rate::Currency;
use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::freezes::{self, SensitiveChange};
use crate::policies::{Version, VersionState};
use crate::store::merchants::{self as rows, MidFilter};
use crate::store::{StoreError, policies};
use crate::{Engine, Error};

impl Engine {
    /// Adds a MID to a merchant, which is made when there is none of that name. The MID starts with the default policy; `settles_in`
    /// is the currency it is credited in for refunds nobody claimed. To be called by who has the machine.
    ///
    /// # Errors
    /// `Invalid` for empty names, `Taken` when the merchant has a MID of that name.
    pub async fn add_mid(&self, merchant: &str, name: &str, settles_in: Option<Currency>) -> Result<(MerchantId, MidId), Error> {
        self.make_mid(None, merchant, name, settles_in).await
    }

    /// Does the same for an operator who signed in.
    ///
    /// # Errors
    /// `Forbidden` for everybody else; else as [`Engine::add_mid`].
    pub async fn add_mid_as(
        &self,
        caller: &Caller,
        merchant: &str,
        name: &str,
        settles_in: Option<Currency>,
    ) -> Result<(MerchantId, MidId), Error> {
        caller.require(Right::Operate)?;
        self.make_mid(Some(caller.actor), merchant, name, settles_in).await
    }

    async fn make_mid(
        &self,
        actor: Option<Actor>,
        merchant: &str,
        name: &str,
        settles_in: Option<Currency>,
    ) -> Result<(MerchantId, MidId), Error> {
        let (merchant, name) = match (check_name("merchant", merchant), check_name("name", name)) {
            (Ok(merchant), Ok(name)) => (merchant, name),
            (merchant, name) => return Err(FieldErrors(merchant.err().into_iter().chain(name.err()).collect()).into()),
        };
        let now = self.now();
        let new = Merchant { id: MerchantId(self.mint()), name: merchant, created_at: now };
        let (merchant_name, mid_name) = (new.name.clone(), name.clone());
        let (mid, policy) = (MidId(self.mint()), PolicyId(self.mint()));
        let added = self
            .store()
            .write(move |tx| {
                Box::pin(async move {
                    let merchant = match rows::merchant_by_name(tx, &new.name).await? {
                        Some(merchant) => merchant.id,
                        None => {
                            rows::insert_merchant(tx, &new).await?;
                            let detail = json!({ "name": new.name });
                            let record = AuditRecord::of_operator(Some(new.id), now, "merchant.added", new.id.0, detail);
                            audit::append(tx, &AuditRecord { actor, ..record }).await?;
                            new.id
                        }
                    };
                    let new = Mid {
                        id: mid,
                        merchant,
                        name: name.clone(),
                        settles_in,
                        writing: Writing::default(),
                        guard: Guard::Open,
                        created_at: now,
                    };
                    rows::insert_mid(tx, &new).await?;
                    let version = Version {
                        id: policy,
                        merchant,
                        mid: Some(mid),
                        number: 1,
                        overrides: Overrides::default(),
                        assets: BTreeMap::new(),
                        state: VersionState::Active,
                        author: Actor::System,
                        approver: None,
                        simulation: None,
                        effective_at: Some(now),
                        created_at: now,
                    };
                    policies::insert(tx, &version).await?;
                    let detail = json!({ "name": name, "policy": policy });
                    let record = AuditRecord::of_operator(Some(merchant), now, "mid.added", mid.0, detail);
                    audit::append(tx, &AuditRecord { actor, ..record }).await?;
                    Ok(merchant)
                })
            })
            .await;
        match added {
            Ok(merchant) => Ok((merchant, mid)),
            Err(StoreError::Conflict) if self.has_mid(&merchant_name, &mid_name).await? => {
                Err(Error::Taken { field: "name", message: "the merchant has a MID of this name: choose another".to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn has_mid(&self, merchant: &str, name: &str) -> Result<bool, Error> {
        let mut tx = self.store().read().await?;
        let Some(merchant) = rows::merchant_by_name(&mut tx, merchant).await? else { return Ok(false) };
        let mids = rows::mids(&mut tx, MidFilter::new(Scope::Merchant(merchant.id), None)).await?;
        Ok(mids.iter().any(|mid| mid.name == name))
    }

    /// Returns the MIDs a caller may see, by name.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn mids(&self, caller: &Caller) -> Result<Vec<Mid>, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::mids(&mut tx, MidFilter::new(caller.scope, None)).await?)
    }

    /// Says how a MID's merchant and payers are written to; what is left out is taken away.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound` when the MID is not the caller's.
    pub async fn set_writing(&self, caller: &Caller, mid: MidId, writing: Writing) -> Result<Mid, Error> {
        caller.require(Right::ChangeSettings)?;
        let detail =
            |writing: &Writing| json!({ "alert": writing.alert_email, "support": writing.support_email, "language": writing.language });
        let before = self.own_mid(caller, mid).await?;
        let record = AuditRecord {
            merchant: Some(before.merchant),
            at: self.now(),
            actor: Some(caller.actor),
            action: "mid.writing_changed".to_owned(),
            subject: mid.0,
            detail: json!({ "before": detail(&before.writing), "after": detail(&writing) }),
        };
        // Who is told no longer could say that it was not them.
        let is_moved = before.writing.alert_email.as_ref().is_some_and(|alert| Some(alert) != writing.alert_email.as_ref());
        let freeze = is_moved.then(|| self.freeze_by(caller, before.merchant, SensitiveChange::AlertEmail));
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::set_writing(tx, mid, &writing).await?;
                freezes::note(tx, freeze.as_ref(), &record).await
            })
        });
        write.await?;
        self.own_mid(caller, mid).await
    }

    /// Returns the name payers know a MID's merchant by.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn merchant_name(&self, caller: &Caller, mid: MidId) -> Result<String, Error> {
        self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        Ok(rows::merchant_of(&mut tx, mid).await?.name)
    }
}

fn check_name(field: &str, name: &str) -> Result<String, FieldError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(FieldError::new(field, "invalid", "use 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

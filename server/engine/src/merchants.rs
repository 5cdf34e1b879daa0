//! Merchants: their MIDs and each MID's policy.

use domain::ids::{MerchantId, MidId, PolicyId};
use domain::merchant::{Merchant, Mid};
use domain::policy::{Policy, PolicyVersion};

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::StoreError;
use crate::store::merchants::{self as rows, MidFilter};
use crate::{Engine, Error};

impl Engine {
    /// Adds a MID to a merchant, which is made when there is none of that name. The MID starts with the default policy.
    ///
    /// # Errors
    /// `Invalid` for empty names, `Taken` when the merchant has a MID of that name.
    pub async fn add_mid(&self, merchant: &str, name: &str) -> Result<(MerchantId, MidId), Error> {
        let (merchant, name) = (check_name("merchant", merchant)?, check_name("name", name)?);
        let now = self.now();
        let new = Merchant { id: MerchantId(self.mint()), name: merchant, created_at: now };
        let (mid, policy) = (MidId(self.mint()), PolicyId(self.mint()));
        let added = self
            .store()
            .write(move |tx| {
                Box::pin(async move {
                    let merchant = match rows::merchant_by_name(tx, &new.name).await? {
                        Some(merchant) => merchant.id,
                        None => {
                            rows::insert_merchant(tx, &new).await?;
                            new.id
                        }
                    };
                    rows::insert_mid(tx, &Mid { id: mid, merchant, name, created_at: now }).await?;
                    let version = PolicyVersion { id: policy, mid, number: 1, policy: Policy::default(), created_at: now };
                    rows::insert_policy(tx, &version).await?;
                    Ok(merchant)
                })
            })
            .await;
        match added {
            Ok(merchant) => Ok((merchant, mid)),
            Err(StoreError::Conflict) => {
                Err(Error::Taken { field: "name", message: "the merchant has a MID of this name: choose another".to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the MIDs a caller may see, by name.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn mids(&self, caller: &Caller) -> Result<Vec<Mid>, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::mids(&mut tx, MidFilter::new(caller.scope, None)).await?)
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

    /// Returns a MID's policy as it is now.
    ///
    /// # Errors
    /// `NotFound` when the MID is not the caller's.
    pub async fn policy(&self, caller: &Caller, mid: MidId) -> Result<PolicyVersion, Error> {
        self.own_mid(caller, mid).await?;
        let mut tx = self.store().read().await?;
        rows::policy(&mut tx, mid).await?.ok_or(Error::NotFound)
    }

    /// Makes a new version of a MID's policy. What was judged before keeps the version that judged it.
    ///
    /// # Errors
    /// `Invalid` for settings outside their limits, `Forbidden`, `NotFound`.
    pub async fn set_policy(&self, caller: &Caller, mid: MidId, policy: Policy) -> Result<PolicyVersion, Error> {
        caller.require_write()?;
        policy.check()?;
        retrying!(self.try_set_policy(caller, mid, &policy))
    }

    async fn try_set_policy(&self, caller: &Caller, mid: MidId, policy: &Policy) -> Result<PolicyVersion, Error> {
        let before = self.policy(caller, mid).await?;
        let version = PolicyVersion {
            id: PolicyId(self.mint()),
            mid,
            number: before.number.saturating_add(1),
            policy: policy.clone(),
            created_at: self.now(),
        };
        let new = version.clone();
        self.store().write(move |tx| Box::pin(async move { rows::insert_policy(tx, &new).await })).await?;
        Ok(version)
    }
}

fn check_name(field: &str, name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::field(field, "invalid", "use 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

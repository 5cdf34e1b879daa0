//! A merchant's first steps: what sets a shop up, and how far that is. What was done is seen in the rows it made; only what was set aside is
//! written down.

use domain::ids::{MerchantId, UserId};
use domain::merchant::{Right, Scope};

use crate::callers::Caller;
use crate::store::setup as rows;
use crate::{Engine, Error};

/// One of the first steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetupStep {
    /// How payers see the merchant.
    Brand,
    /// What happens when a payment differs.
    Policy,
    /// A key for the merchant's own program.
    Key,
    /// Where that is told what happens.
    Webhook,
    /// Somebody who approves what the others make.
    Colleague,
    /// A passkey, or a code app, for who asks.
    SecondFactor,
}

impl SetupStep {
    /// All, in the order in which they are taken.
    pub const ALL: [Self; 6] = [Self::Brand, Self::Policy, Self::Key, Self::Webhook, Self::Colleague, Self::SecondFactor];

    /// Returns the name in forms and rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Policy => "policy",
            Self::Key => "key",
            Self::Webhook => "webhook",
            Self::Colleague => "colleague",
            Self::SecondFactor => "second_factor",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

impl Engine {
    /// Returns the first steps of the caller's merchant and whether each was done, without those that were set aside. Nothing once there is
    /// nothing left to do, and for those who set nothing up.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn setup(&self, caller: &Caller) -> Result<Vec<(SetupStep, bool)>, Error> {
        let Ok((merchant, user)) = who_sets_up(caller) else { return Ok(Vec::new()) };
        let mut tx = self.store().read().await?;
        let (done, skipped) = (rows::done(&mut tx, merchant, user).await?, rows::skipped(&mut tx, merchant).await?);
        let steps = SetupStep::ALL.into_iter().filter(|step| !skipped.contains(step)).map(|step| (step, done.contains(&step)));
        let steps: Vec<_> = steps.collect();
        Ok(if steps.iter().all(|(_, is_done)| *is_done) { Vec::new() } else { steps })
    }

    /// Sets a step aside, for everybody of the caller's merchant. Once more changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for those who set nothing up.
    pub async fn skip_setup_step(&self, caller: &Caller, step: SetupStep) -> Result<(), Error> {
        let (merchant, _) = who_sets_up(caller)?;
        Ok(self.store().write(move |tx| Box::pin(async move { rows::skip(tx, merchant, step).await })).await?)
    }
}

/// Returns whose shop a person sets up.
fn who_sets_up(caller: &Caller) -> Result<(MerchantId, UserId), Error> {
    caller.require_role(Right::ChangeSettings)?;
    match caller.scope {
        Scope::Merchant(merchant) => Ok((merchant, caller.user_id()?)),
        Scope::Everything | Scope::Mid(_) => Err(Error::Forbidden),
    }
}

//! Merchants, their MIDs, the people who sign in, and who acted.

use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::email::EmailAddress;
use crate::ids::{KeyId, MerchantId, MidId, UserId};
use crate::language::Language;
use crate::names::choices;
use crate::rate::Currency;

/// A business that takes payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// The name payers know it by.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A merchant id in the trade's sense: one shop of a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mid {
    /// Its id.
    pub id: MidId,
    /// Whose.
    pub merchant: MerchantId,
    /// The name staff know it by.
    pub name: String,
    /// In which currency it is credited for refunds nobody claimed; in their own coins when it has none (odd case 39).
    pub settles_in: Option<Currency>,
    /// Where mails go, and what they speak.
    pub writing: Writing,
    /// Whether it works.
    pub guard: Guard,
    /// Since when.
    pub created_at: Timestamp,
}

/// How a MID's merchant and payers are written to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Where its people are alerted; nobody is without it.
    pub alert_email: Option<EmailAddress>,
    /// Where payers' answers go; they are told of none without it.
    pub support_email: Option<EmailAddress>,
    /// What payers are spoken to in whose own language is not known; English without it.
    pub language: Option<Language>,
}

choices! {
    /// Whether a MID works (requirements 3.5).
    Guard {
        /// As its policy says.
        Open = "open",
        /// The operator stopped it: payments are held, nothing is sent.
        Suspended = "suspended",
    }
}

/// Something a caller wants to do; [`Role::may`] says who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Make invoices, report deposits.
    MakeInvoices,
    /// Write to payers again: what they were told before, to whom it went before.
    WriteToPayers,
    /// Make, cancel, retry and re-issue refunds, decide cases.
    MoveMoney,
    /// Approve or decline refunds of others, hold refunds and let them go.
    Approve,
    /// Change policies.
    ChangePolicy,
    /// Change keys, endpoints, people and payout wallets.
    ChangeSettings,
    /// What only the operator may: locks, suspensions, decisions about risky money, the kill switch.
    Operate,
}

impl Right {
    /// Says whether who uses it has to prove first that they are still who signed in (step-up): what a thief would do first at a browser
    /// that was left open.
    #[must_use]
    pub const fn needs_proof(self) -> bool {
        match self {
            Self::MakeInvoices | Self::WriteToPayers | Self::MoveMoney => false,
            Self::Approve | Self::ChangePolicy | Self::ChangeSettings | Self::Operate => true,
        }
    }
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the installation; belongs to no merchant.
    Admin,
    /// Owns a merchant's account.
    Owner,
    /// Works with refunds and settings.
    Manager,
    /// Sees everything of the merchant and writes to payers again, moves no money.
    Support,
    /// Sees everything of the merchant and does nothing.
    Viewer,
}

impl Role {
    /// All roles, from most to least.
    pub const ALL: [Self; 5] = [Self::Admin, Self::Owner, Self::Manager, Self::Support, Self::Viewer];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Support => "support",
            Self::Viewer => "viewer",
        }
    }

    /// Returns the name as people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Admin => "Operator",
            Self::Owner => "Owner",
            Self::Manager => "Manager",
            Self::Support => "Support",
            Self::Viewer => "Viewer",
        }
    }

    /// Says whether who has the role may give the other one to people of a merchant, or of the operator: nobody grants more than they have.
    #[must_use]
    pub fn may_grant(self, role: Self, merchant: Option<MerchantId>) -> bool {
        let is_of_their_kind = (role == Self::Admin) == merchant.is_none();
        let rank = |role: Self| Self::ALL.into_iter().position(|known| known == role);
        self.may(Right::ChangeSettings) && is_of_their_kind && rank(self) <= rank(role)
    }

    /// Says whether the role has a right. Reading is everybody's, within their own merchant.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match (self, right) {
            (Self::Admin, _) => true,
            (Self::Owner, Right::Operate) => false,
            (Self::Owner, _) => true,
            (Self::Manager, Right::MakeInvoices | Right::WriteToPayers | Right::MoveMoney | Right::Approve | Right::ChangePolicy) => true,
            (Self::Support, right) => matches!(right, Right::WriteToPayers),
            (Self::Manager, Right::ChangeSettings | Right::Operate) | (Self::Viewer, _) => false,
        }
    }
}

/// No such role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("choose one of admin, owner, manager, support, viewer")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Signs in with it.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whose staff; `None` for an admin.
    pub merchant: Option<MerchantId>,
}

/// Whose data a caller may touch: the answer to every "is this theirs?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All merchants (an admin).
    Everything,
    /// One merchant's MIDs.
    Merchant(MerchantId),
    /// One MID.
    Mid(MidId),
}

impl Scope {
    /// Says whether a MID lies within.
    #[must_use]
    pub fn includes(self, mid: &Mid) -> bool {
        match self {
            Self::Everything => true,
            Self::Merchant(merchant) => mid.merchant == merchant,
            Self::Mid(id) => mid.id == id,
        }
    }
}

/// Who did something, as history shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Refundry itself: a timer, a rule, the chain.
    System,
    /// Whoever held the payer's link.
    Payer,
    /// A person who signed in.
    User(UserId),
    /// A program with a key.
    Key(KeyId),
}

impl FromStr for Actor {
    type Err = UnknownActor;

    fn from_str(text: &str) -> Result<Self, UnknownActor> {
        match text.split_once(':') {
            None if text == "system" => Ok(Self::System),
            None if text == "payer" => Ok(Self::Payer),
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| UnknownActor),
            Some(("key", id)) => id.parse().map(Self::Key).map_err(|_| UnknownActor),
            _ => Err(UnknownActor),
        }
    }
}

/// Not an actor's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write system, payer, user:<id> or key:<id>")]
pub struct UnknownActor;

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Payer => f.write_str("payer"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn nobody_grants_a_role_above_their_own() {
        let merchant = Some(MerchantId(Uuid::from_u128(1)));
        for role in [Role::Owner, Role::Manager, Role::Support, Role::Viewer] {
            assert!(Role::Owner.may_grant(role, merchant) && Role::Admin.may_grant(role, merchant), "{role:?}");
            assert!(!Role::Admin.may_grant(role, None), "{role:?} is a merchant's");
            for other in [Role::Manager, Role::Support, Role::Viewer] {
                assert!(!other.may_grant(role, merchant), "{other:?} changes no people");
            }
        }
        assert!(Role::Admin.may_grant(Role::Admin, None));
        assert!(!Role::Owner.may_grant(Role::Admin, None) && !Role::Owner.may_grant(Role::Admin, merchant));
        assert!(!Role::Admin.may_grant(Role::Admin, merchant), "an operator has no merchant");
    }
}

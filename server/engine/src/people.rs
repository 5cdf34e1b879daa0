//! People: who signs in for a merchant, with which role, until they are removed. How they come in is [`crate::invitations`]'.
//!
//! Who was removed stays in history. Somebody owns each merchant's account at every moment: asked for here, held by the database.

use domain::display_name::{DisplayName, NotADisplayName};
use domain::ids::{MerchantId, UserId};
use domain::merchant::{Actor, Role, Scope, User};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::keys::{require_onlooker, require_person};
use crate::store::people::{self as rows, Person};
use crate::store::{StoreError, Tx, callers};
use crate::{Engine, Error};

/// A person, as those see them who answer for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// Their id.
    pub id: Uuid,
    /// Signs in with it.
    pub email: String,
    /// What the others read; the e-mail without one.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// The name of whose staff; nothing for an operator.
    pub merchant: Option<String>,
    /// The roles that the caller may give them instead.
    pub grantable: Vec<Role>,
    /// Whether it is who asks.
    pub is_caller: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When they were last seen, to the hour; nothing when they are signed out.
    pub seen_at: Option<Timestamp>,
    /// Whether they give a code beside their password.
    pub has_code_app: bool,
    /// Whether they can sign in by a passkey.
    pub has_passkey: bool,
}

/// What to do with a person.
#[derive(Clone, Copy)]
enum Change {
    Role(Role),
    Remove,
}

impl Engine {
    /// Says whether there is anybody who could sign in: to a new installation somebody has to be added where it runs.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn has_people(&self) -> Result<bool, Error> {
        let mut tx = self.store().read().await?;
        Ok(rows::is_any(&mut tx).await?)
    }

    /// Returns the people of the caller's merchant; everybody for the operator.
    ///
    /// # Errors
    /// `Refused` for keys, `Forbidden` for those who answer for nobody.
    pub async fn people(&self, caller: &Caller) -> Result<Vec<PersonView>, Error> {
        require_onlooker(caller)?;
        let (own, merchant) = (caller.user_id().ok(), circle(caller)?);
        let may_grant = |role: Role, merchant| caller.role.is_some_and(|own| own.may_grant(role, merchant));
        let mut tx = self.store().read().await?;
        let others = |person: &Person| {
            let merchant = person.merchant.as_ref().map(|(id, _)| *id);
            Role::ALL.into_iter().filter(|role| *role != person.role && may_grant(*role, merchant)).collect()
        };
        let view = |person: Person| PersonView {
            id: person.id.0,
            grantable: others(&person),
            email: person.email,
            name: person.name,
            role: person.role,
            is_caller: own == Some(person.id),
            merchant: person.merchant.map(|(_, name)| name),
            created_at: person.created_at,
            seen_at: person.seen_at,
            has_code_app: person.has_code_app,
            has_passkey: person.has_passkey,
        };
        Ok(rows::list(&mut tx, merchant).await?.into_iter().map(view).collect())
    }

    /// Gives a person another role, from their next click on.
    ///
    /// # Errors
    /// `Invalid` for a role above the caller's own and for the last owner, `NotFound` for other merchants' people, `Conflict` when somebody
    /// else changed them, `Refused` for keys, `Forbidden`.
    pub async fn change_role(&self, caller: &Caller, id: UserId, role: Role) -> Result<(), Error> {
        let person = self.own_person(caller, id).await?;
        if !caller.role.is_some_and(|own| own.may_grant(role, person.merchant)) {
            return Err(Error::field("role", "not_yours", "choose a role up to your own"));
        }
        if role == person.role {
            return Ok(());
        }
        self.change_person(caller, person, Change::Role(role)).await
    }

    /// Removes a person: their sessions end, their e-mail can be invited again.
    ///
    /// # Errors
    /// `Invalid` for the last owner and for an operator who would remove themselves, `NotFound` for other merchants' people, `Conflict`
    /// when somebody else changed them, `Refused` for keys, `Forbidden`.
    pub async fn remove_person(&self, caller: &Caller, id: UserId) -> Result<(), Error> {
        let person = self.own_person(caller, id).await?;
        if person.role == Role::Admin && caller.user_id().is_ok_and(|own| own == id) {
            return Err(Error::field("action", "yourself", "another operator has to remove you"));
        }
        self.change_person(caller, person, Change::Remove).await
    }

    /// Says what the caller is called from now on, also in what they did before; by their e-mail when it is empty.
    ///
    /// # Errors
    /// `Invalid` for what is no name, `Taken` for a colleague's, `Forbidden` for keys.
    pub async fn rename(&self, caller: &Caller, name: &str) -> Result<(), Error> {
        self.name_person(caller.user_id()?, name, caller.actor).await
    }

    /// Does the same for somebody who was just added, at the command line.
    ///
    /// # Errors
    /// As [`Engine::rename`].
    pub async fn name_added(&self, id: UserId, name: &str) -> Result<(), Error> {
        self.name_person(id, name, Actor::System).await
    }

    async fn name_person(&self, id: UserId, name: &str, actor: Actor) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let person = callers::user(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let before = rows::name(&mut tx, id).await?;
        let name = free_name(&mut tx, person.merchant, id, name).await?;
        drop(tx);
        if before.as_deref() == name.as_ref().map(DisplayName::as_str) {
            return Ok(());
        }
        let detail = json!({ "before": before, "name": name.as_ref().map(DisplayName::as_str) });
        let record = AuditRecord {
            merchant: person.merchant,
            at: self.now(),
            actor: Some(actor),
            action: "user.renamed".to_owned(),
            subject: id.0,
            detail,
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::set_name(tx, id, name.as_ref()).await?;
                audit::append(tx, &record).await
            })
        });
        Ok(write.await?)
    }

    async fn own_person(&self, caller: &Caller, id: UserId) -> Result<User, Error> {
        require_person(caller)?;
        let merchant = circle(caller)?;
        let person = callers::user(&mut *self.store().read().await?, id).await?.ok_or(Error::NotFound)?;
        if merchant.is_none() || person.merchant == merchant { Ok(person) } else { Err(Error::NotFound) }
    }

    async fn change_person(&self, caller: &Caller, person: User, change: Change) -> Result<(), Error> {
        let (action, detail) = match change {
            Change::Role(role) => ("user.role_changed", json!({ "email": person.email, "before": person.role, "role": role })),
            Change::Remove => ("user.removed", json!({ "email": person.email, "role": person.role })),
        };
        let (at, outside, actor) = (self.now(), self.clock().now_outside(), Some(caller.actor));
        let record = AuditRecord { merchant: person.merchant, at, actor, action: action.to_owned(), subject: person.id.0, detail };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                if is_last_owner(tx, &person).await? {
                    return Ok(false);
                }
                match change {
                    Change::Role(role) => rows::set_role(tx, person.id, person.role, role).await?,
                    Change::Remove => {
                        rows::remove(tx, person.id, person.role, outside).await?;
                        callers::delete_sessions(tx, person.id, None).await?;
                    }
                }
                audit::append(tx, &record).await?;
                Ok(true)
            })
        });
        match write.await {
            Ok(true) => Ok(()),
            // The database knew of another owner who left at this moment.
            Ok(false) | Err(StoreError::Broken(_)) => {
                Err(Error::field("action", "last_owner", "somebody has to own the account: make another person its owner first"))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns a name that no colleague goes by, so that history names one person; nothing when it is empty.
pub(crate) async fn free_name(tx: &mut Tx, merchant: Option<MerchantId>, id: UserId, name: &str) -> Result<Option<DisplayName>, Error> {
    if name.trim().is_empty() {
        return Ok(None);
    }
    let name: DisplayName = name.parse().map_err(|wrong: NotADisplayName| Error::field("name", "invalid", wrong.to_string()))?;
    if rows::is_name_taken(tx, merchant, id, &name).await? {
        return Err(Error::field("name", "taken", "a colleague goes by this name: add something to yours"));
    }
    Ok(Some(name))
}

/// Says whether nobody else owns the account of a person's merchant.
async fn is_last_owner(tx: &mut Tx, person: &User) -> Result<bool, StoreError> {
    match (person.role, person.merchant) {
        (Role::Owner, Some(merchant)) => Ok(rows::other_owners(tx, merchant, person.id).await? == 0),
        (Role::Owner, None) | (Role::Admin | Role::Manager | Role::Support | Role::Viewer, _) => Ok(false),
    }
}

/// Returns whose people a caller answers for; everybody's without one.
pub(crate) fn circle(caller: &Caller) -> Result<Option<MerchantId>, Error> {
    match caller.scope {
        Scope::Everything => Ok(None),
        Scope::Merchant(merchant) => Ok(Some(merchant)),
        Scope::Mid(_) => Err(Error::Forbidden),
    }
}

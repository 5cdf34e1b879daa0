//! Pairings: programs that sign their requests with a key pair of their own, as BitPay's clients do. Each stands for one API key, which
//! was its pairing code, and may what that key may; revoking the key ends the pairing.
//!
//! A token names the API key and proves that we made it. Alone it lets nobody move money: a merchant's request is signed as well.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{KeyId, MidId};
use domain::merchant::Scope;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::store::callers as rows;
use crate::{Engine, Error};

/// How long the id of a key is in a token, in bytes.
const ID_BYTES: usize = 16;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facade {
    /// All that the API key may, for requests that are signed.
    Merchant,
    /// Making and reading invoices, without a signature: for tills and web shops that keep no key.
    Pos,
}

impl Facade {
    /// All facades.
    pub const ALL: [Self; 2] = [Self::Merchant, Self::Pos];

    /// Returns the name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::Pos => "pos",
        }
    }
}

/// Whom a token lets in.
#[derive(Clone, Debug)]
pub struct Paired {
    /// As whom.
    pub caller: Caller,
    /// Of which MID.
    pub mid: MidId,
    /// For what.
    pub facade: Facade,
    /// The client id whose signatures count; none was paired without one.
    pub client_id: Option<String>,
}

impl Engine {
    /// Lets the program with a client id call as an API key, which is the pairing code, and returns its token. The same again returns the
    /// same token.
    ///
    /// # Errors
    /// `Unauthorized` for an unknown key, `Invalid` for one that is not of one MID, `Taken` for one that is another program's.
    pub async fn pair(&self, secret: &str, client_id: &str, facade: Facade) -> Result<String, Error> {
        let caller = self.key(secret).await?.ok_or(Error::Unauthorized)?;
        let id = caller.key_id()?;
        let Scope::Mid(mid) = caller.scope else {
            return Err(Error::field("pairingCode", "mismatch", "use a key of one MID: `refundry key create` with its id"));
        };
        if facade == Facade::Pos {
            return Ok(self.facade_token(id, facade));
        }
        let mut tx = self.store().read().await?;
        let known = rows::client_of_key(&mut tx, id).await?;
        drop(tx);
        match known {
            Some(known) if known == client_id => {}
            Some(_) => {
                let message = "this key is another program's pairing code: make a new one with `refundry key create`".to_owned();
                return Err(Error::Taken { field: "pairingCode", message });
            }
            None => {
                let merchant = self.own_mid(&caller, mid).await?.merchant;
                let detail = json!({ "mid": mid, "client_id": client_id });
                let (action, actor, at) = ("key.paired".to_owned(), Some(caller.actor), self.now());
                let record = AuditRecord { merchant: Some(merchant), at, actor, action, subject: id.0, detail };
                let client_id = client_id.to_owned();
                let pair = self.store().write(move |tx| {
                    Box::pin(async move {
                        rows::pair_key(tx, id, &client_id).await?;
                        audit::append(tx, &record).await
                    })
                });
                pair.await?;
            }
        }
        Ok(self.facade_token(id, facade))
    }

    /// Returns whom a token lets in; nothing for one that we did not make, or of a key that was revoked.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn paired(&self, token: &str) -> Result<Option<Paired>, Error> {
        let Some(id) = key_of_token(token) else { return Ok(None) };
        let is_ours = |facade: &Facade| bool::from(self.facade_token(id, *facade).as_bytes().ct_eq(token.as_bytes()));
        let Some(facade) = Facade::ALL.into_iter().find(is_ours) else { return Ok(None) };
        let mut tx = self.store().read().await?;
        let Some(key) = rows::key(&mut tx, id).await? else { return Ok(None) };
        let client_id = rows::client_of_key(&mut tx, id).await?;
        drop(tx);
        let Some(mid) = key.mid else { return Ok(None) };
        Ok(Some(Paired { caller: self.let_in(&key).await, mid, facade, client_id }))
    }

    fn facade_token(&self, id: KeyId, facade: Facade) -> String {
        let proof = self.master_key().facade_proof(facade.name(), id);
        URL_SAFE_NO_PAD.encode([id.0.as_bytes().as_slice(), &proof].concat())
    }
}

/// Returns the key that a token says it is of.
fn key_of_token(token: &str) -> Option<KeyId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    bytes.get(..ID_BYTES).and_then(|id| Uuid::from_slice(id).ok()).map(KeyId)
}

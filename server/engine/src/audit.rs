//! The audit log: who did what to refunds, policies, cases and settings, one chain per merchant, written in the transaction of the
//! deed itself. Each row's hash covers the row and the hash of the row before it, so a row that is changed, removed or put elsewhere
//! later shows (reliability I12). Who rewrites a whole chain with its end is found by comparing it with an end exported before.
//!
//! Details hold no secrets: destinations are masked, links, keys and passwords left out.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use domain::ids::MerchantId;
use domain::merchant::{Actor, Scope};
use domain::outcome::Outcome;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::callers::Caller;
use crate::store::audit::{self as rows, AuditRow, Head};
use crate::store::codec::needed;
use crate::store::{Decided, StoreError, Tx};
use crate::{Engine, Error, Page, PageRequest};

/// How many rows are read at once to walk a chain.
const CHUNK: u32 = 1000;

/// A deed to write down.
#[derive(Clone, Debug)]
pub(crate) struct AuditRecord {
    /// On whose chain; the installation's own without one.
    pub(crate) merchant: Option<MerchantId>,
    /// When.
    pub(crate) at: Timestamp,
    /// Who; the operator, at the command line, without one.
    pub(crate) actor: Option<Actor>,
    /// What was done to what, such as `policy.changed`. `refund.…` and `case.…` are outcomes' alone: they are counted.
    pub(crate) action: String,
    /// To which one.
    pub(crate) subject: Uuid,
    /// What else there is to know, without secrets.
    pub(crate) detail: Value,
}

impl AuditRecord {
    /// Returns a deed of the operator.
    pub(crate) fn of_operator(merchant: Option<MerchantId>, at: Timestamp, action: &str, subject: Uuid, detail: Value) -> Self {
        Self { merchant, at, actor: None, action: action.to_owned(), subject, detail }
    }
}

/// Appends a deed to its chain. To be called in the transaction of the deed, as late as possible: others wait for the chain.
pub(crate) async fn append(tx: &mut Tx, record: &AuditRecord) -> Result<(), StoreError> {
    let before = rows::hold_head(tx, record.merchant.map_or(Uuid::nil(), |merchant| merchant.0)).await?;
    let row = next(before, record);
    let end = Head { number: row.number, hash: row.hash, ..before };
    rows::append(tx, &[row], &[(before, end)]).await
}

/// Returns the row of a deed that comes after the end of a chain.
fn next(head: Head, record: &AuditRecord) -> AuditRow {
    let mut row = AuditRow {
        merchant: head.merchant,
        number: head.number.saturating_add(1),
        at: record.at,
        actor: record.actor.map_or_else(|| "operator".to_owned(), |actor| actor.to_string()),
        subject_kind: record.action.split('.').next().unwrap_or_default().to_owned(),
        action: record.action.clone(),
        subject: record.subject,
        detail: record.detail.to_string(),
        prev_hash: head.hash,
        hash: [0; 32],
    };
    row.hash = hash(&row);
    row
}

/// Appends what outcomes do to cases and to refunds, in their order.
pub(crate) async fn append_outcomes(tx: &mut Tx, decided: &[Decided]) -> Result<(), StoreError> {
    let mut deeds = Vec::new();
    for Decided { at, outcome } in decided {
        let mid = outcome.refund.as_ref().map(|refund| refund.mid).or(outcome.invoice.as_ref().map(|invoice| invoice.mid));
        for (action, subject, detail) in deeds_of(outcome) {
            let record = AuditRecord { merchant: None, at: *at, actor: Some(outcome.actor), action, subject, detail };
            deeds.push((needed("exception_cases", "MID", mid)?, record));
        }
    }
    let mids: BTreeSet<Uuid> = deeds.iter().map(|(mid, _)| mid.0).collect();
    if mids.is_empty() {
        return Ok(());
    }
    let heads = rows::hold_heads_of(tx, &Vec::from_iter(mids)).await?;
    let mut ends: BTreeMap<Uuid, (Head, Head)> = heads.values().map(|head| (head.merchant, (*head, *head))).collect();
    let mut chained = Vec::with_capacity(deeds.len());
    for (mid, record) in deeds {
        let merchant = needed("audit_heads", "merchant", heads.get(&mid))?.merchant;
        let (_, end) = needed("audit_heads", "merchant", ends.get_mut(&merchant))?;
        let row = next(*end, &record);
        *end = Head { number: row.number, hash: row.hash, ..*end };
        chained.push(row);
    }
    rows::append(tx, &chained, &ends.into_values().collect::<Vec<_>>()).await
}

/// Returns what an outcome does to a case and to a refund: the action, to which one, and what else there is to know.
fn deeds_of(outcome: &Outcome) -> Vec<(String, Uuid, Value)> {
    let mut deeds = Vec::new();
    if let Some(case) = &outcome.case {
        let detail = json!({
            "invoice": case.invoice, "number": case.number, "policy": case.policy, "flags": case.flags, "asset": case.received.asset,
            "received": units(case.received.units), "credited": units(case.credited.units), "refunded": units(case.refunded.units),
        });
        deeds.push(("case.resolved".to_owned(), case.id.0, detail));
    }
    if let Some(attributed) = &outcome.attributed {
        let case = &attributed.case;
        let detail = json!({
            "invoice": case.invoice, "to": outcome.invoice.as_ref().map(|invoice| invoice.id), "asset": case.received.asset,
            "received": units(case.received.units),
        });
        deeds.push(("case.attributed".to_owned(), case.id.0, detail));
    }
    if let Some(refund) = &outcome.refund {
        let directed = refund.state.directed();
        let payout = outcome.payout.as_ref();
        let detail = json!({
            "invoice": refund.invoice, "reference": refund.reference, "version": refund.version, "asset": refund.amount.asset,
            "amount": units(refund.amount.units), "note": outcome.note,
            "fee": directed.map(|directed| units(directed.fee.units)),
            "destination": directed.map(|directed| directed.destination.masked()),
            "payout": payout.map(|payout| payout.id),
            "txid": payout.and_then(|payout| payout.state.signed()).map(|signed| &signed.txid),
        });
        deeds.push((format!("refund.{}", refund.state.name()), refund.id.0, detail));
    }
    deeds
}

/// Base units, as text: JSON's numbers are too small for them.
fn units(units: u128) -> String {
    units.to_string()
}

/// Hashes a row: every text with its length before it, so that no two rows look the same to the hash.
fn hash(row: &AuditRow) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"refundry audit 1");
    hasher.update(row.prev_hash);
    hasher.update(row.merchant.as_bytes());
    hasher.update(row.number.to_be_bytes());
    hasher.update(row.at.as_microsecond().to_be_bytes());
    hasher.update(row.subject.as_bytes());
    for text in [&row.actor, &row.action, &row.subject_kind, &row.detail] {
        hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

/// What a row is about.
#[derive(Clone, Debug)]
pub enum About {
    /// The one with this id.
    Id(Uuid),
    /// What is called so: a refund or an invoice by its reference, a person by their email, a MID by its name.
    Name(String),
}

impl About {
    /// Reads an id, or else a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
    }
}

/// Which rows are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this merchant; for the operator, whose own chain is meant otherwise.
    pub merchant: Option<MerchantId>,
    /// About this refund, case, policy, person, key or endpoint.
    pub about: Option<About>,
    /// Of this action, such as `policy.changed`.
    pub action: Option<String>,
    /// By this actor, such as `user:…`.
    pub actor: Option<String>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub to: Option<Timestamp>,
}

/// A row of the audit log.
#[derive(Clone, Debug, Serialize)]
pub struct AuditView {
    /// Its place in the merchant's chain, from 1 on.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `operator`, `system`, `payer`, `user:…`, `key:…`.
    pub actor: String,
    /// What was done, such as `refund.scheduled`.
    pub action: String,
    /// The email of the person who did it, also after they were removed. The operator's people have none for merchants.
    pub who: Option<String>,
    /// To which one.
    pub subject: Uuid,
    /// What that one is called: a refund's or an invoice's reference, a person's email, a MID's name.
    pub subject_name: Option<String>,
    /// What else there is to know.
    pub detail: Value,
    /// The row's hash, in hexadecimal.
    pub hash: String,
}

/// The end of a chain: exported, it proves later that nothing before it was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Whose chain; the nil id for the installation's own.
    pub merchant: Uuid,
    /// The number of its last row.
    pub number: i64,
    /// That row's hash, in hexadecimal.
    pub hash: String,
}

/// What [`Engine::verify_audit`] found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AuditVerification {
    /// How many rows were read.
    pub rows: u64,
    /// The ends of the chains, to be kept where this machine cannot change them.
    pub heads: Vec<AuditHead>,
    /// What is not as it was written, in words.
    pub broken: Vec<String>,
    /// Whether everything is.
    pub ok: bool,
}

impl Engine {
    /// Returns rows of one chain, newest first.
    ///
    /// # Errors
    /// `Forbidden` for a caller of one MID, `NotFound` for another merchant's chain, `Invalid` for a bad limit or cursor.
    pub async fn audit_log(&self, caller: &Caller, filter: AuditFilter, page: PageRequest) -> Result<Page<AuditView>, Error> {
        let owner = match (caller.scope, filter.merchant) {
            (Scope::Mid(_), _) => return Err(Error::Forbidden),
            (Scope::Merchant(own), Some(wanted)) if wanted != own => return Err(Error::NotFound),
            (Scope::Merchant(merchant), _) | (Scope::Everything, Some(merchant)) => merchant.0,
            (Scope::Everything, None) => Uuid::nil(),
        };
        let mut tx = self.store().read().await?;
        let wanted = rows::Wanted {
            about: filter.about.as_ref(),
            action: filter.action.as_deref().unwrap_or_default(),
            actor: filter.actor.as_deref().unwrap_or_default(),
            from: filter.from.unwrap_or(Timestamp::UNIX_EPOCH),
            to: filter.to.unwrap_or(Timestamp::MAX),
        };
        let found = rows::list(&mut tx, owner, &wanted, page.before_number()?, page.limit()?).await?;
        let mut views = found.into_iter().map(audit_view).collect::<Result<Vec<_>, _>>()?;
        let names_operators = caller.scope == Scope::Everything;
        name_all(&mut tx, &mut views, |merchant| names_operators || merchant.is_some()).await?;
        Ok(page.page(views, |view| view.number.to_string()))
    }

    /// Returns the emails of people by what rows name them, such as `user:…`, also of those who were removed. The operator's people have
    /// none for merchants.
    ///
    /// # Errors
    /// `Store` when rows cannot be read.
    pub async fn people_named<'n>(&self, caller: &Caller, names: impl Iterator<Item = &'n str>) -> Result<BTreeMap<String, String>, Error> {
        let ids: BTreeSet<Uuid> = names.filter_map(|name| name.strip_prefix("user:")?.parse().ok()).collect();
        let mut tx = self.store().read().await?;
        let people = rows::people(&mut tx, &Vec::from_iter(ids)).await?.into_iter();
        let is_named = |merchant: Option<Uuid>| match caller.scope {
            Scope::Everything => true,
            Scope::Merchant(own) => merchant == Some(own.0),
            Scope::Mid(_) => false,
        };
        Ok(people.filter(|(.., merchant)| is_named(*merchant)).map(|(id, email, _)| (format!("user:{id}"), email)).collect())
    }

    /// Walks the chains, one merchant's or all, and compares them with their ends, with ends exported earlier, and with the rows of
    /// refunds and cases.
    ///
    /// # Errors
    /// `Store` when rows cannot be read. What is broken is part of the result.
    pub async fn verify_audit(&self, merchant: Option<MerchantId>, exported: &[AuditHead]) -> Result<AuditVerification, Error> {
        let exported = exported.to_vec();
        Ok(self.store().snapshot(move |tx| Box::pin(async move { verify(tx, merchant, &exported).await })).await?)
    }
}

/// Fills in what people, MIDs and invoices are called. `is_named` says of whose staff somebody may be named.
async fn name_all(tx: &mut Tx, views: &mut [AuditView], is_named: impl Fn(Option<Uuid>) -> bool) -> Result<(), StoreError> {
    let ids = |of: &dyn Fn(&AuditView) -> Option<Uuid>| BTreeSet::from_iter(views.iter().filter_map(of)).into_iter().collect::<Vec<Uuid>>();
    let told = |view: &AuditView, name: &str| view.detail.get(name).and_then(Value::as_str).map(str::to_owned);
    let linked = |view: &AuditView, name: &str| told(view, name).and_then(|id| id.parse::<Uuid>().ok());
    let person = |view: &AuditView| view.actor.strip_prefix("user:").and_then(|id| id.parse::<Uuid>().ok());
    let is_of = |view: &AuditView, kind: &str| view.action.split('.').next() == Some(kind);
    let mid = |view: &AuditView| linked(view, "mid").or_else(|| is_of(view, "mid").then_some(view.subject));
    let acting = ids(&person);
    let suffering = ids(&|view| is_of(view, "user").then_some(view.subject));
    let people = rows::people(tx, &[acting, suffering].concat()).await?;
    let people: BTreeMap<Uuid, String> =
        people.into_iter().filter(|(.., merchant)| is_named(*merchant)).map(|(id, email, _)| (id, email)).collect();
    let mids: BTreeMap<Uuid, String> = rows::mids(tx, &ids(&mid)).await?.into_iter().collect();
    let invoices: BTreeMap<Uuid, String> = rows::invoices(tx, &ids(&|view| linked(view, "invoice"))).await?.into_iter().collect();
    for view in views {
        view.who = person(view).and_then(|id| people.get(&id).cloned());
        view.subject_name = told(view, "reference")
            .or_else(|| people.get(&view.subject).cloned())
            .or_else(|| told(view, "email"))
            .or_else(|| linked(view, "invoice").and_then(|id| invoices.get(&id).cloned()))
            .or_else(|| mid(view).and_then(|id| mids.get(&id).cloned()));
    }
    Ok(())
}

fn audit_view(row: AuditRow) -> Result<AuditView, StoreError> {
    let detail = serde_json::from_str(&row.detail);
    let detail = detail.map_err(|_| StoreError::Inconsistent { table: "audit_log", id: format!("{} {}", row.merchant, row.number) })?;
    Ok(AuditView {
        number: row.number,
        at: row.at,
        actor: row.actor,
        action: row.action,
        who: None,
        subject: row.subject,
        subject_name: None,
        detail,
        hash: HEXLOWER.encode(&row.hash),
    })
}

async fn verify(tx: &mut Tx, merchant: Option<MerchantId>, exported: &[AuditHead]) -> Result<AuditVerification, StoreError> {
    let mut found = AuditVerification::default();
    let mut owners = rows::owners(tx).await?;
    owners.extend(exported.iter().map(|head| head.merchant));
    owners.sort_unstable();
    owners.dedup();
    owners.retain(|owner| merchant.is_none_or(|only| only.0 == *owner));
    if let Some(merchant) = merchant.filter(|_| owners.is_empty()) {
        found.broken.push(format!("merchant {merchant} is not known: `refundry mid add` prints the ids of merchants"));
    }
    for owner in owners {
        let heads: BTreeMap<i64, &str> =
            exported.iter().filter(|head| head.merchant == owner).map(|head| (head.number, head.hash.as_str())).collect();
        verify_chain(tx, owner, heads, &mut found).await?;
    }
    found.ok = found.broken.is_empty();
    Ok(found)
}

async fn verify_chain(
    tx: &mut Tx,
    owner: Uuid,
    mut exported: BTreeMap<i64, &str>,
    found: &mut AuditVerification,
) -> Result<(), StoreError> {
    let whose = if owner.is_nil() { "the installation's chain".to_owned() } else { format!("the chain of merchant {owner}") };
    let mut end = Head { merchant: owner, number: 0, hash: [0; 32] };
    let (mut refunds, mut cases) = (0_u64, BTreeSet::new());
    loop {
        let part = rows::after(tx, owner, end.number, CHUNK).await?;
        if part.is_empty() {
            break;
        }
        for row in part {
            let expected = end.number.saturating_add(1);
            if row.number != expected {
                found.broken.push(format!("{whose}: rows {expected} to {} are missing", row.number.saturating_sub(1)));
            }
            if row.prev_hash != end.hash {
                found.broken.push(format!("{whose}: row {} does not follow the row before it", row.number));
            }
            if row.hash != hash(&row) {
                found.broken.push(format!("{whose}: row {} was changed", row.number));
            }
            if exported.remove(&row.number).is_some_and(|hash| !hash.eq_ignore_ascii_case(&HEXLOWER.encode(&row.hash))) {
                found.broken.push(format!("{whose}: row {} is another one than was exported", row.number));
            }
            refunds = refunds.saturating_add(u64::from(row.subject_kind == "refund"));
            // A case that a person decides was written down when it was opened, too.
            if row.subject_kind == "case" {
                cases.insert(row.subject);
            }
            found.rows = found.rows.saturating_add(1);
            end = Head { number: row.number, hash: row.hash, ..end };
        }
    }
    for number in exported.into_keys() {
        found.broken.push(format!("{whose}: row {number}, which was exported, is missing"));
    }
    match rows::head(tx, owner).await? {
        Some(head) if head == end => {}
        Some(head) => found.broken.push(format!("{whose}: ends at row {}, its written end is row {}", end.number, head.number)),
        None => found.broken.push(format!("{whose}: its written end is missing")),
    }
    let (refund_changes, cases_judged) = rows::changes(tx, owner).await?;
    let cases = u64::try_from(cases.len()).unwrap_or(u64::MAX);
    for (what, logged, happened) in [("changes of refunds", refunds, refund_changes), ("judgements of payments", cases, cases_judged)] {
        if logged != happened {
            found.broken.push(format!("{whose}: has {logged} {what}, their own rows say {happened}"));
        }
    }
    found.heads.push(AuditHead { merchant: owner, number: end.number, hash: HEXLOWER.encode(&end.hash) });
    Ok(())
}

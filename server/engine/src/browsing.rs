//! Lists as people look through them: narrowed by what they know, page by page in both directions, and whole for a file. What is searched
//! for is read here; a text is compared as it is written, never as a part of another.

use std::cmp::Reverse;

use domain::destination::Destination;
use domain::email::EmailAddress;
use domain::ids::{MidId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::merchant::Scope;
use domain::money::{AssetId, Network};
use domain::refund::{BlockedBy, Reason, StateName};
use jiff::Timestamp;
use uuid::Uuid;

use crate::callers::Caller;
use crate::store::browsing::{Narrowed, Search, Turn, invoices, refunds};
use crate::store::merchants::MidFilter;
use crate::store::{Tx, merchants};
use crate::{Engine, Error};

/// The longest text that is searched for, in characters.
const SEARCH_CHARS_MAX: usize = 200;
/// Up to how many refunds in a state are counted.
pub const COUNTED_MAX: u64 = 1000;
/// The same, as a database is told.
pub(crate) const COUNTED_AT_MOST: u32 = 1000;

/// How many MIDs an operator's lists walk one by one.
const WALKED_MAX: u32 = 20;

/// Which page of a list is wanted. Cursors are ids of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The newest rows.
    #[default]
    Newest,
    /// Rows older than this one.
    OlderThan(Uuid),
    /// Rows newer than this one, the nearest.
    NewerThan(Uuid),
}

impl Place {
    const fn turn(self) -> Turn {
        match self {
            Self::Newest => Turn::Older(Uuid::max()),
            Self::OlderThan(id) => Turn::Older(id),
            Self::NewerThan(id) => Turn::Newer(id),
        }
    }
}

/// What a list is narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// Of one asset.
    pub asset: Option<AssetId>,
    /// Made at this instant or later.
    pub from: Option<Timestamp>,
    /// Made before this instant.
    pub to: Option<Timestamp>,
    /// A reference, an order, an e-mail, an address, a transaction or an amount; all of it.
    pub search: Option<String>,
}

impl Narrowing {
    /// Returns what rows are sorted by before their ids: their instants in a period, else nothing. Ids follow the time too, but not where
    /// the sandbox's clock was moved.
    fn order(&self, created_at: Timestamp) -> Option<Timestamp> {
        (self.from.is_some() || self.to.is_some()).then_some(created_at)
    }
}

/// Which refunds are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundsWanted {
    /// In one of these states; none of them are all.
    pub states: Vec<StateName>,
    /// For one reason.
    pub reason: Option<Reason>,
    /// Unclaimed, with a link that stops working before this instant.
    pub expires_before: Option<Timestamp>,
    /// One of these; none of them finds nothing.
    pub ids: Option<Vec<RefundId>>,
    /// What else.
    pub narrowing: Narrowing,
}

/// Which invoices are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoicesWanted {
    /// In one status.
    pub status: Option<InvoiceStatus>,
    /// What else.
    pub narrowing: Narrowing,
}

/// A page of a list, newest first.
#[derive(Clone, Debug)]
pub struct Browsed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are newer ones.
    pub has_newer: bool,
    /// Whether there are older ones.
    pub has_older: bool,
}

/// A refund as a list shows it. Amounts are exact decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRefund {
    /// Its id, which is its cursor.
    pub id: Uuid,
    /// Of which MID.
    pub mid: MidId,
    /// Of which invoice.
    pub invoice: Uuid,
    /// The order.
    pub order: String,
    /// Whom is written to.
    pub payer_email: Option<String>,
    /// `REFUND-…`.
    pub reference: String,
    /// Where it stands.
    pub state: StateName,
    /// Why it waits although due.
    pub blocked_by: Option<BlockedBy>,
    /// Why it exists.
    pub reason: Reason,
    /// What is owed, fee included.
    pub amount: String,
    /// Of what.
    pub asset: AssetId,
    /// Where the asset lives.
    pub network: Network,
    /// What that was worth when it was made, and in which currency; known for the merchant's own refunds.
    pub priced: Option<(String, String)>,
    /// Where it goes.
    pub address: Option<String>,
    /// The payout's transaction.
    pub txid: Option<String>,
    /// Not sent before.
    pub release_at: Option<Timestamp>,
    /// Until when it can be claimed.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An invoice as a list shows it. Amounts are exact decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInvoice {
    /// Its id, which is its cursor.
    pub id: Uuid,
    /// Of which MID.
    pub mid: MidId,
    /// The order.
    pub reference: String,
    /// What it asks for, in `billed_currency`.
    pub billed: String,
    /// ISO 4217.
    pub billed_currency: String,
    /// What it asks for, in coins.
    pub charged: String,
    /// What came in for good, in coins; nothing when nothing did.
    pub paid: Option<String>,
    /// What of that is promised back; nothing when nothing is.
    pub refunded: Option<String>,
    /// Of what.
    pub asset: AssetId,
    /// Where the asset lives.
    pub network: Network,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Whom is written to.
    pub payer_email: Option<String>,
    /// Where to pay.
    pub address: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Engine {
    /// Returns a page of refunds, newest first; at most `limit` of them.
    ///
    /// # Errors
    /// `Store` when the database fails. A search for what is nowhere finds nothing.
    pub async fn browse_refunds(
        &self,
        caller: &Caller,
        wanted: &RefundsWanted,
        place: Place,
        limit: u32,
    ) -> Result<Browsed<ListedRefund>, Error> {
        let narrowed = self.narrowed(&wanted.narrowing);
        let mut rows = refunds::Wanted {
            state: None,
            reason: wanted.reason,
            expires_before: wanted.expires_before,
            ids: wanted.ids.clone(),
            narrowed,
        };
        let mut tx = self.store().read().await?;
        let mut found = Vec::new();
        // Each state of each MID is one walk along an index.
        let chosen = StateName::ALL.into_iter().filter(|state| wanted.states.contains(state));
        let states: Vec<_> = if wanted.states.is_empty() { vec![None] } else { chosen.map(Some).collect() };
        for mid in looked_through(&mut tx, caller, wanted.narrowing.mid).await? {
            for state in &states {
                rows.state = *state;
                found.extend(refunds::page(&mut tx, mid, &rows, place.turn(), limit.saturating_add(1)).await?);
            }
        }
        drop(tx);
        let views = self.views();
        let listed = found.into_iter().map(|row| {
            let asset = views.asset(row.amount.asset)?;
            Ok(ListedRefund {
                id: row.id,
                mid: row.mid,
                invoice: row.invoice,
                order: row.invoice_reference,
                payer_email: row.payer_email,
                reference: row.reference,
                state: row.state,
                blocked_by: row.blocked_by,
                reason: row.reason,
                amount: asset.format_units(row.amount.units),
                asset: asset.id,
                network: asset.network,
                priced: row.priced,
                address: row.address,
                txid: row.txid,
                release_at: row.release_at,
                expires_at: row.expires_at,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        });
        let listed = listed.collect::<Result<Vec<_>, Error>>()?;
        Ok(cut(listed, place, limit, |refund| (wanted.narrowing.order(refund.created_at), refund.id)))
    }

    /// Returns a page of invoices, newest first; at most `limit` of them.
    ///
    /// # Errors
    /// `Store` when the database fails. A search for what is nowhere finds nothing.
    pub async fn browse_invoices(
        &self,
        caller: &Caller,
        wanted: &InvoicesWanted,
        place: Place,
        limit: u32,
    ) -> Result<Browsed<ListedInvoice>, Error> {
        let rows = invoices::Wanted { status: wanted.status, narrowed: self.narrowed(&wanted.narrowing) };
        let networks: Vec<&str> = self.0.rails.keys().map(|network| network.name()).collect();
        let mut tx = self.store().read().await?;
        let mut found = Vec::new();
        for mid in looked_through(&mut tx, caller, wanted.narrowing.mid).await? {
            found.extend(invoices::page(&mut tx, mid, &rows, &networks, place.turn(), limit.saturating_add(1)).await?);
        }
        drop(tx);
        let views = self.views();
        let listed = found.into_iter().map(|row| {
            let asset = views.asset(row.charged.asset)?;
            let some = |units: u128| (units > 0).then(|| asset.format_units(units));
            Ok(ListedInvoice {
                id: row.id,
                mid: row.mid,
                reference: row.reference,
                billed: row.billed,
                billed_currency: row.billed_currency,
                charged: asset.format_units(row.charged.units),
                paid: some(row.paid.units),
                refunded: some(row.promised.units),
                asset: asset.id,
                network: asset.network,
                status: row.status,
                payer_email: row.payer_email,
                address: row.address,
                created_at: row.created_at,
            })
        });
        let listed = listed.collect::<Result<Vec<_>, Error>>()?;
        Ok(cut(listed, place, limit, |invoice| (wanted.narrowing.order(invoice.created_at), invoice.id)))
    }

    /// Returns how many of the caller's refunds stand where, each counted up to [`COUNTED_MAX`].
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn refund_queues(&self, caller: &Caller, mid: Option<MidId>) -> Result<Vec<(StateName, u64)>, Error> {
        let mut tx = self.store().read().await?;
        let mids = looked_through(&mut tx, caller, mid).await?;
        let mut counts = Vec::with_capacity(StateName::ALL.len());
        for state in StateName::ALL {
            let mut count: u64 = 0;
            for mid in &mids {
                count = count.saturating_add(refunds::count(&mut tx, *mid, state, COUNTED_AT_MOST).await?);
            }
            counts.push((state, count.min(COUNTED_MAX)));
        }
        Ok(counts)
    }

    fn narrowed(&self, narrowing: &Narrowing) -> Narrowed {
        let search = narrowing.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Narrowed { asset: narrowing.asset, from: narrowing.from, to: narrowing.to, search: search.map(|text| self.search(text)) }
    }

    /// Reads what a text can be.
    fn search(&self, text: &str) -> Search {
        let text: String = text.chars().take(SEARCH_CHARS_MAX).collect();
        if let Ok(id) = text.parse::<Uuid>() {
            return Search::Id(id, text);
        }
        if EmailAddress::parse(&text).is_ok() {
            return Search::Email(text.to_ascii_lowercase());
        }
        let number = text.replace(',', "");
        let amounts = self.assets().all().filter_map(|asset| Some((asset.id, asset.parse_amount(&number).ok()?.units)));
        let amounts = amounts.filter(|(_, units)| *units > 0).collect();
        // As it is stored: explorers show addresses in lower case whose case is a checksum (EIP-55).
        let mut networks = self.assets().all().map(|asset| asset.network);
        let address = networks.find_map(|network| Destination::parse(network, &text, None).ok());
        let address = address.map_or_else(|| text.clone(), |destination| destination.address().to_owned());
        Search::Text { text, address, amounts }
    }
}

/// Returns the MIDs that are looked through one by one, so that each is one walk along an index; all together for the operator of many.
pub(crate) async fn looked_through(tx: &mut Tx, caller: &Caller, only: Option<MidId>) -> Result<Vec<Option<MidId>>, Error> {
    if caller.scope == Scope::Everything && only.is_none() {
        let few = merchants::few_mids(tx, WALKED_MAX).await?;
        return Ok(few.map_or_else(|| vec![None], |mids| mids.into_iter().map(Some).collect()));
    }
    let mids = merchants::mids(tx, MidFilter::new(caller.scope, only)).await?;
    Ok(mids.into_iter().map(|mid| Some(mid.id)).collect())
}

/// Merges the pages of several MIDs into one, newest first. One row more than wanted was asked for, to see whether there are more.
fn cut<T, K: Ord>(mut rows: Vec<T>, place: Place, limit: u32, key: impl Fn(&T) -> K) -> Browsed<T> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    match place.turn() {
        Turn::Older(_) => rows.sort_by_key(|row| Reverse(key(row))),
        Turn::Newer(_) => rows.sort_by_key(&key),
    }
    let has_more = rows.len() > wanted;
    rows.truncate(wanted);
    let (has_newer, has_older) = match place {
        Place::Newest => (false, has_more),
        Place::OlderThan(_) => (true, has_more),
        Place::NewerThan(_) => (has_more, true),
    };
    if matches!(place, Place::NewerThan(_)) {
        rows.reverse();
    }
    Browsed { rows, has_newer, has_older }
}

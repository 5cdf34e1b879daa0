//! Watching: looks at the chains for transfers to our addresses. How far a chain was read is a row that all processes share; which
//! addresses there are is kept here and only added to.
//!
//! Any number of processes look at the same chain. Each records what it finds before it moves the cursor, and moves it only from where it
//! found it. So the cursor never passes a transfer that is not recorded: neither one that another process reads at the same moment (the
//! same transfer twice is one deposit), nor one to an address that was handed out while the look went on, or while its process was paused
//! for a minute: those addresses are looked for once more, in the same blocks.

use std::collections::HashMap;

use domain::ids::InvoiceId;
use domain::money::Network;
use jiff::{SignedDuration, Timestamp};

use super::Witness;
use crate::rails::{BlockMark, Rail, Scan, SeenDeposit, Watched};
use crate::store::invoices as rows;
use crate::store::rails::{self, Cursor};
use crate::{Engine, Error};

/// How long after its end an invoice's address is still watched for late money.
const WATCHED_AFTER_END: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long a deposit whose block went away is still looked at: the chain may take it again, or the node was behind.
const GONE_LOOKED_AT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long addresses are only added to before they are read anew, without those whose time is over.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What this process knows of a network's addresses.
pub(crate) struct Watching {
    /// When the last look that reached the chain's head began.
    read_up_to: Timestamp,
    /// The last invoice taken up, by its number.
    number: i64,
    addresses: Vec<Watched>,
    invoices: HashMap<(String, Option<String>), InvoiceId>,
    /// Those for what comes to a shared account without a tag that an invoice has, by the account.
    accounts: HashMap<String, InvoiceId>,
    anew_at: Timestamp,
}

impl Watching {
    /// Returns what a process knows that just started.
    pub(crate) fn nothing() -> Self {
        Self {
            read_up_to: Timestamp::MIN,
            number: 0,
            addresses: Vec::new(),
            invoices: HashMap::new(),
            accounts: HashMap::new(),
            anew_at: Timestamp::MIN,
        }
    }
}

impl Engine {
    /// Looks at a chain once: new transfers to our addresses, and what became of those that were not final. One look at a time. Where others
    /// tell of deposits there is nothing to look for.
    ///
    /// # Errors
    /// `Rail` when the node does not answer; what was recorded until then stays, the rest comes next time.
    pub async fn watch(&self, network: Network) -> Result<(), Error> {
        if self.is_told(network) {
            return Ok(());
        }
        let mut watching = self.watching(network)?.lock().await;
        self.read_on(network, &mut watching).await
    }

    /// Says whether all is known that a chain took up to `instant`, after at most one look: an invoice is judged by what was
    /// paid in time, not by what was read in time. Where others tell, nobody knows that, and what they tell later is judged then.
    pub(crate) async fn has_read_past(&self, network: Network, instant: Timestamp) -> Result<bool, Error> {
        if self.is_told(network) {
            return Ok(self.now() > instant);
        }
        let mut watching = self.watching(network)?.lock().await;
        if watching.read_up_to <= instant {
            self.read_on(network, &mut watching).await?;
        }
        Ok(watching.read_up_to > instant)
    }

    fn watching(&self, network: Network) -> Result<&tokio::sync::Mutex<Watching>, Error> {
        self.0.watching.get(&network).ok_or(Error::NotFound)
    }

    async fn read_on(&self, network: Network, watching: &mut Watching) -> Result<(), Error> {
        self.follow_clock().await?;
        let began_at = self.now();
        let rail = self.rail(network)?;
        if began_at >= watching.anew_at {
            let anew_at = began_at.saturating_add(KEPT_FOR).unwrap_or(began_at);
            *watching = Watching { read_up_to: watching.read_up_to, anew_at, ..Watching::nothing() };
        }
        self.take_up(network, began_at, watching).await?;
        let again_since = began_at.checked_sub(GONE_LOOKED_AT_FOR).unwrap_or(Timestamp::MIN);
        let mut tx = self.store().read().await?;
        let cursor = rails::cursor(&mut tx, network).await?;
        let waiting = rows::deposits_not_final(&mut tx, network, again_since).await?;
        drop(tx);

        let known = watching.addresses.len();
        let (mut scan, mut block) = look(rail.as_ref(), cursor.as_ref(), &watching.addresses).await?;
        // Whoever was paid in these blocks had the address before they were made, so it is to be seen by now.
        self.take_up(network, began_at, watching).await?;
        let late = watching.addresses.get(known..).unwrap_or_default();
        if cursor.is_some() && !late.is_empty() {
            let (again, last_block) = look(rail.as_ref(), cursor.as_ref(), late).await?;
            scan.deposits.extend(again.deposits);
            if again.cursor < scan.cursor {
                (scan.cursor, scan.is_at_head, block) = (again.cursor, again.is_at_head, last_block);
            }
        }
        for seen in scan.deposits.iter().filter(|seen| seen.units > 0) {
            if let Some(invoice) = self.paid_invoice(watching, seen).await? {
                self.take_in(self.seen(invoice, seen)?, Witness::Chain).await?;
            }
        }
        let read = Cursor { position: scan.cursor, block };
        if cursor.as_ref() != Some(&read) {
            // After the deposits: a crash in between reads these blocks again. Whether another process was first does not matter.
            self.store().write(move |tx| Box::pin(async move { rails::move_cursor(tx, network, cursor.as_ref(), &read).await })).await?;
        }
        for deposit in waiting {
            let txid = deposit.txid.clone();
            // One deposit that the node knows nothing of keeps nobody else's from being seen.
            if let Err(error) = self.look_again(rail.as_ref(), deposit).await {
                tracing::warn!(%network, txid, %error, "a deposit could not be looked at again; trying again");
            }
        }
        if scan.is_at_head {
            watching.read_up_to = began_at;
        }
        Ok(())
    }

    /// Returns which invoice a transfer pays; on a shared account there is one for every transfer.
    async fn paid_invoice(&self, watching: &Watching, seen: &SeenDeposit) -> Result<Option<InvoiceId>, Error> {
        let tagged = watching.invoices.get(&(seen.address.clone(), seen.tag.clone()));
        let Some(account) = watching.accounts.get(&seen.address).filter(|account| tagged.is_none_or(|tagged| tagged == *account)) else {
            return Ok(tagged.copied());
        };
        let mut tx = self.store().read().await?;
        Ok(Some(rows::on_shared_account(&mut tx, *account, &seen.external_id, seen.tag.as_deref()).await?))
    }

    /// Adds the addresses that were handed out since the last time, by whichever process.
    async fn take_up(&self, network: Network, now: Timestamp, watching: &mut Watching) -> Result<(), Error> {
        let since = now.checked_sub(WATCHED_AFTER_END).unwrap_or(Timestamp::MIN);
        let mut tx = self.store().read().await?;
        let new = rows::watched(&mut tx, network, since, watching.number).await?;
        drop(tx);
        for invoice in new {
            let key = (invoice.address.address().to_owned(), invoice.address.tag().map(ToString::to_string));
            if invoice.is_for_untagged {
                watching.accounts.insert(key.0.clone(), invoice.id);
            }
            watching.invoices.insert(key, invoice.id);
            // Every asset of the network can reach an address, not only the one that was asked for.
            let assets = self.assets().all().filter(|asset| asset.network == network);
            watching.addresses.extend(assets.map(|asset| Watched { destination: invoice.address.clone(), asset: asset.clone() }));
            watching.number = invoice.number;
        }
        Ok(())
    }
}

/// Looks once, from the cursor on, and says which block the look ended at.
async fn look(rail: &dyn Rail, cursor: Option<&Cursor>, addresses: &[Watched]) -> Result<(Scan, Option<String>), Error> {
    let last_block = cursor.and_then(|cursor| Some(BlockMark { position: cursor.position, name: cursor.block.clone()? }));
    rail.go_on_from(last_block);
    let scan = rail.watch(cursor.map(|cursor| cursor.position), addresses).await?;
    let block = rail.last_block().filter(|block| block.position == scan.cursor).map(|block| block.name);
    Ok((scan, block))
}

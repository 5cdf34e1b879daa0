//! The sandbox: payments made up, the clock moved, chains disturbed. Nothing here works outside of it.

use data_encoding::HEXLOWER;
use domain::destination::Destination;
use domain::ids::InvoiceId;
use domain::merchant::Right;
use domain::money::Network;
use domain::policy::Period;
use domain::view::DepositView;
use jiff::Timestamp;

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::rails::{NewSandboxTransaction, mine};
use crate::store::{Store, StoreError, invoices, state};
use crate::{Engine, Error, ids};

use crate::rails::sandbox::SandboxRail;

pub use crate::rails::sandbox::{SandboxAccount, SandboxMode};

/// Where the moved clock is kept: microseconds ahead of the outside world.
const CLOCK: &str = "sandbox_clock_ahead_micros";

/// A payment to make up.
#[derive(Clone, Debug)]
pub struct SandboxDeposit {
    /// On which invoice.
    pub invoice: InvoiceId,
    /// How much.
    pub amount: String,
    /// Of what; the invoice's asset when left out.
    pub asset: Option<String>,
    /// The account it comes from; a made-up one, the same for every payment, when left out.
    pub from: Option<String>,
    /// The tag it carries, or `none`; the invoice's own when left out.
    pub tag: Option<String>,
    /// When the chain took it; now when left out.
    pub seen_at: Option<Timestamp>,
    /// Whether it is there for good at once.
    pub is_final: bool,
}

impl SandboxDeposit {
    /// Returns a payment of what the invoice asks for, now, for good.
    #[must_use]
    pub fn of(invoice: InvoiceId, amount: impl Into<String>) -> Self {
        Self { invoice, amount: amount.into(), asset: None, from: None, tag: None, seen_at: None, is_final: true }
    }
}

impl Engine {
    /// Makes a payment on an invoice's address up. It comes in through the watcher, as a real one would.
    ///
    /// # Errors
    /// `SandboxOff`, `Invalid`, `NotFound`.
    pub async fn sandbox_deposit(&self, caller: &Caller, new: SandboxDeposit) -> Result<DepositView, Error> {
        self.require_sandbox()?;
        caller.require(Right::MakeInvoices)?;
        let invoice = self.own_invoice(caller, new.invoice).await?;
        let views = self.views();
        let own = views.asset(invoice.charged.asset)?;
        // Another asset of the same network can reach the invoice's address; what becomes of it is a case of its own.
        let asset = match &new.asset {
            None => Some(own),
            Some(text) => text.parse().ok().and_then(|id| self.assets().get(id)).filter(|asset| asset.network == own.network),
        };
        let asset = asset.ok_or_else(|| {
            let network = own.network;
            Error::field(
                "asset",
                "unknown",
                format!("choose a configured asset on {network}: nothing else can reach this invoice's address"),
            )
        })?;
        let amount = asset.parse_amount(&new.amount).map_err(|error| Error::field("amount", "invalid", error.to_string()))?;
        if amount.is_zero() {
            return Err(Error::field("amount", "zero", "send more than nothing"));
        }
        let network = asset.network;
        let source = match &new.from {
            None => SandboxRail::payer(network).map(|payer| payer.account()),
            Some(from) => Destination::account_of(network, from),
        };
        let source = source.map_err(|error| Error::field("from", error.code(), error.message(network, asset.id.symbol())))?;
        let to = match &new.tag {
            None => Ok(invoice.address.clone()),
            Some(tag) => Destination::parse(network, invoice.address.address(), Some(tag)),
        };
        let to = to.map_err(|error| Error::field("tag", error.code(), error.message(network, asset.id.symbol())))?;
        let txid = HEXLOWER.encode(&ids::random_bytes());
        let transaction = NewSandboxTransaction {
            network,
            txid: txid.clone(),
            output: 0,
            slot: None,
            kind: "deposit",
            asset: asset.id,
            units: amount.units,
            address: to.address().to_owned(),
            tag: to.tag().map(ToString::to_string),
            source: Some(source),
            mined_at: new.seen_at.unwrap_or_else(|| self.now()),
            is_final: new.is_final,
            succeeded: true,
        };
        // A transaction is mined once, however often it is asked for.
        retrying!(self.mine(transaction.clone()))?;
        self.watch(network).await?;
        let mut tx = self.store().read().await?;
        let seen = invoices::deposit_by_external_id(&mut tx, invoice.mid, &txid).await?.ok_or_else(|| {
            Error::field("invoice", "not_watched", "this invoice ended more than 90 days ago: its address is not watched any more")
        })?;
        Ok(views.deposit(&seen)?)
    }

    async fn mine(&self, transaction: NewSandboxTransaction) -> Result<(), Error> {
        match self.store().write(move |tx| Box::pin(async move { mine(tx, &transaction).await })).await {
            Err(StoreError::Lost) => Err(Error::Conflict),
            mined => Ok(mined?),
        }
    }

    /// Moves the engine's clock forward and runs what fell due.
    ///
    /// # Errors
    /// `SandboxOff`, `Invalid` for a step backwards or of more than ten years.
    pub async fn sandbox_advance(&self, by: Period) -> Result<Timestamp, Error> {
        self.require_sandbox()?;
        let now = self.now();
        let moved = by.after(now).duration_since(now);
        let ten_years = jiff::SignedDuration::from_hours(10 * 366 * 24);
        if moved.is_negative() || moved > ten_years {
            return Err(Error::field("advance", "out_of_range", "move the clock forward by at most ten years, such as PT72H"));
        }
        let micros = i64::try_from(moved.as_micros()).unwrap_or_default();
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                let ahead: i64 = state::get_to_change(tx, CLOCK).await?.and_then(|text| text.parse().ok()).unwrap_or_default();
                let ahead = ahead.saturating_add(micros);
                state::set(tx, CLOCK, &ahead.to_string()).await?;
                Ok(ahead)
            })
        });
        // The row first: every process goes by it.
        let ahead = write.await?;
        if !self.clock().follow(ahead) {
            self.clock().advance(moved);
        }
        self.run_due_jobs().await?;
        Ok(self.now())
    }

    /// Goes on by the clock that another process may have moved, in a sandbox.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn follow_clock(&self) -> Result<(), Error> {
        if self.settings().is_sandbox {
            self.clock().follow(clock_ahead(self.store()).await?);
        }
        Ok(())
    }

    /// Makes a simulated chain misbehave, or behave again.
    ///
    /// # Errors
    /// `SandboxOff`, or `Invalid` for a network with a real rail.
    pub async fn sandbox_rail(&self, network: Network, mode: SandboxMode) -> Result<(), Error> {
        self.require_sandbox()?;
        if !self.is_simulated(network) {
            return Err(Error::field("network", "not_simulated", "this network has a real rail"));
        }
        let name = crate::rails::sandbox::mode_state(network);
        let write = self.store().write(move |tx| Box::pin(async move { state::set(tx, &name, mode.name()).await }));
        Ok(write.await?)
    }

    /// Makes or takes away somebody's account on a simulated chain, for networks where an account must exist before it is paid.
    ///
    /// # Errors
    /// `SandboxOff`, or `Invalid` for a network with a real rail and for what is no address of it.
    pub async fn sandbox_account(&self, network: Network, address: &str, account: SandboxAccount) -> Result<(), Error> {
        self.require_sandbox()?;
        if !self.is_simulated(network) {
            return Err(Error::field("network", "not_simulated", "this network has a real rail"));
        }
        let destination = Destination::parse(network, address, Some("none"))
            .map_err(|error| Error::field("address", error.code(), error.message(network, network.title())))?;
        let name = crate::rails::sandbox::account_state(&destination);
        let write = self.store().write(move |tx| Box::pin(async move { state::set(tx, &name, account.name()).await }));
        Ok(write.await?)
    }

    /// Takes the newest blocks of a simulated chain away: what was in them vanishes. A payout's bytes are mined again when they are
    /// sent again; a payment is gone.
    ///
    /// # Errors
    /// `SandboxOff`, or `Invalid` for a network with a real rail.
    pub async fn sandbox_reorg(&self, network: Network, blocks: u32) -> Result<u64, Error> {
        self.require_sandbox()?;
        if !self.is_simulated(network) {
            return Err(Error::field("network", "not_simulated", "this network has a real rail"));
        }
        // A block a second.
        let since = self.now().saturating_sub(jiff::SignedDuration::from_secs(i64::from(blocks))).unwrap_or(Timestamp::MIN);
        Ok(self.store().write(move |tx| Box::pin(crate::store::rails::reorganise(tx, network, since))).await?)
    }

    /// Takes the payments that [`Self::sandbox_reorg`] took away into blocks of a simulated chain again: what a miner may do at any time.
    ///
    /// # Errors
    /// `SandboxOff`, or `Invalid` for a network with a real rail.
    pub async fn sandbox_mine_again(&self, network: Network) -> Result<u64, Error> {
        self.require_sandbox()?;
        if !self.is_simulated(network) {
            return Err(Error::field("network", "not_simulated", "this network has a real rail"));
        }
        Ok(self.store().write(move |tx| Box::pin(crate::store::rails::mine_again(tx, network))).await?)
    }

    /// Says whether a network has no real rail.
    pub(crate) fn is_simulated(&self, network: Network) -> bool {
        self.0.simulated.contains(&network)
    }

    pub(crate) fn require_sandbox(&self) -> Result<(), Error> {
        if self.settings().is_sandbox { Ok(()) } else { Err(Error::SandboxOff) }
    }
}

/// Returns by how much the clock was moved, by whichever process.
pub(crate) async fn clock_ahead(store: &Store) -> Result<i64, StoreError> {
    Ok(store.state(CLOCK).await?.and_then(|text| text.parse().ok()).unwrap_or_default())
}

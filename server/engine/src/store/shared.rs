//! Questions, shared: who asks for a row while the question before is answered asks together with all who do, and gets an answer that was
//! read after they asked. Every question costs a trip to the database, and one about thirty rows costs little more than one about a single
//! row; nothing is kept. One that cannot be answered takes no other along.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use domain::claim::{Consent, TokenHash};
use domain::exception::ExceptionCase;
use domain::ids::{ClaimId, InvoiceId, MidId, PayoutId, RefundId};
use domain::invoice::{Deposit, Invoice};
use domain::language::Spoken;
use domain::merchant::Mid;
use domain::money::{AssetId, Network};
use domain::payout::Payout;
use domain::refund::Refund;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::brands::Front;
use super::callers::ApiKey;
use super::claims::Link;
use super::invoices::Cap;
use super::rails::SandboxTransaction;
use super::{
    Connections, Store, StoreError, Tx, Work, brands, callers, claims, connections, emails, invoices, ledger, merchants, payouts, policies,
    rails, refunds, state,
};
use crate::policies::Version;

/// How many share a question at most.
const TOGETHER_MAX: usize = 64;
/// How long an answer may take before its connection is given up: others wait behind it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads what some keys name.
type Read<K, V> = for<'t> fn(&'t mut Tx, &'t [K]) -> Work<'t, HashMap<K, V>>;

/// Questions of one kind.
struct Line<K, V>(mpsc::UnboundedSender<Asked<K, V>>);

struct Asked<K, V> {
    key: K,
    answer: oneshot::Sender<Result<Option<V>, StoreError>>,
}

impl<K, V> Clone for Line<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Line<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn start(readers: &Connections, read: Read<K, V>) -> Self {
        let (asking, mut asked) = mpsc::unbounded_channel();
        let readers = readers.clone();
        tokio::spawn(async move {
            let mut together = Vec::with_capacity(TOGETHER_MAX);
            while asked.recv_many(&mut together, TOGETHER_MAX).await > 0 {
                answer(&readers, read, &mut together).await;
            }
        });
        Self(asking)
    }

    async fn ask(&self, key: K) -> Result<Option<V>, StoreError> {
        let (answer, answered) = oneshot::channel();
        // Nobody answers only when the process ends.
        self.0.send(Asked { key, answer }).map_err(|_| StoreError::Away)?;
        answered.await.map_err(|_| StoreError::Away)?
    }
}

/// Answers all who ask together; when the rows of one of them make no sense, each by itself.
async fn answer<K, V>(readers: &Connections, read: Read<K, V>, together: &mut Vec<Asked<K, V>>)
where
    K: Clone + Eq + Hash,
    V: Clone,
{
    let keys: Vec<K> = together.iter().map(|asked| asked.key.clone()).collect();
    let mut found = Some(look_up(readers, read, &keys).await);
    let is_alone = together.len() == 1;
    for Asked { key, answer } in together.drain(..) {
        let answered = match &found {
            Some(Ok(found)) => Ok(found.get(&key).cloned()),
            Some(Err(error)) if error.is_away() => Err(StoreError::Away),
            Some(Err(_)) if !is_alone => look_up(readers, read, std::slice::from_ref(&key)).await.map(|mut found| found.remove(&key)),
            _ => found.take().map_or(Err(StoreError::Away), |found| found.map(|mut found| found.remove(&key))),
        };
        // Who went away no longer wants to know.
        answer.send(answered).ok();
    }
}

async fn look_up<K, V>(readers: &Connections, read: Read<K, V>, keys: &[K]) -> Result<HashMap<K, V>, StoreError> {
    let mut held = readers.acquire().await?;
    let read = tokio::time::timeout(ANSWER_TIMEOUT, read(&mut held, keys)).await;
    read.unwrap_or_else(|_| {
        held.close_on_drop();
        connections::note_trouble();
        Err(StoreError::Away)
    })
}

/// The kinds of questions that every payment and every refund ask.
#[derive(Clone)]
pub(super) struct Shared {
    state: Line<String, String>,
    keys: Line<[u8; 32], ApiKey>,
    mids: Line<Uuid, Mid>,
    invoices: Line<Uuid, Invoice>,
    payments: Line<Uuid, Payments>,
    refunds: Line<Uuid, Refund>,
    payouts: Line<Uuid, Payout>,
    claims: Line<[u8; 32], (ClaimId, RefundId)>,
    cancels: Line<[u8; 32], (ClaimId, RefundId)>,
    frozen: Line<Uuid, (Timestamp, String)>,
    available: Line<Uuid, BTreeMap<AssetId, u128>>,
    caps: Line<Uuid, BTreeMap<AssetId, Cap>>,
    fronts: Line<Uuid, Front>,
    policies: Line<Uuid, Arc<Vec<Version>>>,
    spoken: Line<Uuid, Spoken>,
    consents: Line<Uuid, Consent>,
    mined: Line<(Network, String), SandboxTransaction>,
}

/// What came to an invoice, oldest first, and how it differed.
#[derive(Clone, Default)]
pub(crate) struct Payments {
    pub(crate) deposits: Vec<Deposit>,
    pub(crate) cases: Vec<ExceptionCase>,
}

impl Shared {
    pub(super) fn start(readers: &Connections) -> Self {
        Self {
            state: Line::start(readers, |tx, names| Box::pin(async move { Ok(state::get_all(tx, names).await?.into_iter().collect()) })),
            keys: Line::start(readers, |tx, tokens| Box::pin(callers::keys_by_token(tx, tokens))),
            mids: Line::start(readers, |tx, ids| {
                Box::pin(async move { Ok(merchants::mids_of(tx, ids).await?.into_iter().map(|mid| (mid.id.0, mid)).collect()) })
            }),
            invoices: Line::start(readers, |tx, ids| {
                Box::pin(async move { Ok(invoices::load_all(tx, ids).await?.into_iter().map(|(id, invoice)| (id.0, invoice)).collect()) })
            }),
            payments: Line::start(readers, |tx, ids| Box::pin(payments(tx, ids))),
            refunds: Line::start(readers, |tx, ids| {
                Box::pin(async move { Ok(refunds::load_all(tx, ids).await?.into_iter().map(|refund| (refund.id.0, refund)).collect()) })
            }),
            payouts: Line::start(readers, |tx, ids| {
                Box::pin(async move { Ok(payouts::load_all(tx, ids).await?.into_iter().map(|(id, payout)| (id.0, payout)).collect()) })
            }),
            claims: Line::start(readers, |tx, tokens| Box::pin(claims::by_tokens(tx, Link::Claim, tokens))),
            cancels: Line::start(readers, |tx, tokens| Box::pin(claims::by_tokens(tx, Link::Cancel, tokens))),
            frozen: Line::start(readers, |tx, mids| Box::pin(merchants::frozen_of(tx, mids))),
            available: Line::start(readers, |tx, mids| Box::pin(ledger::available_of(tx, mids))),
            caps: Line::start(readers, |tx, ids| Box::pin(caps(tx, ids))),
            policies: Line::start(readers, |tx, mids| Box::pin(policies::active_of(tx, mids))),
            fronts: Line::start(readers, |tx, mids| Box::pin(brands::fronts(tx, mids))),
            spoken: Line::start(readers, |tx, ids| Box::pin(emails::spoken_of(tx, ids))),
            consents: Line::start(readers, |tx, ids| Box::pin(invoices::consents(tx, ids))),
            mined: Line::start(readers, |tx, wanted| Box::pin(rails::mined(tx, wanted))),
        }
    }
}

async fn payments(tx: &mut Tx, invoices: &[Uuid]) -> Result<HashMap<Uuid, Payments>, StoreError> {
    let mut known: HashMap<Uuid, Payments> = HashMap::new();
    for deposit in invoices::deposits_of(tx, invoices).await? {
        known.entry(deposit.invoice.0).or_default().deposits.push(deposit);
    }
    for case in invoices::cases_of(tx, invoices).await? {
        known.entry(case.invoice.0).or_default().cases.push(case);
    }
    Ok(known)
}

async fn caps(tx: &mut Tx, invoices: &[Uuid]) -> Result<HashMap<Uuid, BTreeMap<AssetId, Cap>>, StoreError> {
    let mut known: HashMap<Uuid, BTreeMap<AssetId, Cap>> = HashMap::new();
    for ((invoice, asset), (cap, _)) in invoices::caps_of(tx, invoices).await? {
        known.entry(invoice.0).or_default().insert(asset, cap);
    }
    Ok(known)
}

impl Store {
    /// Returns a value of the running system's own settings.
    pub(crate) async fn state(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.shared.state.ask(name.to_owned()).await
    }

    /// Returns a key that lets in, by its token.
    pub(crate) async fn key_by_token(&self, token: TokenHash) -> Result<Option<ApiKey>, StoreError> {
        self.shared.keys.ask(token.0).await
    }

    /// Returns a MID.
    pub(crate) async fn mid(&self, id: MidId) -> Result<Option<Mid>, StoreError> {
        self.shared.mids.ask(id.0).await
    }

    /// Returns an invoice.
    pub(crate) async fn invoice(&self, id: InvoiceId) -> Result<Option<Invoice>, StoreError> {
        self.shared.invoices.ask(id.0).await
    }

    /// Returns what is known to have come to an invoice.
    pub(crate) async fn payments(&self, invoice: InvoiceId) -> Result<Payments, StoreError> {
        Ok(self.shared.payments.ask(invoice.0).await?.unwrap_or_default())
    }

    /// Returns a refund.
    pub(crate) async fn refund(&self, id: RefundId) -> Result<Option<Refund>, StoreError> {
        self.shared.refunds.ask(id.0).await
    }

    /// Returns a payout.
    pub(crate) async fn payout(&self, id: PayoutId) -> Result<Option<Payout>, StoreError> {
        self.shared.payouts.ask(id.0).await
    }

    /// Returns the claim and refund behind a token.
    pub(crate) async fn claim(&self, link: Link, token: TokenHash) -> Result<Option<(ClaimId, RefundId)>, StoreError> {
        match link {
            Link::Claim => self.shared.claims.ask(token.0).await,
            Link::Cancel => self.shared.cancels.ask(token.0).await,
        }
    }

    /// Returns until when, and why, the money of a MID is stopped: its own or its merchant's, whichever ends later.
    pub(crate) async fn frozen(&self, mid: MidId) -> Result<Option<(Timestamp, String)>, StoreError> {
        self.shared.frozen.ask(mid.0).await
    }

    /// Returns what a merchant may take out of one asset, in base units.
    pub(crate) async fn available(&self, mid: MidId, asset: AssetId) -> Result<u128, StoreError> {
        Ok(self.shared.available.ask(mid.0).await?.and_then(|available| available.get(&asset).copied()).unwrap_or_default())
    }

    /// Returns an invoice's cap in one asset; nothing came in it when there is none.
    pub(crate) async fn cap(&self, invoice: InvoiceId, asset: AssetId) -> Result<Cap, StoreError> {
        Ok(self.shared.caps.ask(invoice.0).await?.and_then(|caps| caps.get(&asset).copied()).unwrap_or_default())
    }

    /// Returns what payers see of a MID.
    pub(crate) async fn front(&self, mid: MidId) -> Result<Option<Front>, StoreError> {
        self.shared.fronts.ask(mid.0).await
    }

    /// Returns the active versions that a MID's settings come from: its merchant's, when that has one, then its own.
    pub(crate) async fn policies(&self, mid: MidId) -> Result<Arc<Vec<Version>>, StoreError> {
        Ok(self.shared.policies.ask(mid.0).await?.unwrap_or_default())
    }

    /// Returns which language an invoice's payer reads, as far as that is known.
    pub(crate) async fn spoken(&self, invoice: InvoiceId) -> Result<Option<Spoken>, StoreError> {
        self.shared.spoken.ask(invoice.0).await
    }

    /// Returns what the payer agreed to on the payment page.
    pub(crate) async fn consent(&self, invoice: InvoiceId) -> Result<Option<Consent>, StoreError> {
        self.shared.consents.ask(invoice.0).await
    }

    /// Returns the first transfer of a transaction on a simulated chain, if it was mined.
    pub(crate) async fn mined(&self, network: Network, txid: &str) -> Result<Option<SandboxTransaction>, StoreError> {
        self.shared.mined.ask((network, txid.to_owned())).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// No row has this number, and one with the other makes no sense.
    const UNKNOWN: usize = 13;
    const WRONG: usize = 17;

    static QUESTIONS: AtomicUsize = AtomicUsize::new(0);

    /// Returns when each was asked about, counted in questions.
    fn look<'t>(_: &'t mut Tx, numbers: &'t [usize]) -> Work<'t, HashMap<usize, usize>> {
        let question = QUESTIONS.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if numbers.contains(&WRONG) {
                return Err(StoreError::Inconsistent { table: "numbers", id: WRONG.to_string() });
            }
            Ok(numbers.iter().filter(|number| **number != UNKNOWN).map(|number| (*number, question)).collect())
        })
    }

    async fn all(line: &Line<usize, usize>, numbers: std::ops::Range<usize>) -> Vec<(usize, Result<Option<usize>, StoreError>)> {
        let asking = numbers.map(|number| {
            let line = line.clone();
            async move { (number, line.ask(number).await) }
        });
        asking.collect::<tokio::task::JoinSet<_>>().join_all().await
    }

    #[tokio::test]
    async fn who_asks_at_the_same_moment_shares_a_question_and_no_trouble() {
        let folder = std::env::temp_dir().join(format!("refundry-shared-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let store = Store::open(&format!("sqlite://{}/refundry.db", folder.display()), Arc::default()).await.expect("a store");
        let line = Line::start(&store.readers, look);

        for (number, answer) in all(&line, 0..40).await {
            match answer {
                Ok(answer) => assert_eq!(answer.is_none(), number == UNKNOWN, "{number}"),
                Err(error) => assert!(number == WRONG && matches!(error, StoreError::Inconsistent { .. }), "{number}: {error}"),
            }
        }
        let asked = QUESTIONS.load(Ordering::SeqCst);
        assert!((2..=43).contains(&asked), "one for whoever came first, one for those who waited, and each of these by itself: {asked}");

        let answers = all(&line, 100..140).await;
        assert!(answers.iter().all(|(_, answer)| matches!(answer, Ok(Some(question)) if *question >= asked)), "nothing is kept");
        assert!(QUESTIONS.load(Ordering::SeqCst) <= asked + 2, "forty share one question");
        std::fs::remove_dir_all(&folder).ok();
    }
}

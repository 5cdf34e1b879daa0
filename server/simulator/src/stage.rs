//! The stage: what all processes of a world share (clock, chains, the merchant's server, what people know), and what people do on it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::claim::{CancelToken, ClaimForm, ClaimToken, MasterKey, ViewerToken};
use domain::destination::{Destination, uses_tag};
use domain::ids::{CaseId, ClaimId, InvoiceId, RefundId};
use domain::invoice::Resolution;
use domain::policy::{OnLate, OnOver, OnUnder, Policy};
use domain::rate::{Fiat, Rate};
use domain::refund::{CancelReason, StateName};
use domain::view::{ClaimViewState, InvoiceView};
use engine::clock::{Clock, TestClock};
use engine::emails::MailSettings;
use engine::freezes::SensitiveChange;
use engine::ids::Ids;
use engine::invoices::NewInvoice;
use engine::outside::Outside;
use engine::rates::FixedRate;
use engine::refunding::NewRefund;
use engine::{Config, Engine, Error};
use jiff::{SignedDuration, Timestamp};
use uuid::{Builder, Uuid};

use crate::auditor::{self, Told};
use crate::chain::Chain;
use crate::chain::rail::{ChainRail, SharedChain};
use crate::database::Shop;
use crate::mail::{PostOffice, Postman};
use crate::merchant::{Mailbox, Merchant};
use crate::mutations::Mutation;
use crate::power::Power;
use crate::script::{Action, Coin, Deed};

/// When every story begins.
pub const START: &str = "2024-10-14T07:34:09Z";
/// Where the merchant listens.
pub const HOOKS: &str = "http://127.0.0.1:9/hooks";
/// Whom mails are for, and come from.
pub const PAYER: &str = "payer@example.com";
/// A tag that no invoice of these stories gets.
const NOBODYS_TAG: &str = "4000000000";
/// The longest time a node stays away: from then on somebody repairs it.
const AWAY_SECS_MAX: u32 = 86_400;
/// Longer than any coin's finality.
const FINAL_AFTER_SECS: u32 = 30;
/// How long after its end an invoice is still paid in these stories; addresses are watched for 90 days.
const PAID_AFTER_END: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Ids that count: the same story mints the same ones.
#[derive(Debug)]
pub struct CountingIds(AtomicU64);

impl CountingIds {
    /// Returns ids that go on after the first `count`.
    #[must_use]
    pub const fn after(count: u64) -> Self {
        Self(AtomicU64::new(count))
    }
}

impl Ids for CountingIds {
    fn mint(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&count.to_be_bytes());
        Builder::from_unix_timestamp_millis(1_728_891_249_000_u64.saturating_add(count), &bytes).into_uuid()
    }
}

/// The installation's secret in these worlds.
#[must_use]
pub const fn master_key() -> MasterKey {
    MasterKey::new([7; 32])
}

/// Returns what an engine is opened with.
#[must_use]
pub fn config(url: &str, clock: Arc<dyn Clock>, outside: Outside) -> Config {
    Config {
        database_url: url.to_owned(),
        master_key: master_key(),
        public_url: "http://127.0.0.1:3000".to_owned(),
        is_sandbox: true,
        freeze_after_change: domain::policy::Period::hours(24),
        allow_private_webhooks: true,
        assets: Coin::ALL.into_iter().map(Chain::asset).collect(),
        rates: [("USDT", "1"), ("ETH", "2000"), ("XRP", "0.5")].into_iter().filter_map(|(symbol, price)| fixed(symbol, price)).collect(),
        rate_sources: Vec::new(),
        rails: Vec::new(),
        signer_socket: "/nonexistent/signer.sock".into(),
        mail: PAYER.parse().ok().map(|from| MailSettings { smtp_url: "smtp://127.0.0.1:9".to_owned(), from }),
        clock: Some(clock),
        outside,
    }
}

fn fixed(symbol: &str, price: &str) -> Option<FixedRate> {
    let currency = "USD".parse().ok()?;
    Some(FixedRate { symbol: symbol.to_owned(), currency, rate: Rate::new(Fiat::parse(price, currency).ok()?.amount).ok()? })
}

/// Something that is being done: in a box, because a future is as large as everything that can be done in it.
type Acting<'a> = Pin<Box<dyn Future<Output = Result<Vec<Told>, Error>> + Send + 'a>>;

/// An invoice as its payers know it.
#[derive(Clone, Debug)]
struct Bill {
    id: InvoiceId,
    coin: Coin,
    to: Destination,
    charged: u128,
    expires_at: Timestamp,
}

/// What all processes of a world share.
pub struct Stage {
    /// The time.
    pub clock: Arc<TestClock>,
    /// The merchant's server.
    pub merchant: Merchant,
    /// The mail server.
    pub mail: PostOffice,
    shop: Shop,
    ids: Arc<CountingIds>,
    chains: BTreeMap<Coin, SharedChain>,
    bills: Mutex<Vec<Bill>>,
    refunds: Mutex<Vec<(RefundId, ClaimId)>>,
    astray: Mutex<Vec<(InvoiceId, CaseId)>>,
    outages: Mutex<Vec<(Timestamp, Timestamp)>>,
    mutation: Option<Mutation>,
}

impl Stage {
    /// Returns an empty stage around a merchant's shop.
    #[must_use]
    pub fn new(shop: Shop, mutation: Option<Mutation>) -> Self {
        let start: Timestamp = START.parse().expect("an instant");
        let chain = |coin| Arc::new(Mutex::new(Chain::new(Chain::asset(coin), start, mutation)));
        let merchant = Merchant::default();
        merchant.listen(HOOKS, shop.endpoint, &shop.secret);
        Self {
            clock: Arc::new(TestClock::at(start)),
            merchant,
            mail: PostOffice::default(),
            // What the shop was founded with is far below.
            ids: Arc::new(CountingIds::after(1000)),
            shop,
            chains: Coin::ALL.into_iter().map(|coin| (coin, chain(coin))).collect(),
            bills: Mutex::default(),
            refunds: Mutex::default(),
            astray: Mutex::default(),
            outages: Mutex::default(),
            mutation,
        }
    }

    /// Opens an engine with a power supply of its own on a database.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn open(&self, url: &str, power: &Arc<Power>) -> Result<Engine, engine::OpenError> {
        let rail = |(coin, chain): (&Coin, &SharedChain)| {
            let network = Chain::asset(*coin).network;
            let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
            let rail: Arc<dyn engine::rails::Rail> = Arc::new(ChainRail::new(network, Arc::clone(chain), clock, Arc::clone(power)));
            (network, rail)
        };
        let outside = Outside {
            ids: Arc::<CountingIds>::clone(&self.ids),
            rails: self.chains.iter().map(rail).collect(),
            post: Some(Arc::new(Mailbox { merchant: self.merchant.clone(), power: Arc::clone(power) })),
            mail: Some(Arc::new(Postman { office: self.mail.clone(), clock: Arc::clone(&self.clock), power: Arc::clone(power) })),
            gate: Some(Arc::<Power>::clone(power)),
            ..Outside::default()
        };
        Engine::open(config(url, Arc::<TestClock>::clone(&self.clock), outside)).await
    }

    /// Returns a chain.
    pub fn chain(&self, coin: Coin) -> MutexGuard<'_, Chain> {
        let chain = self.chains.get(&coin).expect("every coin has a chain");
        chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the refunds there are by now.
    pub fn know(&self, refunds: Vec<(RefundId, ClaimId)>) {
        *lock(&self.refunds) = refunds;
    }

    /// Takes note of the payments that nobody could place when they came.
    pub fn know_astray(&self, cases: Vec<(InvoiceId, CaseId)>) {
        *lock(&self.astray) = cases;
    }

    /// Forgets the invoices people knew: they go on with new ones.
    pub fn forget(&self) {
        lock(&self.bills).clear();
        lock(&self.refunds).clear();
    }

    /// Returns what the outside knows: webhooks after the first `arrivals`, mails after the first `mails`, and what callers were told since
    /// the last look.
    #[must_use]
    pub fn outside(&self, arrivals: usize, mails: usize, told: Vec<Told>) -> auditor::Outside {
        let chains = || Coin::ALL.into_iter().map(|coin| self.chain(coin));
        auditor::Outside {
            paid_out: chains().flat_map(|chain| chain.paid_out()).collect(),
            paid_in: chains().flat_map(|chain| chain.paid_in()).collect(),
            arrivals: self.merchant.arrivals_after(arrivals),
            mails: self.mail.taken_after(mails),
            outages: lock(&self.outages).clone(),
            told,
            now: self.clock.now(),
        }
    }

    /// Lets time go by in which nothing runs.
    pub fn stand_still(&self, seconds: u32) {
        let since = self.clock.now();
        self.clock.advance(SignedDuration::from_secs(i64::from(seconds)));
        lock(&self.outages).push((since, self.clock.now()));
    }

    /// Does something through an engine; returns what the callers were told.
    ///
    /// # Errors
    /// What the engine said. Most refusals are as they should be; the world judges.
    pub fn act<'a>(&'a self, engine: &'a Engine, action: Action) -> Acting<'a> {
        Box::pin(self.happen(engine, action))
    }

    async fn happen(&self, engine: &Engine, action: Action) -> Result<Vec<Told>, Error> {
        let now = self.clock.now();
        match action {
            Action::Invoice { coin } => return self.invoice(engine, coin).await,
            Action::Pay { invoice, percent } => self.pay(invoice, percent, Some),
            Action::PayAstray { invoice, percent, has_tag } => {
                let tag = if has_tag { NOBODYS_TAG } else { "none" };
                self.pay(invoice, percent, |to| to.tag().and_then(|_| Destination::parse(to.network(), to.address(), Some(tag)).ok()));
            }
            Action::Attribute { case, invoice } => {
                let (Some((from, case)), Some(to)) = (nth(&lock(&self.astray), case), nth(&lock(&self.bills), invoice)) else {
                    return Ok(Vec::new());
                };
                engine.attribute_case(&self.shop.caller, from, case, to.id).await?;
            }
            Action::SendBack { case } => {
                let Some((from, case)) = nth(&lock(&self.astray), case) else { return Ok(Vec::new()) };
                engine.resolve_case(&self.shop.caller, from, case, Resolution::Refund).await?;
            }
            Action::Claim { refund, payer } => return self.claim(engine, refund, payer).await,
            Action::CancelAsPayer { refund } => {
                let Some((refund, claim)) = self.nth_refund(refund) else { return Ok(Vec::new()) };
                let token = CancelToken::derive(&master_key(), claim);
                engine.cancel_claim(&token, CancelReason::WrongAddress, None).await?;
                return Ok(vec![told_state(refund, StateName::Canceled)]);
            }
            Action::CancelAsMerchant { refund } => {
                let Some((refund, _)) = self.nth_refund(refund) else { return Ok(Vec::new()) };
                let view = engine.cancel_refund(&self.shop.caller, refund, CancelReason::Other, None).await?;
                return Ok(vec![told_state(refund, view.state), told_state(refund, StateName::Canceled)]);
            }
            Action::Retry { refund } => {
                let Some((refund, _)) = self.nth_refund(refund) else { return Ok(Vec::new()) };
                let view = engine.retry_refund(&self.shop.caller, refund).await?;
                return Ok(vec![told_state(refund, view.state)]);
            }
            Action::Freeze => engine.freeze(self.shop.merchant, SensitiveChange::ApiKey).await?,
            Action::Policy { number } => {
                engine.set_policy(&self.shop.caller, self.shop.mid, policy(number)).await?;
            }
            Action::Wait { seconds } => self.wait(engine, seconds).await?,
            Action::Work => self.work(engine, 1).await?,
            Action::Breaks { coin, fault } => self.chain(coin).breaks(fault),
            Action::Heals { coin } => self.chain(coin).heals(),
            Action::Reorg { coin, depth, loses_deposits } => self.chain(coin).reorganise(depth, loses_deposits, now),
            Action::Evicts { coin } => self.chain(coin).evict(now),
            Action::TakesSlot { coin } => self.chain(coin).take_slot(now),
            Action::Receiver { mood } => self.merchant.be(mood),
            Action::PostOffice { mood } => self.mail.be(mood),
            Action::Refund { invoice, percent, payer, immediate } => {
                return self.give_back(engine, invoice, percent, payer, immediate).await;
            }
            Action::Staff { deed, refund } => return self.handle(engine, deed, refund).await,
            Action::Loses { coin } => self.chain(coin).lose(now),
            Action::BringsBack { coin } => self.chain(coin).bring_back(now),
            // The world's own doing.
            Action::Restart | Action::Outage { .. } => {}
        }
        Ok(Vec::new())
    }

    async fn invoice(&self, engine: &Engine, coin: Coin) -> Result<Vec<Told>, Error> {
        let asset = Chain::asset(coin);
        let id = InvoiceId(self.ids.mint());
        let new = NewInvoice {
            mid: self.shop.mid,
            reference: format!("order-{id}"),
            guid: None,
            amount: "20.00".to_owned(),
            currency: "USD".to_owned(),
            asset: asset.id.to_string(),
            expires_in: None,
            // Who pays in coin is asked with the claim.
            payer_email: asset.contract.is_some().then(|| PAYER.to_owned()),
            charged_amount: None,
            rate: Some(
                match coin {
                    Coin::Usdt => "1",
                    Coin::Eth => "2000",
                    Coin::Xrp => "0.5",
                }
                .to_owned(),
            ),
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            refund_to: None,
            overrides: None,
        };
        let view = match engine.create_invoice(&self.shop.caller, new.clone(), id).await {
            Ok(view) => view,
            // The answer was lost: the merchant asks again with the same id, as the API's idempotency keys do.
            Err(Error::Store(engine::StoreError::Lost)) => engine.create_invoice(&self.shop.caller, new, id).await?,
            Err(error) => return Err(error),
        };
        lock(&self.bills).push(bill(coin, &view));
        Ok(vec![Told { what: "invoice", subject: id.0, detail: String::new() }])
    }

    /// Sends money where the invoice says, as `way` changes that.
    fn pay(&self, invoice: u8, percent: u16, way: impl FnOnce(Destination) -> Option<Destination>) {
        let now = self.clock.now();
        let Some(bill) = nth(&lock(&self.bills), invoice) else { return };
        let Some(to) = way(bill.to) else { return };
        if now.duration_since(bill.expires_at) > PAID_AFTER_END {
            return;
        }
        let units = bill.charged.saturating_mul(u128::from(percent)).checked_div(100).unwrap_or_default();
        self.chain(bill.coin).pay_in(to, units, now);
    }

    /// What staff does about a refund.
    fn handle<'a>(&'a self, engine: &'a Engine, deed: Deed, refund: u8) -> Acting<'a> {
        let Shop { caller, checker, .. } = &self.shop;
        Box::pin(async move {
            let Some((refund, _)) = self.nth_refund(refund) else { return Ok(Vec::new()) };
            let view = match deed {
                Deed::Approve => engine.approve_refund(checker, refund).await?,
                Deed::Decline => engine.decline_refund(checker, refund, "not ours").await?,
                Deed::Hold => engine.hold_refund(caller, refund).await?,
                Deed::LetGo => engine.release_refund(checker, refund).await?,
                Deed::Reissue => engine.reissue_refund(caller, refund).await?,
            };
            Ok(vec![told_state(refund, view.state)])
        })
    }

    fn give_back<'a>(&'a self, engine: &'a Engine, invoice: u8, percent: u8, payer: Option<u8>, immediate: bool) -> Acting<'a> {
        Box::pin(async move {
            let Some(bill) = nth(&lock(&self.bills), invoice) else { return Ok(Vec::new()) };
            let network = Chain::asset(bill.coin).network;
            let to = payer.and_then(|payer| Destination::of_account(network, [payer.saturating_add(1); 20], None).ok());
            let id = RefundId(self.ids.mint());
            let new = NewRefund {
                percent: Some(percent.to_string()),
                tag: to.as_ref().filter(|_| uses_tag(network)).map(|_| "none".to_owned()),
                address: to.map(|to| to.address().to_owned()),
                immediate,
                ..NewRefund::default()
            };
            let view = engine.create_refund(&self.shop.caller, bill.id, new, id).await?;
            Ok(vec![told_state(id, view.state)])
        })
    }

    async fn claim(&self, engine: &Engine, refund: u8, payer: u8) -> Result<Vec<Told>, Error> {
        let Some((refund, claim)) = self.nth_refund(refund) else { return Ok(Vec::new()) };
        let token = ClaimToken::derive(&master_key(), claim);
        let network = engine.claim_view(&token, None).await?.asset.network;
        let Ok(to) = Destination::of_account(network, [payer.saturating_add(1); 20], None) else { return Ok(Vec::new()) };
        let tag = if uses_tag(network) { "none" } else { "" }.to_owned();
        let form =
            ClaimForm { address: to.address().to_owned(), tag, consent: "1".to_owned(), email: PAYER.to_owned(), ..ClaimForm::default() };
        let viewer = match engine.confirm_claim(&token, &form, None).await {
            Err(Error::Invalid(errors)) if errors.message("code").is_some() => self.prove(engine, &token, form, payer).await?,
            confirmed => confirmed?,
        };
        let mut told = vec![Told { what: "claimed", subject: refund.0, detail: to.address().to_owned() }];
        if self.is_shown_to_strangers(engine, &token, &viewer).await? {
            told.push(Told { what: "stranger", subject: refund.0, detail: String::new() });
        }
        Ok(told)
    }

    /// The payer waits for the mail with the code and types it; some mistype it first.
    async fn prove(&self, engine: &Engine, token: &ClaimToken, form: ClaimForm, payer: u8) -> Result<ViewerToken, Error> {
        self.work(engine, 1).await?;
        if payer.is_multiple_of(2) {
            let mistyped = ClaimForm { code: "123".to_owned(), ..form.clone() };
            engine.confirm_claim(token, &mistyped, None).await.map_or(Ok(()), |_| Err(Error::NotFound))?;
        }
        let code = self.mail.last_code().unwrap_or_default();
        engine.confirm_claim(token, &ClaimForm { code, ..form }, None).await
    }

    /// Somebody else who has the link looks at the page.
    async fn is_shown_to_strangers(&self, engine: &Engine, token: &ClaimToken, viewer: &ViewerToken) -> Result<bool, Error> {
        let strangers = self.mutation.filter(|mutation| *mutation == Mutation::ShowsAddressToAnyone).map(|_| viewer);
        let view = engine.claim_view(token, strangers).await?;
        Ok(match view.state {
            ClaimViewState::Scheduled { to, cancel_path, .. } => to.is_whole || cancel_path.is_some(),
            ClaimViewState::Sending { to, .. } | ClaimViewState::Paid { to, .. } | ClaimViewState::Delayed { to, .. } => to.is_whole,
            ClaimViewState::Open { .. } | ClaimViewState::Expired { .. } | ClaimViewState::Canceled { .. } => false,
        })
    }

    /// Time goes by: the worker looks before and after a long wait, and every payout can end.
    async fn wait(&self, engine: &Engine, seconds: u32) -> Result<(), Error> {
        let is_long = seconds > AWAY_SECS_MAX;
        if is_long {
            Coin::ALL.into_iter().for_each(|coin| self.chain(coin).returns());
            self.hop(engine, FINAL_AFTER_SECS).await?;
        }
        self.hop(engine, if is_long { seconds.saturating_sub(FINAL_AFTER_SECS) } else { seconds }).await?;
        if seconds > FINAL_AFTER_SECS {
            self.hop(engine, 1).await?;
            self.hop(engine, FINAL_AFTER_SECS).await?;
        }
        Ok(())
    }

    /// Moves the clock, then lets the worker work.
    ///
    /// # Errors
    /// What the engine said.
    pub async fn hop(&self, engine: &Engine, seconds: u32) -> Result<(), Error> {
        // One job after the other: the same story goes the same way.
        self.hop_with(engine, seconds, 1).await
    }

    /// Does the same with as many jobs side by side as told, where the order is nobody's matter.
    ///
    /// # Errors
    /// What the engine said.
    pub async fn hop_with(&self, engine: &Engine, seconds: u32, at_once: u32) -> Result<(), Error> {
        self.clock.advance(SignedDuration::from_secs(i64::from(seconds)));
        self.work(engine, at_once).await
    }

    async fn work(&self, engine: &Engine, at_once: u32) -> Result<(), Error> {
        for coin in Coin::ALL {
            match engine.watch(Chain::asset(coin).network).await {
                // The worker tries again.
                Ok(()) | Err(Error::Rail(_)) => {}
                Err(error) => return Err(error),
            }
        }
        engine.run_free_jobs(at_once).await.map(drop)
    }

    fn nth_refund(&self, number: u8) -> Option<(RefundId, ClaimId)> {
        nth(&lock(&self.refunds), number)
    }
}

/// Returns a policy of these stories.
fn policy(number: u8) -> Policy {
    let period = |text: &str| text.parse().expect("a period");
    let usual = Policy::default();
    match number {
        0 => usual,
        1 => Policy { security_delay: period("PT1H"), ..usual },
        2 => Policy { security_delay: period("PT0S"), claim_ttl: period("P1D"), ..usual },
        3 => Policy { on_over: OnOver::RefundAll, ..usual },
        4 => Policy { on_under: OnUnder::CreditAll, on_late: OnLate::CreditAll, ..usual },
        7 => Policy { on_over: OnOver::RefundAll, security_delay: period("PT1H"), batch_window: period("PT1H"), ..usual },
        5 => Policy { on_over: OnOver::CreditAll, security_delay: period("PT1H"), ..usual },
        // Whatever has a worth is above it.
        9 => Policy { low_risk_band: "USD:0".parse().ok(), security_delay: period("PT1H"), ..usual },
        8 => Policy { requote_after: period("PT1H"), security_delay: period("PT1H"), ..usual },
        _ => Policy { approval_above: "USD:0.50".parse().ok(), security_delay: period("PT1H"), ..usual },
    }
}

fn bill(coin: Coin, view: &InvoiceView) -> Bill {
    let asset = Chain::asset(coin);
    let to = Destination::parse(asset.network, &view.address, view.tag.as_deref()).expect("an address of ours");
    let charged = asset.parse_amount(&view.amount_charged).expect("an amount of ours").units;
    Bill { id: InvoiceId(view.id), coin, to, charged, expires_at: view.expires_at }
}

fn told_state(refund: RefundId, state: StateName) -> Told {
    Told { what: "state", subject: refund.0, detail: state.name().to_owned() }
}

fn nth<T: Clone>(all: &[T], number: u8) -> Option<T> {
    usize::from(number).checked_rem(all.len()).and_then(|index| all.get(index)).cloned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

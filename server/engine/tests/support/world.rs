//! A small world for stories: an engine on a database of its own, a clock that stands still until it is moved, one MID with
//! a key, and a merchant's server that listens.

use std::sync::Arc;

use domain::claim::{CancelToken, ClaimForm, ClaimToken, MasterKey};
use domain::ids::{InvoiceId, MerchantId, MidId, RefundId};
use domain::merchant::Role;
use domain::money::{Asset, Network};
use domain::policy::{Period, Policy};
use domain::rate::Rate;
use domain::view::{InvoiceView, RefundView};
use engine::callers::Caller;
use engine::clock::{Clock, TestClock};
use engine::deposits::ReportedDeposit;
use engine::emails::MailSettings;
use engine::invoices::NewInvoice;
use engine::outside::Outside;
use engine::rates::FixedRate;
use engine::sandbox::SandboxDeposit;
use engine::{Config, Engine};
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::postgres;

/// When every story begins (TX-13's invoice was made then).
pub const START: &str = "2024-10-14T07:34:09Z";
/// An address on Tron that belongs to nobody in these stories.
pub const PAYERS_ADDRESS: &str = "TX3sfqPXKDjqKguyjgUSzzF965Guq2fvSV";

/// Where a story's rows are.
pub enum Database {
    Sqlite(std::path::PathBuf),
    Postgres(postgres::TestDatabase),
}

impl Database {
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}/refundry.db", folder.display()),
            Self::Postgres(database) => database.url(),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Sqlite(folder) = self {
            std::fs::remove_dir_all(folder).ok();
        }
    }
}

pub struct World {
    pub engine: Engine,
    pub clock: Arc<TestClock>,
    pub caller: Caller,
    pub mid: MidId,
    pub database: Database,
}

impl World {
    pub async fn on_sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("refundry-story-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        Self::on(Database::Sqlite(folder)).await
    }

    pub async fn on_postgres() -> Self {
        Self::on(Database::Postgres(postgres::TestDatabase::fresh().await)).await
    }

    async fn on(database: Database) -> Self {
        let clock = Arc::new(TestClock::at(START.parse().expect("an instant")));
        let engine = open(&database.url(), Arc::clone(&clock)).await;
        let (_, mid) = engine.add_mid("Halden Audio", "EU store", None).await.expect("a MID");
        let key = engine.add_key(mid, true).await.expect("a key");
        let caller = engine.key(&key.secret).await.expect("a look-up").expect("the key");
        Self { engine, clock, caller, mid, database }
    }

    /// Opens the engine anew on the same rows, as after a crash.
    pub async fn restart(self) -> Self {
        Self { engine: open(&self.database.url(), Arc::clone(&self.clock)).await, ..self }
    }

    /// Opens the engine anew where browsers reach it at another URL.
    pub async fn at(self, public_url: &str) -> Self {
        let config = Config { public_url: public_url.to_owned(), ..config(&self.database.url(), Some(Arc::clone(&self.clock))) };
        Self { engine: Engine::open(config).await.expect("an engine"), ..self }
    }

    /// Opens the engine anew with a mail server.
    pub async fn with_mail(self, mail: MailSettings) -> Self {
        let config = Config { mail: Some(mail), ..config(&self.database.url(), Some(Arc::clone(&self.clock))) };
        Self { engine: Engine::open(config).await.expect("an engine"), ..self }
    }

    /// Opens the engine anew at another day's price of USDT in US dollars; without one nobody knows any price.
    pub async fn at_price(self, price: Option<&str>) -> Self {
        let rates = price.map(|price| fixed("USDT", "USD", price)).into_iter().collect();
        let config = Config { rates, ..config(&self.database.url(), Some(Arc::clone(&self.clock))) };
        Self { engine: Engine::open(config).await.expect("an engine"), ..self }
    }

    /// Makes TX-11's invoice for a payer who can be written to.
    pub async fn invoice_for(&self, reference: &str, email: &str) -> InvoiceView {
        let new = NewInvoice {
            rate: Some("0.9890991".to_owned()),
            payer_email: Some(email.to_owned()),
            ..self.new_invoice(reference, "USDT-TRON")
        };
        self.engine.create_invoice(&self.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
    }

    /// Opens one more engine on the same rows, as another process does.
    pub async fn beside(&self) -> Engine {
        open(&self.database.url(), Arc::clone(&self.clock)).await
    }

    /// Returns the merchant whose world this is.
    pub async fn merchant(&self) -> domain::ids::MerchantId {
        let mids = self.engine.mids(&self.caller).await.expect("MIDs");
        mids.first().expect("one MID").merchant
    }

    /// Returns somebody of the merchant's staff who signed in.
    pub async fn person(&self, role: Role) -> Caller {
        self.signed_in(role, Some(self.merchant().await)).await
    }

    /// Returns the operator.
    pub async fn operator(&self) -> Caller {
        self.signed_in(Role::Admin, None).await
    }

    /// Returns the owner of another merchant.
    pub async fn stranger(&self) -> Caller {
        let (merchant, _) = self.engine.add_mid("Somebody else", "Shop", None).await.expect("a MID");
        self.signed_in(Role::Owner, Some(merchant)).await
    }

    async fn signed_in(&self, role: Role, merchant: Option<MerchantId>) -> Caller {
        let email = format!("{}@example.com", Uuid::now_v7());
        self.engine.add_user(&email, role, merchant, "correct horse battery").await.expect("a user");
        let signed_in = self.engine.sign_in(&email, "correct horse battery").await.expect("a session");
        self.engine.session(&signed_in.session).await.expect("a look-up").expect("the person")
    }

    pub async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = Policy::default();
        change(&mut policy);
        self.engine.set_policy(&self.caller, self.mid, policy).await.expect("a policy");
    }

    /// Makes TX-11's invoice: 100.00 USD at 0.9890991, open for 20 minutes.
    pub async fn invoice(&self, reference: &str) -> InvoiceView {
        let new = NewInvoice { rate: Some("0.9890991".to_owned()), ..self.new_invoice(reference, "USDT-TRON") };
        self.engine.create_invoice(&self.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
    }

    pub fn new_invoice(&self, reference: &str, asset: &str) -> NewInvoice {
        NewInvoice {
            mid: self.mid,
            reference: reference.to_owned(),
            guid: None,
            amount: "100.00".to_owned(),
            currency: "USD".to_owned(),
            asset: asset.to_owned(),
            expires_in: None,
            payer_email: None,
            charged_amount: None,
            rate: None,
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            refund_to: None,
            overrides: None,
        }
    }

    /// Pays on the sandbox's chain, now, for good.
    pub async fn pay(&self, invoice: &InvoiceView, amount: &str) {
        let deposit = SandboxDeposit::of(InvoiceId(invoice.id), amount);
        self.engine.sandbox_deposit(&self.caller, deposit).await.expect("a deposit");
    }

    pub fn reported(&self, invoice: &InvoiceView, external_id: &str, amount: &str, is_final: bool) -> ReportedDeposit {
        ReportedDeposit {
            external_id: external_id.to_owned(),
            invoice: InvoiceId(invoice.id),
            amount: amount.to_owned(),
            asset: "USDT-TRON".to_owned(),
            txid: format!("tx-{external_id}"),
            seen_at: self.engine.now(),
            is_final,
        }
    }

    pub async fn look(&self, invoice: &InvoiceView) -> InvoiceView {
        self.engine.invoice(&self.caller, InvoiceId(invoice.id)).await.expect("the invoice")
    }

    /// Returns the newest refund of an invoice.
    pub async fn refund(&self, invoice: &InvoiceView) -> RefundView {
        let summary = self.look(invoice).await.refunds.pop().expect("a refund");
        self.engine.refund(&self.caller, RefundId(summary.id)).await.expect("the refund")
    }

    pub async fn claim(&self, refund: &RefundView, address: &str) {
        self.engine.confirm_claim(&claim_token(refund), &form(address), None).await.expect("a confirmed claim");
    }

    /// Moves the clock and runs what fell due.
    pub async fn wait(&self, period: &str) {
        let period: Period = period.parse().expect("a period");
        self.engine.sandbox_advance(period).await.expect("a moved clock");
    }

    /// Lets half a minute go by, second by second, so that payouts reach their end.
    pub async fn settle(&self) {
        for _ in 0..35 {
            self.clock.advance(SignedDuration::from_secs(1));
            self.engine.run_due_jobs().await.expect("jobs run");
        }
    }

    /// Returns what an account holds, in USDT.
    pub async fn balance(&self, account: &str) -> String {
        let balances = self.engine.balances(&self.caller, Some(self.mid)).await.expect("balances");
        let own = balances.iter().filter(|balance| balance.account == account && !balance.balance.trim_matches(['0', '.']).is_empty());
        own.map(|balance| balance.balance.clone()).collect::<Vec<_>>().join(" + ")
    }

    /// Returns every row of every table as text.
    pub async fn dump(&self) -> String {
        let url = self.database.url();
        let mut all = String::new();
        if url.starts_with("postgres") {
            let mut connection = PgConnection::connect(&url).await.expect("a connection");
            let tables: Vec<(String,)> = sqlx::query_as("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
                .fetch_all(&mut connection)
                .await
                .expect("tables");
            for (table,) in tables {
                let sql = sqlx::AssertSqlSafe(format!("SELECT COALESCE(string_agg(t::text, ' '), '') FROM \"{table}\" t"));
                let (rows,): (String,) = sqlx::query_as(sql).fetch_one(&mut connection).await.expect("rows");
                all.push_str(&rows);
            }
        } else {
            let path = url.trim_start_matches("sqlite://").to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()));
            }
        }
        all
    }

    /// Proves the books.
    pub async fn assert_books_agree(&self) {
        let verification = self.engine.verify_ledger().await.expect("a verification");
        assert!(verification.ok, "{:?}", verification.violations);
    }
}

/// Opens an engine on a database, as a process of its own would.
pub async fn open(url: &str, clock: Arc<TestClock>) -> Engine {
    Engine::open(config(url, Some(clock))).await.expect("an engine")
}

/// Returns what an engine is opened with; without a clock it goes by the operating system's.
pub fn config(url: &str, clock: Option<Arc<TestClock>>) -> Config {
    Config {
        database_url: url.to_owned(),
        master_key: MasterKey::new([7; 32]),
        public_url: "http://127.0.0.1:3000".to_owned(),
        is_sandbox: true,
        freeze_after_change: Period::hours(24),
        allow_private_webhooks: true,
        assets: vec![usdt(), usdc(), eth(), xlm()],
        rates: rates(),
        rate_sources: Vec::new(),
        rails: Vec::new(),
        signer_socket: "/nonexistent/signer.sock".into(),
        mail: None,
        clock: clock.map(|clock| clock as Arc<dyn Clock>),
        outside: Outside::default(),
    }
}

/// What coins are worth in these stories, unless they say otherwise.
fn rates() -> Vec<FixedRate> {
    vec![fixed("USDT", "USD", "0.9890991"), fixed("USDT", "EUR", "0.92"), fixed("ETH", "USD", "1729.7678")]
}

fn fixed(symbol: &str, currency: &str, price: &str) -> FixedRate {
    FixedRate {
        symbol: symbol.to_owned(),
        currency: currency.parse().expect("a currency"),
        rate: Rate::new(price.parse().expect("a price")).expect("a rate"),
    }
}

/// Another token on the same network as USDT.
pub fn usdc() -> Asset {
    Asset { id: "USDC-TRON".parse().expect("an id"), contract: Some("TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8".to_owned()), ..usdt() }
}

pub fn usdt() -> Asset {
    Asset {
        id: "USDT-TRON".parse().expect("an id"),
        network: Network::Tron,
        decimals: 6,
        contract: Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".to_owned()),
        finality: 19,
        dust_units: 1,
        network_fee_units: 1_250_000,
    }
}

pub fn eth() -> Asset {
    Asset {
        id: "ETH-ETHEREUM".parse().expect("an id"),
        network: Network::Ethereum,
        decimals: 18,
        contract: None,
        finality: 12,
        dust_units: 1,
        network_fee_units: 1_000_000_000_000_000,
    }
}

pub fn xlm() -> Asset {
    Asset {
        id: "XLM-STELLAR".parse().expect("an id"),
        network: Network::Stellar,
        decimals: 7,
        contract: None,
        finality: 1,
        dust_units: 1,
        network_fee_units: 100,
    }
}

pub fn form(address: &str) -> ClaimForm {
    ClaimForm { address: address.to_owned(), consent: "1".to_owned(), ..ClaimForm::default() }
}

/// Takes the token out of a refund's claim link, as a payer's browser does.
pub fn claim_token(refund: &RefundView) -> ClaimToken {
    let url = refund.claim_url.as_deref().expect("a claim link");
    ClaimToken::from_untrusted(url.rsplit('/').next().expect("a token"))
}

/// Takes the token out of the cancel link that the confirming browser is shown.
pub async fn cancel_token(engine: &Engine, token: &ClaimToken, viewer: &domain::claim::ViewerToken) -> CancelToken {
    let view = engine.claim_view(token, Some(viewer)).await.expect("the claim page");
    match view.state {
        domain::view::ClaimViewState::Scheduled { cancel_path: Some(path), .. } => {
            CancelToken::from_untrusted(path.trim_start_matches("/cancel/"))
        }
        other => panic!("no cancel link in {other:?}"),
    }
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Returns the address of a Tron account that was made up from a number.
pub fn tron_address(number: u8) -> String {
    let destination = domain::destination::Destination::of_account(Network::Tron, [number.saturating_add(1); 20], None);
    destination.expect("an address").address().to_owned()
}

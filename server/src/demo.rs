//! `refundry serve --demo`: a sandbox with a merchant and three payments that went wrong, ready to look at.

mod fill;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use domain::ids::{InvoiceId, MidId};
use domain::merchant::Role;
use engine::callers::Caller;
use engine::invoices::NewInvoice;
use engine::refunds::RefundFilter;
use engine::sandbox::SandboxDeposit;
use engine::{Engine, PageRequest};
use thiserror::Error;
use uuid::Uuid;

pub use fill::fill;

/// Where the demo lives.
pub const FOLDER: &str = "data/demo";

const MERCHANT: &str = "Halden Audio";
const MID: &str = "EU store";
const EMAIL: &str = "demo@example.com";
/// How long the invoices live that are paid too little and too late.
const SHORT_SECS: i64 = 1;
/// After this they have expired.
const SHORT_IS_OVER: Duration = Duration::from_millis(1_100);

/// Why the demo cannot be set up.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A file cannot be written or read.
    #[error("{}: {cause}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// The engine refused.
    #[error("the demo cannot be set up ({0}): remove the folder data/demo to begin anew")]
    Engine(#[from] engine::Error),
    /// The demo's key was revoked.
    #[error("the demo's API key was revoked: remove the folder data/demo to begin anew")]
    NoKey,
    /// The file with the sign-in is not as it was written.
    #[error("{} is damaged: remove the folder data/demo to begin anew", .0.display())]
    Damaged(PathBuf),
}

/// What somebody who looks around needs.
pub struct Demo {
    access: Access,
    claim_url: Option<String>,
}

struct Access {
    password: String,
    key: String,
    mid: Uuid,
}

/// Sets the demo up on the first start and finds it again on later ones.
///
/// # Errors
/// [`DemoError`] with the remedy.
pub async fn prepare(engine: &Engine, folder: &Path) -> Result<Demo, DemoError> {
    let file = folder.join("sign-in.txt");
    let access = if file.exists() { read_access(&file)? } else { set_up(engine, &file).await? };
    let Some(caller) = engine.key(&access.key).await? else { return Err(DemoError::Damaged(file)) };
    let refunds = engine.refunds(&caller, RefundFilter::default(), PageRequest { limit: 100, after: None }).await?;
    let claim_url = refunds.data.into_iter().rev().find_map(|refund| refund.claim_url);
    Ok(Demo { access, claim_url })
}

/// Makes the merchant, its staff, its key and its invoices. The file is written last: without it, nothing is complete.
async fn set_up(engine: &Engine, file: &Path) -> Result<Access, DemoError> {
    let (merchant, mid) = engine.add_mid(MERCHANT, MID, None).await?;
    let password = random_password();
    engine.add_user(EMAIL, Role::Owner, Some(merchant), &password).await?;
    let key = engine.add_key(mid, true).await?.secret;
    let Some(caller) = engine.key(&key).await? else { return Err(DemoError::Damaged(file.to_owned())) };

    let overpaid = create(engine, &caller, invoice(mid, "HA-20418", "100.00", None)).await?;
    let underpaid = create(engine, &caller, invoice(mid, "HA-20419", "50.00", Some(SHORT_SECS))).await?;
    let late = create(engine, &caller, invoice(mid, "HA-20420", "75.00", Some(SHORT_SECS))).await?;
    pay(engine, &caller, overpaid, "150.000000").await?;
    pay(engine, &caller, underpaid, "30.000000").await?;
    tokio::time::sleep(SHORT_IS_OVER).await;
    engine.run_due_jobs().await?;
    pay(engine, &caller, late, "75.826578").await?;

    let access = Access { password, key, mid: mid.0 };
    write_access(file, &access)?;
    Ok(access)
}

/// One of the shop's invoices in US dollars, at the price of TX-11.
fn invoice(mid: MidId, reference: &str, amount: &str, expires_in: Option<i64>) -> NewInvoice {
    NewInvoice {
        mid,
        reference: reference.to_owned(),
        guid: None,
        amount: amount.to_owned(),
        currency: "USD".to_owned(),
        asset: "USDT-TRON".to_owned(),
        rate: Some("0.9890991".to_owned()),
        expires_in,
        payer_email: None,
        charged_amount: None,
        success_redirect_url: None,
        unsuccess_redirect_url: None,
        metadata: None,
        refund_to: None,
        overrides: None,
    }
}

async fn create(engine: &Engine, caller: &Caller, new: NewInvoice) -> Result<InvoiceId, engine::Error> {
    let invoice = engine.create_invoice(caller, new, InvoiceId(Uuid::now_v7())).await?;
    Ok(InvoiceId(invoice.id))
}

async fn pay(engine: &Engine, caller: &Caller, invoice: InvoiceId, amount: &str) -> Result<(), engine::Error> {
    let deposit = SandboxDeposit::of(invoice, amount);
    engine.sandbox_deposit(caller, deposit).await?;
    Ok(())
}

/// Returns 80 random bits in hexadecimal digits.
fn random_password() -> String {
    HEXLOWER.encode(&engine::random_bytes()[..10])
}

fn write_access(file: &Path, access: &Access) -> Result<(), DemoError> {
    let failed = |cause| DemoError::File { file: file.to_owned(), cause };
    let text = format!("E-mail: {EMAIL}\nPassword: {}\nAPI key: {}\nMID: {}\n", access.password, access.key, access.mid);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    written.write_all(text.as_bytes()).map_err(failed)
}

fn read_access(file: &Path) -> Result<Access, DemoError> {
    let text = fs::read_to_string(file).map_err(|cause| DemoError::File { file: file.to_owned(), cause })?;
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let access = line("Password: ").zip(line("API key: ")).zip(line("MID: ").and_then(|mid| mid.parse().ok()));
    let Some(((password, key), mid)) = access else { return Err(DemoError::Damaged(file.to_owned())) };
    Ok(Access { password, key, mid })
}

impl Demo {
    /// Returns what is printed once the demo is up.
    #[must_use]
    pub fn banner(&self, public_url: &str) -> String {
        let Access { password, key, mid } = &self.access;
        let claim = self.claim_url.as_deref().unwrap_or("none left: make one by \"Simulate payment\" on an invoice");
        format!(
            "\n  Refundry is up. This is a SANDBOX: simulated coins, no real money can move.\n\n  \
             Sign in     {public_url}/sign-in\n  E-mail      {EMAIL}\n  Password    {password}\n  Claim link  {claim}\n  \
             REST API    {public_url}/docs/api\n  API key     {key}\n  MID         {mid}\n\n  \
             The same is in {FOLDER}/sign-in.txt. Ctrl-C stops it.\n"
        )
    }
}

//! `refundry demo --refunds N`: many refunds to look through, made as payers and a merchant make them, with their books.

use domain::claim::{ClaimForm, ClaimToken};
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::refund::CancelReason;
use engine::callers::Caller;
use engine::refunds::RefundFilter;
use engine::{Engine, PageRequest};
use futures_util::{StreamExt, stream};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Demo, DemoError, create, invoice, pay};

/// How many are made at once: those that wait together share a commit.
const AT_ONCE: usize = 64;
/// Where payers want theirs.
const ADDRESS: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";

/// Adds refunds to the demo's shop. `tell` hears how many there are, after each.
///
/// # Errors
/// The engine's; what was made until then stays.
pub async fn fill(engine: &Engine, demo: &Demo, count: u32, tell: impl Fn(u32)) -> Result<(), DemoError> {
    let Some(caller) = engine.key(&demo.access.key).await? else { return Err(DemoError::NoKey) };
    let caller = &caller;
    let mut made = stream::iter(0..count).map(|number| one(engine, caller, demo, number)).buffer_unordered(AT_ONCE);
    let mut so_far: u32 = 0;
    while let Some(done) = made.next().await {
        done?;
        so_far = so_far.saturating_add(1);
        tell(so_far);
    }
    Ok(())
}

/// Has an invoice overpaid by up to three fifths. Of ten refunds five stay offered, three are claimed, two canceled.
async fn one(engine: &Engine, caller: &Caller, demo: &Demo, number: u32) -> Result<(), engine::Error> {
    let order = Uuid::now_v7().simple().to_string();
    let reference = format!("HA-{}", order.get(20..).unwrap_or(&order).to_uppercase());
    let cents = number.wrapping_mul(7919) % 48_000;
    let amount = Decimal::new(i64::from(cents).saturating_add(2_000), 2).to_string();
    let id: InvoiceId = create(engine, caller, invoice(MidId(demo.access.mid), &reference, &amount, None)).await?;
    let charged = engine.invoice(caller, id).await?.amount_charged;
    let over = Decimal::new(i64::from(number % 60).saturating_add(101), 2);
    let sent = charged.parse::<Decimal>().ok().and_then(|charged| charged.checked_mul(over)).unwrap_or_default().trunc_with_scale(6);
    pay(engine, caller, id, &sent.to_string()).await?;
    let filter = RefundFilter { invoice: Some(id), ..RefundFilter::default() };
    let found = engine.refunds(caller, filter, PageRequest { limit: 1, after: None }).await?;
    let Some(refund) = found.data.into_iter().next() else { return Ok(()) };
    match number % 10 {
        0..5 => Ok(()),
        5..8 => {
            let link = refund.claim_url.unwrap_or_default();
            let token = ClaimToken::from_untrusted(link.rsplit('/').next().unwrap_or_default());
            let form = ClaimForm { address: ADDRESS.to_owned(), consent: "1".to_owned(), ..ClaimForm::default() };
            engine.confirm_claim(&token, &form, None).await.map(drop)
        }
        _ => engine.cancel_refund(caller, RefundId(refund.id), CancelReason::Other, None).await.map(drop),
    }
}

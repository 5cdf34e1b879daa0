//! Rows of what each maker gave back today: the daily sum behind four eyes.

use domain::merchant::Actor;
use domain::outcome::GivenBack;
use domain::rate::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::codec::needed;
use super::{StoreError, Tx, on};

/// Counts a refund towards what its maker gave back today. `Conflict` when that is more than a single person may: look again.
pub(crate) async fn count(tx: &mut Tx, given: &GivenBack, now: Timestamp) -> Result<(), StoreError> {
    let cents = cents(given.value.amount)?;
    let (sum,): (i64,) = on!(tx, |conn| sqlx::query_as(
        "INSERT INTO given_back (maker, day, currency, cents) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (maker, day, currency) DO UPDATE SET cents = given_back.cents + excluded.cents RETURNING cents"
    )
    .bind(given.maker.to_string())
    .bind(day(now))
    .bind(given.value.currency.as_str())
    .bind(cents)
    .fetch_one(conn)
    .await)?;
    match given.limit {
        Some(limit) if Decimal::new(sum, 2) > limit => Err(StoreError::Conflict),
        Some(_) | None => Ok(()),
    }
}

/// Returns what somebody gave back today, in a currency.
pub(crate) async fn today(tx: &mut Tx, maker: Actor, currency: Currency, now: Timestamp) -> Result<Decimal, StoreError> {
    let row: Option<(i64,)> =
        on!(tx, |conn| sqlx::query_as("SELECT cents FROM given_back WHERE maker = $1 AND day = $2 AND currency = $3")
            .bind(maker.to_string())
            .bind(day(now))
            .bind(currency.as_str())
            .fetch_optional(conn)
            .await)?;
    Ok(row.map_or(Decimal::ZERO, |(cents,)| Decimal::new(cents, 2)))
}

fn day(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d").to_string()
}

fn cents(amount: Decimal) -> Result<i64, StoreError> {
    let cents = amount.checked_mul(Decimal::ONE_HUNDRED).map(|cents| cents.ceil());
    needed("given_back", "cents", cents.and_then(|cents| i64::try_from(cents).ok()))
}

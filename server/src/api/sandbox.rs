//! The sandbox: simulated payments, a movable clock, a network that fails on request. Refused where real money moves.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::ids::InvoiceId;
use domain::money::Network;
use domain::policy::Period;
use domain::view::DepositView;
use engine::Engine;
use engine::callers::Caller;
use engine::sandbox::{SandboxAccount, SandboxMode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Body};
use crate::problem::{Code, Problem};

/// The mode that is none: it happens once.
const REORG: &str = "reorg";
/// How many of the newest blocks it takes away; there is one a second.
const REORG_BLOCKS: u32 = 60;

/// A payment to simulate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SandboxDeposit {
    /// Of which invoice.
    invoice: Uuid,
    /// How much: `150.000000`.
    amount: String,
    /// Of what; the invoice's asset unless given.
    asset: Option<String>,
    /// The account it comes from; the same made-up one for every payment unless given.
    from: Option<String>,
    /// The tag it carries, or `none`; the invoice's own unless given.
    tag: Option<String>,
    /// When the chain took it; now unless given.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
    /// Whether it is final at once; it is unless given.
    r#final: Option<bool>,
}

/// How far to move the clock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockMove {
    /// ISO 8601: `PT72H`, `P90D`.
    #[schema(value_type = String)]
    advance: Period,
}

/// The time in the sandbox.
#[derive(Serialize, ToSchema)]
pub struct ClockView {
    /// The time now.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
}

/// How a network should behave.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RailMode {
    /// Which network.
    #[schema(value_type = String)]
    network: Network,
    /// `ok`, `stuck`, `fail`, `lost_reply`, `dear`, `reverts` or `slow`, until another is said; `reorg` takes the last minute's blocks
    /// away, once.
    mode: String,
}

/// What a simulated network should know of an account.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountState {
    /// Which network.
    #[schema(value_type = String)]
    network: Network,
    /// Whose account.
    address: String,
    /// `ready`, `new` (a payout makes it, for twice the fee) or `missing` (only its owner can make it).
    state: String,
}

/// Simulates a payment
#[utoipa::path(post, path = "/api/v1/sandbox/deposits", tag = "Sandbox", request_body = SandboxDeposit,
    responses((status = 201, description = "The deposit", body = DepositView)))]
pub async fn deposit(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Body(body): Body<SandboxDeposit>,
) -> Result<(StatusCode, Json<DepositView>), Problem> {
    let deposit = engine::sandbox::SandboxDeposit {
        invoice: InvoiceId(body.invoice),
        amount: body.amount,
        asset: body.asset,
        from: body.from,
        tag: body.tag,
        seen_at: body.seen_at,
        is_final: body.r#final.unwrap_or(true),
    };
    Ok((StatusCode::CREATED, Json(engine.sandbox_deposit(&caller, deposit).await?)))
}

/// Moves the clock of the whole sandbox forward; timers that fell due have run when this answers
#[utoipa::path(post, path = "/api/v1/sandbox/clock", tag = "Sandbox", request_body = ClockMove,
    responses((status = 200, description = "The time now", body = ClockView)))]
pub async fn clock(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Body(body): Body<ClockMove>) -> Answer<ClockView> {
    may_write(&caller)?;
    Ok(Json(ClockView { now: engine.sandbox_advance(body.advance).await? }))
}

/// Makes a simulated network fail, hang, lose replies or take blocks back
#[utoipa::path(post, path = "/api/v1/sandbox/rail", tag = "Sandbox", request_body = RailMode,
    responses((status = 200, description = "How it behaves now", body = RailMode)))]
pub async fn rail(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Body(body): Body<RailMode>) -> Answer<RailMode> {
    may_write(&caller)?;
    if body.mode == REORG {
        engine.sandbox_reorg(body.network, REORG_BLOCKS).await?;
        return Ok(Json(body));
    }
    let Some(mode) = SandboxMode::ALL.into_iter().find(|mode| mode.name() == body.mode) else {
        return Err(Problem::field("mode", "invalid", "choose ok, stuck, fail, lost_reply, dear, reverts, slow or reorg"));
    };
    engine.sandbox_rail(body.network, mode).await?;
    Ok(Json(body))
}

/// Makes an account of a simulated network, or takes it away: on some networks an account must exist before it can be paid
#[utoipa::path(post, path = "/api/v1/sandbox/account", tag = "Sandbox", request_body = AccountState,
    responses((status = 200, description = "What the network knows of it now", body = AccountState)))]
pub async fn account(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Body(body): Body<AccountState>,
) -> Answer<AccountState> {
    may_write(&caller)?;
    let Some(state) = SandboxAccount::ALL.into_iter().find(|state| state.name() == body.state) else {
        return Err(Problem::field("state", "invalid", "choose ready, new or missing"));
    };
    engine.sandbox_account(body.network, &body.address, state).await?;
    Ok(Json(body))
}

/// The clock and the networks belong to no merchant, so the engine asks nobody's leave.
fn may_write(caller: &Caller) -> Result<(), Problem> {
    if caller.can_write {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, Code::Forbidden, "this key only reads: use one made with `refundry key create --write`"))
}

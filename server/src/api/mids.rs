//! MIDs: the shops a key may see, and whether they work.

use axum::extract::State;
use axum::{Extension, Json};
use domain::email::EmailAddress;
use domain::ids::MidId;
use domain::language::Language;
use domain::merchant::{Guard, Mid, Writing};
use engine::callers::Caller;
use engine::{Engine, Error};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Body, Id, List};
use crate::problem::Problem;

/// A shop of a merchant, with its own policy and balances.
#[derive(Serialize, ToSchema)]
pub struct MidView {
    /// Its id.
    id: Uuid,
    /// Whose.
    merchant: Uuid,
    /// The name staff know it by.
    name: String,
    /// In which currency it is credited for refunds nobody claimed; in their own coins when it has none.
    settles_in: Option<String>,
    /// Where its people are alerted; nobody is without it.
    #[schema(value_type = Option<String>)]
    alert_email: Option<EmailAddress>,
    /// Where payers' answers to mails go; they are told of none without it.
    #[schema(value_type = Option<String>)]
    support_email: Option<EmailAddress>,
    /// What payers are spoken to in whose own language is not known; English without it.
    language: Option<Language>,
    /// Whether Refundry sends e-mail at all. Without it the claim links are the merchant's to send.
    writes_email: bool,
    /// Whether it works.
    guard: Guard,
    /// Until when nothing is sent, and why; nothing while payouts go.
    frozen: Option<Freeze>,
}

/// A merchant's money stands still for a day after a change that a thief would make.
#[derive(Serialize, ToSchema)]
pub struct Freeze {
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// What was changed: `password`, `email`, `alert_email`, `second_factor`, `api_key`, `webhook_secret` or `payout_wallet`.
    why: String,
}

/// Lists the MIDs of the key, by name
#[utoipa::path(get, path = "/api/v1/mids", tag = "MIDs",
    responses((status = 200, description = "All of them", body = List<MidView>)))]
pub async fn list(State(engine): State<Engine>, Extension(caller): Extension<Caller>) -> Answer<List<MidView>> {
    let mut views = Vec::new();
    for mid in engine.mids(&caller).await? {
        views.push(view(&engine, &caller, mid).await?);
    }
    Ok(Json(List::whole(views)))
}

/// How a MID's merchant and payers are written to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWriting {
    /// Alerts go there: payouts that fail, mails that do not reach payers, refunds that wait for approval.
    alert_email: Option<String>,
    /// Payers' answers to mails go there.
    support_email: Option<String>,
    /// What payers are spoken to in whose own language is not known.
    language: Option<Language>,
}

/// Says how a MID's merchant and payers are written to. What is left out is taken away
#[utoipa::path(put, path = "/api/v1/mids/{mid}/writing", tag = "MIDs", params(("mid" = Uuid, Path)), request_body = NewWriting,
    responses((status = 200, description = "The MID", body = MidView)))]
pub async fn writing(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(body): Body<NewWriting>,
) -> Answer<MidView> {
    let parse = |field: &str, text: Option<String>| {
        let address = text.map(|text| EmailAddress::parse(&text)).transpose();
        address.map_err(|error| Problem::field(field, "invalid", &error.to_string()))
    };
    let writing = Writing {
        alert_email: parse("alert_email", body.alert_email)?,
        support_email: parse("support_email", body.support_email)?,
        language: body.language,
    };
    let mid = engine.set_writing(&caller, mid, writing).await?;
    Ok(Json(view(&engine, &caller, mid).await?))
}

/// Suspends a MID: payments are held for a person and nothing is sent. The operator does this, never a key
#[utoipa::path(post, path = "/api/v1/mids/{mid}/suspend", tag = "MIDs", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "The MID", body = MidView)))]
pub async fn suspend(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(mid): Id<MidId>) -> Answer<MidView> {
    guard(&engine, &caller, mid, Guard::Suspended).await
}

/// Opens a suspended MID again. The operator does this, never a key
#[utoipa::path(post, path = "/api/v1/mids/{mid}/open", tag = "MIDs", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "The MID", body = MidView)))]
pub async fn open(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(mid): Id<MidId>) -> Answer<MidView> {
    guard(&engine, &caller, mid, Guard::Open).await
}

async fn guard(engine: &Engine, caller: &Caller, mid: MidId, guard: Guard) -> Answer<MidView> {
    engine.guard_mid(caller, mid, guard).await.map_err(|error| match error {
        Error::Forbidden => Problem::forbidden("only the operator may do this: `refundry mid suspend` and `refundry mid open` do it"),
        error => error.into(),
    })?;
    let found = engine.mids(caller).await?.into_iter().find(|found| found.id == mid).ok_or_else(Problem::not_found)?;
    Ok(Json(view(engine, caller, found).await?))
}

async fn view(engine: &Engine, caller: &Caller, mid: Mid) -> Result<MidView, Error> {
    let frozen = engine.frozen(caller, mid.id).await?.map(|(until, why)| Freeze { until, why });
    Ok(MidView {
        id: mid.id.0,
        merchant: mid.merchant.0,
        name: mid.name,
        settles_in: mid.settles_in.map(|currency| currency.to_string()),
        alert_email: mid.writing.alert_email,
        support_email: mid.writing.support_email,
        language: mid.writing.language,
        writes_email: engine.settings().writes_email,
        guard: mid.guard,
        frozen,
    })
}

//! Senders: by which name payers read a merchant's mails, and where their answers go.

use axum::extract::State;
use axum::{Extension, Json};
use domain::email::EmailAddress;
use domain::ids::MerchantId;
use engine::Engine;
use engine::callers::Caller;
use engine::senders::NewSender;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Body, Id};

/// A sender: what is left out is not said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderBody {
    /// The name payers read, up to 64 characters on one line, without `@`, `<`, `>`, `\` and `"`. Without one it is the brand's.
    name: Option<String>,
    /// Where payers' answers go. A MID's `support_email` goes first.
    reply_to: Option<String>,
}

/// A sender as it is kept.
#[derive(Serialize, ToSchema)]
pub struct SenderAnswer {
    /// The name payers read, as far as it is said.
    name: Option<String>,
    /// The name that goes where none is said.
    default_name: String,
    /// Where payers' answers go, as far as it is said.
    #[schema(value_type = Option<String>)]
    reply_to: Option<EmailAddress>,
    /// The address that mails come from: the installation's. None where no mail server is set: nobody is written to then.
    #[schema(value_type = Option<String>)]
    from: Option<EmailAddress>,
}

/// Returns from whom payers read a merchant's mails
#[utoipa::path(get, path = "/api/v1/merchants/{merchant}/sender", tag = "Merchants", operation_id = "show_sender",
    params(("merchant" = Uuid, Path)), responses((status = 200, description = "The sender", body = SenderAnswer)))]
pub async fn show(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
) -> Answer<SenderAnswer> {
    let sender = engine.sender(&caller, merchant).await?;
    Ok(Json(answer(&engine, sender)))
}

/// Replaces from whom payers read a merchant's mails, those that wait too
#[utoipa::path(put, path = "/api/v1/merchants/{merchant}/sender", tag = "Merchants", operation_id = "replace_sender",
    params(("merchant" = Uuid, Path)), request_body = SenderBody,
    responses((status = 200, description = "The sender", body = SenderAnswer)))]
pub async fn replace(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
    Body(SenderBody { name, reply_to }): Body<SenderBody>,
) -> Answer<SenderAnswer> {
    let sender = engine.set_sender(&caller, merchant, NewSender { name, reply_to }).await?;
    Ok(Json(answer(&engine, sender)))
}

fn answer(engine: &Engine, sender: engine::senders::SenderSettings) -> SenderAnswer {
    let engine::senders::SenderSettings { name, reply_to, default_name } = sender;
    SenderAnswer { name, default_name, reply_to, from: engine.mails_from().cloned() }
}

//! Privacy policies: what the payers of a merchant, or of one of its MIDs, agree to.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{MerchantId, MidId};
use domain::privacy::MerchantsText;
use engine::Engine;
use engine::callers::Caller;
use engine::privacy::{NewPrivacy, PrivacySettings};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Body, Id};

/// A privacy policy: link and version, or neither. Without one the merchant's goes for its MIDs, and Refundry's page for merchants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacyBody {
    /// Where it can be read: `https` only, up to 500 characters.
    url: Option<String>,
    /// What you call this version of it, such as `2026-11`: 1 to 20 letters, digits, dots, dashes and underscores. A version is of one link
    /// for ever; payers who were shown another one are asked again.
    version: Option<String>,
}

/// A privacy policy as it is kept.
#[derive(Serialize, ToSchema)]
pub struct PrivacyAnswer {
    /// Where it can be read.
    url: Option<String>,
    /// Its version.
    version: Option<String>,
    /// Every text that payers may have agreed to, newest first.
    texts: Vec<PrivacyTextAnswer>,
}

/// A text that payers may have agreed to.
#[derive(Serialize, ToSchema)]
pub struct PrivacyTextAnswer {
    /// Where it can be read.
    url: String,
    /// Its version.
    version: String,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<PrivacyBody> for NewPrivacy {
    fn from(PrivacyBody { url, version }: PrivacyBody) -> Self {
        Self { url, version }
    }
}

impl From<PrivacySettings> for PrivacyAnswer {
    fn from(PrivacySettings { text, texts }: PrivacySettings) -> Self {
        let (url, version) = text.map(|text| (text.url, text.version)).unzip();
        let text = |(MerchantsText { url, version, .. }, created_at)| PrivacyTextAnswer { url, version, created_at };
        Self { url, version, texts: texts.into_iter().map(text).collect() }
    }
}

/// Returns which privacy policy the payers of a MID agree to, as far as it says so itself
#[utoipa::path(get, path = "/api/v1/mids/{mid}/privacy", tag = "MIDs", operation_id = "show_privacy", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "The privacy policy", body = PrivacyAnswer)))]
pub async fn show_mid(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(mid): Id<MidId>) -> Answer<PrivacyAnswer> {
    Ok(Json(engine.privacy(&caller, mid).await?.into()))
}

/// Replaces which privacy policy the payers of a MID agree to
#[utoipa::path(put, path = "/api/v1/mids/{mid}/privacy", tag = "MIDs", operation_id = "replace_privacy", params(("mid" = Uuid, Path)),
    request_body = PrivacyBody, responses((status = 200, description = "The privacy policy", body = PrivacyAnswer)))]
pub async fn replace_mid(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(privacy): Body<PrivacyBody>,
) -> Answer<PrivacyAnswer> {
    Ok(Json(engine.set_privacy(&caller, mid, privacy.into()).await?.into()))
}

/// Returns which privacy policy the payers of all a merchant's MIDs agree to that have no other
#[utoipa::path(get, path = "/api/v1/merchants/{merchant}/privacy", tag = "Merchants", operation_id = "show_privacy",
    params(("merchant" = Uuid, Path)), responses((status = 200, description = "The privacy policy", body = PrivacyAnswer)))]
pub async fn show_merchant(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
) -> Answer<PrivacyAnswer> {
    Ok(Json(engine.privacy(&caller, merchant).await?.into()))
}

/// Replaces which privacy policy the payers of all a merchant's MIDs agree to that have no other
#[utoipa::path(put, path = "/api/v1/merchants/{merchant}/privacy", tag = "Merchants", operation_id = "replace_privacy",
    params(("merchant" = Uuid, Path)), request_body = PrivacyBody,
    responses((status = 200, description = "The privacy policy", body = PrivacyAnswer)))]
pub async fn replace_merchant(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
    Body(privacy): Body<PrivacyBody>,
) -> Answer<PrivacyAnswer> {
    Ok(Json(engine.set_privacy(&caller, merchant, privacy.into()).await?.into()))
}

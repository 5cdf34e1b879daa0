//! Brands: the name, colour and logo that payers know a merchant, or one of its MIDs, by.

use axum::extract::State;
use axum::{Extension, Json};
use domain::ids::{MerchantId, MidId};
use engine::Engine;
use engine::brands::{BrandSettings, NewBrand};
use engine::callers::Caller;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Body, Id};

/// A brand: what is left out is not said, and then the merchant's goes for its MIDs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BrandBody {
    /// The name payers read, up to 100 characters.
    name: Option<String>,
    /// `#` and six hexadecimal digits. One that white text cannot be read on is refused, and the nearest that works is named.
    colour: Option<String>,
    /// A PNG or WebP picture of up to 8 KiB, in base64.
    logo: Option<String>,
}

/// A brand as it is kept.
#[derive(Serialize, ToSchema)]
pub struct BrandAnswer {
    /// The name payers read.
    name: Option<String>,
    /// The colour.
    colour: Option<String>,
    /// Where the logo is.
    logo_url: Option<String>,
}

impl From<BrandBody> for NewBrand {
    fn from(BrandBody { name, colour, logo }: BrandBody) -> Self {
        Self { name, colour, logo }
    }
}

impl From<BrandSettings> for BrandAnswer {
    fn from(BrandSettings { name, colour, logo_url }: BrandSettings) -> Self {
        Self { name, colour: colour.map(|colour| colour.to_string()), logo_url }
    }
}

/// Returns how a MID looks to payers, as far as it says so itself
#[utoipa::path(get, path = "/api/v1/mids/{mid}/brand", tag = "MIDs", operation_id = "show_brand", params(("mid" = Uuid, Path)),
    responses((status = 200, description = "The brand", body = BrandAnswer)))]
pub async fn show_mid(State(engine): State<Engine>, Extension(caller): Extension<Caller>, Id(mid): Id<MidId>) -> Answer<BrandAnswer> {
    Ok(Json(engine.brand(&caller, mid).await?.into()))
}

/// Replaces how a MID looks to payers
#[utoipa::path(put, path = "/api/v1/mids/{mid}/brand", tag = "MIDs", operation_id = "replace_brand", params(("mid" = Uuid, Path)),
    request_body = BrandBody, responses((status = 200, description = "The brand", body = BrandAnswer)))]
pub async fn replace_mid(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(mid): Id<MidId>,
    Body(brand): Body<BrandBody>,
) -> Answer<BrandAnswer> {
    Ok(Json(engine.set_brand(&caller, mid, brand.into()).await?.into()))
}

/// Returns how a merchant looks to the payers of all its MIDs that say nothing else
#[utoipa::path(get, path = "/api/v1/merchants/{merchant}/brand", tag = "Merchants", operation_id = "show_brand",
    params(("merchant" = Uuid, Path)), responses((status = 200, description = "The brand", body = BrandAnswer)))]
pub async fn show_merchant(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
) -> Answer<BrandAnswer> {
    Ok(Json(engine.brand(&caller, merchant).await?.into()))
}

/// Replaces how a merchant looks to the payers of all its MIDs that say nothing else
#[utoipa::path(put, path = "/api/v1/merchants/{merchant}/brand", tag = "Merchants", operation_id = "replace_brand",
    params(("merchant" = Uuid, Path)), request_body = BrandBody,
    responses((status = 200, description = "The brand", body = BrandAnswer)))]
pub async fn replace_merchant(
    State(engine): State<Engine>,
    Extension(caller): Extension<Caller>,
    Id(merchant): Id<MerchantId>,
    Body(brand): Body<BrandBody>,
) -> Answer<BrandAnswer> {
    Ok(Json(engine.set_brand(&caller, merchant, brand.into()).await?.into()))
}

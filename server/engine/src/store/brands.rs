//! Rows of brands: how merchants and their MIDs look to payers.

use std::collections::{BTreeSet, HashMap};

use domain::brand::Colour;
use domain::ids::{MerchantId, MidId, PrivacyTextId};
use domain::privacy::MerchantsText;
use domain::view::BrandView;
use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::codec::{At, needed, parsed};
use super::{StoreError, Tx, among, on};

/// What is kept of a brand; what is nothing is not the merchant's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brand {
    pub(crate) name: Option<String>,
    pub(crate) colour: Option<Colour>,
    /// Whose logo it is, and when it was last changed: names the picture.
    pub(crate) logo: Option<(Uuid, Timestamp)>,
    pub(crate) privacy: Option<MerchantsText>,
}

impl Brand {
    /// Returns what pages show. A changed logo has another path, because browsers keep it.
    pub(crate) fn view(&self) -> BrandView {
        let path = |(owner, changed_at): (Uuid, Timestamp)| format!("/brand/{owner}/{}", changed_at.as_microsecond());
        BrandView { colour: self.colour, logo_path: self.logo.map(path), privacy: self.privacy.clone() }
    }

    fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            colour: self.colour.or(other.colour),
            logo: self.logo.or(other.logo),
            privacy: self.privacy.or(other.privacy),
        }
    }
}

#[derive(FromRow)]
struct BrandRow {
    owner_id: Uuid,
    name: Option<String>,
    colour: Option<String>,
    logo_type: Option<String>,
    changed_at: At,
    privacy_id: Option<Uuid>,
    privacy_url: Option<String>,
    privacy_version: Option<String>,
}

impl BrandRow {
    fn into_brand(self) -> Result<Brand, StoreError> {
        Ok(Brand {
            colour: self.colour.as_deref().map(|colour| parsed("brands", colour)).transpose()?,
            logo: self.logo_type.map(|_| (self.owner_id, self.changed_at.0)),
            name: self.name,
            privacy: match (self.privacy_id, self.privacy_url, self.privacy_version) {
                (Some(id), Some(url), Some(version)) => Some(MerchantsText { id: PrivacyTextId(id), url, version }),
                (_, _, _) => None,
            },
        })
    }
}

/// A picture as it is served.
#[derive(FromRow)]
pub(crate) struct LogoRow {
    pub(crate) logo: Vec<u8>,
    pub(crate) logo_type: String,
}

/// Returns what is kept of one owner: a merchant's id or a MID's.
pub(crate) async fn load(tx: &mut Tx, owner: Uuid) -> Result<Brand, StoreError> {
    Ok(load_all(tx, &[owner]).await?.remove(&owner).unwrap_or_default())
}

/// What payers see of a shop.
#[derive(Clone)]
pub(crate) struct Front {
    /// Its merchant's name.
    pub(crate) merchant: String,
    /// How it looks: as it says itself, else as its merchant says.
    pub(crate) brand: Brand,
}

/// Returns what payers see of some MIDs.
pub(crate) async fn fronts(tx: &mut Tx, mids: &[Uuid]) -> Result<HashMap<Uuid, Front>, StoreError> {
    let select = "SELECT m.id, o.id, o.name FROM mids m JOIN merchants o ON o.id = m.merchant_id WHERE m.id IN (";
    let shops: Vec<(Uuid, Uuid, String)> = among!(tx, select, mids, ")")?;
    let owners: BTreeSet<Uuid> = shops.iter().flat_map(|(mid, merchant, _)| [*mid, *merchant]).collect();
    let brands = load_all(tx, &Vec::from_iter(owners)).await?;
    let brand = |owner: &Uuid| brands.get(owner).cloned().unwrap_or_default();
    let front = |(mid, owner, merchant): (Uuid, Uuid, String)| (mid, Front { merchant, brand: brand(&mid).or(brand(&owner)) });
    Ok(shops.into_iter().map(front).collect())
}

async fn load_all(tx: &mut Tx, owners: &[Uuid]) -> Result<HashMap<Uuid, Brand>, StoreError> {
    let select = "SELECT b.owner_id, b.name, b.colour, b.logo_type, b.changed_at, p.id AS privacy_id, p.url AS privacy_url, \
                  p.version AS privacy_version FROM brands b LEFT JOIN privacy_texts p ON p.id = b.privacy_text_id WHERE b.owner_id IN (";
    let rows: Vec<BrandRow> = among!(tx, select, owners, ")")?;
    rows.into_iter().map(|row| Ok((row.owner_id, row.into_brand()?))).collect()
}

/// Returns how a MID looks: as it says itself, else as its merchant says.
pub(crate) async fn of_mid(tx: &mut Tx, mid: MidId) -> Result<Brand, StoreError> {
    Ok(needed("mids", "row", fronts(tx, &[mid.0]).await?.remove(&mid.0))?.brand)
}

/// Returns the picture of an owner.
pub(crate) async fn logo(tx: &mut Tx, owner: Uuid) -> Result<Option<LogoRow>, StoreError> {
    Ok(on!(tx, |conn| sqlx::query_as("SELECT logo, logo_type FROM brands WHERE owner_id = $1 AND logo IS NOT NULL")
        .bind(owner)
        .fetch_optional(conn)
        .await)?)
}

/// A brand to be kept in place of the one before.
pub(crate) struct NewBrand {
    pub(crate) owner: Uuid,
    pub(crate) merchant: MerchantId,
    pub(crate) name: Option<String>,
    pub(crate) colour: Option<Colour>,
    pub(crate) logo: Option<(Vec<u8>, &'static str)>,
    pub(crate) changed_at: Timestamp,
}

pub(crate) async fn save(tx: &mut Tx, brand: &NewBrand) -> Result<(), StoreError> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO brands (owner_id, merchant_id, name, colour, logo, logo_type, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (owner_id) DO UPDATE SET name = excluded.name, colour = excluded.colour, logo = excluded.logo, \
         logo_type = excluded.logo_type, changed_at = excluded.changed_at"
    )
    .bind(brand.owner)
    .bind(brand.merchant.0)
    .bind(brand.name.as_deref())
    .bind(brand.colour.map(|colour| colour.to_string()))
    .bind(brand.logo.as_ref().map(|(bytes, _)| bytes.as_slice()))
    .bind(brand.logo.as_ref().map(|(_, media_type)| *media_type))
    .bind(At(brand.changed_at))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

//! Brands: the name, colour and logo that payers know a merchant, or one of its MIDs, by. What a MID does not say, its merchant says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::brand::{Colour, ColourError, LOGO_BYTES_MAX, logo_type};
use domain::claim::{FieldError, FieldErrors};
use domain::merchant::Right;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::policies::Level;
use crate::store::brands as rows;
use crate::{Engine, Error};

/// A brand as it is asked for. What is left out is not said: then the merchant's goes for its MIDs, and Refundry's for merchants.
#[derive(Clone, Debug, Default)]
pub struct NewBrand {
    /// The name payers read, up to 100 characters.
    pub name: Option<String>,
    /// `#` and six hexadecimal digits.
    pub colour: Option<String>,
    /// A PNG or WebP picture of up to 8 KiB, in base64.
    pub logo: Option<String>,
}

impl NewBrand {
    /// Writes a picture's bytes as [`NewBrand::logo`] has them.
    #[must_use]
    pub fn encoded(picture: &[u8]) -> String {
        STANDARD.encode(picture)
    }
}

/// A brand as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandSettings {
    /// The name payers read.
    pub name: Option<String>,
    /// The colour.
    pub colour: Option<Colour>,
    /// Where the logo is.
    pub logo_url: Option<String>,
}

/// A logo as browsers get it.
pub struct Logo {
    /// The picture.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: String,
}

impl Engine {
    /// Returns what a merchant or a MID says itself.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn brand(&self, caller: &Caller, level: impl Into<Level>) -> Result<BrandSettings, Error> {
        let whose = self.own_level(caller, level.into()).await?;
        let mut tx = self.store().read().await?;
        let brand = rows::load(&mut tx, whose.mid.map_or(whose.merchant.0, |mid| mid.0)).await?;
        let logo_url = brand.view().logo_path.map(|path| format!("{}{path}", self.settings().public_url));
        Ok(BrandSettings { name: brand.name, colour: brand.colour, logo_url })
    }

    /// Replaces what a merchant or a MID says of how it looks to payers.
    ///
    /// # Errors
    /// `Forbidden` without the right to change settings, `NotFound` when it is not the caller's, `Invalid` naming every wrong field; for a
    /// colour that is hard to read with the nearest that is not.
    pub async fn set_brand(&self, caller: &Caller, level: impl Into<Level>, new: NewBrand) -> Result<BrandSettings, Error> {
        let level = level.into();
        caller.require(Right::ChangeSettings)?;
        let whose = self.own_level(caller, level).await?;
        let owner = whose.mid.map_or(whose.merchant.0, |mid| mid.0);
        let (name, colour, logo) = parse(new)?;
        let now = self.now();
        let detail = json!({ "name": name, "colour": colour, "logo_bytes": logo.as_ref().map(|(bytes, _)| bytes.len()) });
        let record = AuditRecord {
            merchant: Some(whose.merchant),
            at: now,
            actor: Some(caller.actor),
            action: "brand.changed".to_owned(),
            subject: owner,
            detail,
        };
        let brand = rows::NewBrand { owner, merchant: whose.merchant, name, colour, logo, changed_at: now };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                rows::save(tx, &brand).await?;
                audit::append(tx, &record).await
            })
        });
        write.await?;
        self.brand(caller, level).await
    }

    /// Returns a logo, for everybody: payers see it.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn logo(&self, owner: Uuid) -> Result<Logo, Error> {
        let mut tx = self.store().read().await?;
        let row = rows::logo(&mut tx, owner).await?.ok_or(Error::NotFound)?;
        Ok(Logo { bytes: row.logo, media_type: row.logo_type })
    }
}

type Parsed = (Option<String>, Option<Colour>, Option<(Vec<u8>, &'static str)>);

fn parse(new: NewBrand) -> Result<Parsed, FieldErrors> {
    let mut errors = FieldErrors::default();
    let name = new.name.map(|name| name.trim().to_owned());
    if name.as_deref().is_some_and(|name| name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control)) {
        errors.push(FieldError::new("name", "invalid", "use 1 to 100 characters"));
    }
    let colour = match new.colour.map(|colour| colour.parse::<Colour>()).transpose() {
        Ok(colour) => colour,
        Err(error) => {
            let code = match error {
                ColourError::Form => "invalid",
                ColourError::TooLight { .. } => "hard_to_read",
            };
            errors.push(FieldError::new("colour", code, error.to_string()));
            None
        }
    };
    let logo = match new.logo.map(|logo| picture(&logo)).transpose() {
        Ok(logo) => logo,
        Err(error) => {
            errors.push(error);
            None
        }
    };
    errors.into_result().map(|()| (name, colour, logo))
}

fn picture(logo: &str) -> Result<(Vec<u8>, &'static str), FieldError> {
    let bytes = STANDARD.decode(logo).map_err(|_| FieldError::new("logo", "invalid", "send the picture's bytes in base64"))?;
    if bytes.len() > LOGO_BYTES_MAX {
        let message = format!("the logo has {} bytes: make it {LOGO_BYTES_MAX} at most", bytes.len());
        return Err(FieldError::new("logo", "too_large", message));
    }
    let media_type = logo_type(&bytes).ok_or_else(|| FieldError::new("logo", "invalid", "use a PNG or WebP picture"))?;
    Ok((bytes, media_type))
}

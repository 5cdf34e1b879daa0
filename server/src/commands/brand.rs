//! `refundry mid brand`: how a MID looks to its payers.

use std::path::{Path, PathBuf};

use domain::ids::MidId;
use engine::brands::NewBrand;
use serde_json::json;

use super::{Answer, CommandError, open, operator};

/// Replaces how a MID looks; what is not said is its merchant's.
pub(super) async fn run(
    config: Option<&Path>,
    mid: MidId,
    name: Option<String>,
    colour: Option<String>,
    logo: Option<PathBuf>,
) -> Result<Answer, CommandError> {
    let picture = logo.map(|file| std::fs::read(&file).map_err(|cause| CommandError::Unreadable { file, cause })).transpose()?;
    let new = NewBrand { name, colour, logo: picture.as_deref().map(NewBrand::encoded) };
    let brand = open(config).await?.set_brand(&operator(), mid, new).await.map_err(|error| CommandError::about_mid(error, mid))?;
    let colour = brand.colour.map(|colour| colour.to_string());
    let of = |value: &Option<String>| value.clone().unwrap_or_else(|| "as its merchant's".to_owned());
    let text = format!("MID {mid}\nname {}\ncolour {}\nlogo {}", of(&brand.name), of(&colour), of(&brand.logo_url));
    Ok(Answer::ok(json!({ "mid": mid, "name": brand.name, "colour": colour, "logo_url": brand.logo_url }), text))
}

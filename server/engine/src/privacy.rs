//! The privacy policies that payers agree to: a merchant's own, or a MID's, by link and version; Refundry's page where there is none. A
//! version is of one link for ever, because consents name it.

use domain::claim::{FieldError, FieldErrors};
use domain::ids::PrivacyTextId;
use domain::merchant::Right;
use domain::privacy::{MerchantsText, OWN_PATH, URL_CHARS_MAX, VERSION_CHARS_MAX, is_version};
use domain::refund::Refund;
use domain::view::{BrandView, ConsentView, RefundView};
use jiff::Timestamp;
use serde_json::json;

use crate::audit::{self, AuditRecord};
use crate::callers::Caller;
use crate::policies::Level;
use crate::store::{Tx, brands, privacy as rows};
use crate::{Engine, Error};

/// A privacy policy as it is asked for: both, or neither for none of its own.
#[derive(Clone, Debug, Default)]
pub struct NewPrivacy {
    /// Where it can be read: `https` only.
    pub url: Option<String>,
    /// What the merchant calls this version of it.
    pub version: Option<String>,
}

/// What a merchant or a MID says of its privacy policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacySettings {
    /// What payers agree to now; nothing when it is the merchant's, or Refundry's own.
    pub text: Option<MerchantsText>,
    /// Every text that ever was, newest first, each with when it was first said.
    pub texts: Vec<(MerchantsText, Timestamp)>,
}

impl Engine {
    /// Returns what a merchant or a MID says itself.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn privacy(&self, caller: &Caller, level: impl Into<Level>) -> Result<PrivacySettings, Error> {
        let whose = self.own_level(caller, level.into()).await?;
        let owner = whose.mid.map_or(whose.merchant.0, |mid| mid.0);
        let mut tx = self.store().read().await?;
        let text = brands::load(&mut tx, owner).await?.privacy;
        let texts = rows::of_owner(&mut tx, owner).await?;
        Ok(PrivacySettings { text, texts: texts.into_iter().map(rows::TextRow::into_text).collect() })
    }

    /// Says which privacy policy the payers of a merchant or a MID agree to from now on. Who was shown another one is asked again.
    ///
    /// # Errors
    /// `Forbidden` without the right to change settings, `NotFound` when it is not the caller's, `Invalid` naming every wrong field: a
    /// version that was another link's needs another name.
    pub async fn set_privacy(&self, caller: &Caller, level: impl Into<Level>, new: NewPrivacy) -> Result<PrivacySettings, Error> {
        let level = level.into();
        caller.require(Right::ChangeSettings)?;
        let whose = self.own_level(caller, level).await?;
        let (merchant, owner) = (whose.merchant, whose.mid.map_or(whose.merchant.0, |mid| mid.0));
        let before = self.privacy(caller, level).await?;
        let chosen = parse(new)?;
        let known = chosen.as_ref().and_then(|(_, version)| before.texts.iter().find(|(text, _)| text.version == *version));
        if let (Some((text, _)), Some((url, version))) = (known, &chosen)
            && text.url != *url
        {
            let message = format!("version {version} is of {}: give this link a version of its own", text.url);
            return Err(Error::field("version", "taken", message));
        }
        let is_known = known.is_some();
        let id = known.map_or_else(|| PrivacyTextId(self.mint()), |(text, _)| text.id);
        let text = chosen.map(|(url, version)| MerchantsText { id, url, version });
        if text == before.text {
            return Ok(before);
        }
        let now = self.now();
        let record = AuditRecord {
            merchant: Some(merchant),
            at: now,
            actor: Some(caller.actor),
            action: "privacy.changed".to_owned(),
            subject: owner,
            detail: json!({ "url": text.as_ref().map(|text| &text.url), "version": text.as_ref().map(|text| &text.version) }),
        };
        let write = self.store().write(move |tx| {
            Box::pin(async move {
                if let Some(text) = text.as_ref().filter(|_| !is_known) {
                    rows::insert(tx, owner, merchant, text, now).await?;
                }
                rows::choose(tx, owner, merchant, text.map(|text| text.id), now).await?;
                audit::append(tx, &record).await
            })
        });
        write.await?;
        self.privacy(caller, level).await
    }

    /// Returns where the privacy policy is that payers agree to.
    pub(crate) fn privacy_url(&self, brand: &BrandView) -> String {
        brand.privacy.as_ref().map_or_else(|| format!("{}{OWN_PATH}", self.settings().public_url), |text| text.url.clone())
    }

    /// Adds to refunds what their payers agreed to.
    pub(crate) async fn add_consents(&self, tx: &mut Tx, views: &mut [RefundView], refunds: &[Refund]) -> Result<(), Error> {
        let claim = |refund: &Refund| refund.state.directed().map(|directed| directed.claim.0);
        let mut agreed = rows::agreed(tx, &refunds.iter().filter_map(claim).collect::<Vec<_>>()).await?;
        for (view, refund) in views.iter_mut().zip(refunds) {
            let agreed = claim(refund).and_then(|claim| agreed.remove(&claim));
            view.consent = agreed.map(|rows::Agreed { url, version, at }| {
                let url = url.unwrap_or_else(|| self.privacy_url(&BrandView::default()));
                ConsentView { url, version, at }
            });
        }
        Ok(())
    }
}

/// Returns link and version; nothing when neither is said.
fn parse(NewPrivacy { url, version }: NewPrivacy) -> Result<Option<(String, String)>, FieldErrors> {
    let said = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (url, version) = (said(url), said(version));
    let mut errors = FieldErrors::default();
    let mut wrong = |field: &str, code: &str, message: &str| errors.push(FieldError::new(field, code, message));
    let link = url.as_deref().and_then(link);
    match &url {
        Some(_) if link.is_none() => {
            let message =
                format!("enter a link that begins with https://, of up to {URL_CHARS_MAX} characters, without user name and password");
            wrong("url", "invalid", &message);
        }
        None if version.is_some() => wrong("url", "required", "say where this version can be read"),
        Some(_) | None => {}
    }
    match &version {
        Some(version) if !is_version(version) => {
            let message = format!("use 1 to {VERSION_CHARS_MAX} letters, digits, dots, dashes and underscores, such as 2026-11");
            wrong("version", "invalid", &message);
        }
        None if url.is_some() => wrong("version", "required", "say which version of your policy this is, such as 2026-11"),
        Some(_) | None => {}
    }
    errors.into_result().map(|()| link.zip(version))
}

/// Reads a link that payers can follow safely, as browsers write it.
fn link(text: &str) -> Option<String> {
    let url: reqwest::Url = text.parse().ok()?;
    let is_plain = url.scheme() == "https" && url.host().is_some() && url.username().is_empty() && url.password().is_none();
    let url = String::from(url);
    (is_plain && url.len() <= URL_CHARS_MAX).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_https_and_nothing_else() {
        let read = |text: &str| link(text);
        assert_eq!(read("https://halden.example/privacy").as_deref(), Some("https://halden.example/privacy"));
        assert_eq!(read("https://h\u{e4}lden.example").as_deref(), Some("https://xn--hlden-gra.example/"));
        let long = format!("https://halden.example/{}", "a".repeat(URL_CHARS_MAX));
        for wrong in [
            "",
            "halden.example/privacy",
            "http://halden.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/privacy",
            "//x.example",
            &long,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read("https://ann:secret@halden.example/"), None);
    }

    #[test]
    fn link_and_version_come_together() {
        let asked = |url: &str, version: &str| parse(NewPrivacy { url: Some(url.to_owned()), version: Some(version.to_owned()) });
        let codes = |url: &str, version: &str| -> Vec<(String, String)> {
            asked(url, version).expect_err("refused").0.into_iter().map(|error| (error.field, error.code)).collect()
        };
        let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        assert_eq!(asked(" ", ""), Ok(None));
        assert_eq!(
            asked(" https://halden.example/p ", " 2026-11 "),
            Ok(Some(("https://halden.example/p".to_owned(), "2026-11".to_owned())))
        );
        assert_eq!(codes("https://halden.example/p", ""), [pair("version", "required")]);
        assert_eq!(codes("", "2026-11"), [pair("url", "required")]);
        assert_eq!(codes("http://halden.example/p", "a b"), [pair("url", "invalid"), pair("version", "invalid")]);
    }
}

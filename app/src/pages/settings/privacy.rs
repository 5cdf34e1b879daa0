//! The privacy policy that payers agree to, among the settings of how they see a merchant.

use domain::merchant::Mid;
use domain::privacy::{MerchantsText, URL_CHARS_MAX, VERSION_CHARS_MAX};
use engine::privacy::PrivacySettings;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_brand as said, staff_settings};

use super::Card;
use super::brand::shown;
use crate::components::{Head, Pill, Table, TextField, Tone, staff};
use crate::language::say;
use crate::reply::Submitted;
use crate::server_fns::privacy::ChangePrivacy;

/// Says what is wrong with a privacy policy.
pub(super) fn wrong_privacy(field: &str, code: &str) -> Option<String> {
    Some(match (field, code) {
        ("privacy_url", "required") => say(said::NoPrivacyUrl),
        ("privacy_url", _) => say(said::WrongPrivacyUrl { most: &URL_CHARS_MAX.to_string() }),
        ("privacy_version", "required") => say(said::NoPrivacyVersion),
        ("privacy_version", "taken") => say(said::TakenPrivacyVersion),
        ("privacy_version", _) => say(said::WrongPrivacyVersion { most: &VERSION_CHARS_MAX.to_string() }),
        _ => return None,
    })
}

/// Link and version, and every text that consents may name.
#[component]
pub(super) fn PrivacyCard(
    privacy: PrivacySettings,
    mid: Option<Mid>,
    submitted: Submitted,
    may_change: bool,
    now: Timestamp,
) -> impl IntoView {
    let PrivacySettings { text, texts } = privacy;
    let is_again = submitted.is_again(&["privacy_url", "privacy_version"]);
    let about = match &mid {
        Some(mid) => say(said::PrivacyTextMid { mid: &mid.name }),
        None => say(said::PrivacyText),
    };
    let save = may_change.then(|| {
        view! { <span><button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::SavePrivacy)}</button></span> }
    });
    let used = (!texts.is_empty()).then(|| {
        let current = text.as_ref().map(|text| text.id);
        let heads = [Head::Words(say(said::PrivacyVersion)), Head::Words(say(said::PrivacyUrl)), Head::Words(say(said::FirstUsed))];
        let rows = texts.into_iter().map(move |(MerchantsText { id, url, version }, since)| {
            let is_used = (current == Some(id)).then(|| view! { <Pill tone=Tone::Good text=say(said::InUse) /> });
            view! {
                <tr>
                    <td><span class="mono">{version}</span> " " {is_used}</td>
                    <td class="wrap"><a href=url.clone() target="_blank" rel="noopener noreferrer">{url.clone()}</a></td>
                    <td class="num nw">{staff(since, now)}</td>
                </tr>
            }
        });
        view! { <Table label=say(said::PrivacyTexts) heads>{rows.collect_view()}</Table> }
    });
    let (url, version) = text.map(|text| (text.url, text.version)).unzip();
    view! {
        <Card title=say(said::Privacy) about>
            <form class="body g4" method="post" action=ChangePrivacy::url()>
                <input type="hidden" name="mid" value=mid.map(|mid| mid.id.to_string()).unwrap_or_default() />
                <TextField
                    id="privacy_url"
                    label=say(said::PrivacyUrl)
                    kind="url"
                    maxlength=URL_CHARS_MAX
                    hint=say(said::PrivacyUrlHint)
                    value=shown(&submitted, is_again, "privacy_url", url)
                    error=submitted.error("privacy_url")
                />
                <TextField
                    id="privacy_version"
                    label=say(said::PrivacyVersion)
                    maxlength=VERSION_CHARS_MAX
                    hint=say(said::PrivacyVersionHint)
                    value=shown(&submitted, is_again, "privacy_version", version)
                    error=submitted.error("privacy_version")
                />
                {save}
            </form>
            {used}
        </Card>
    }
    .into_any()
}

//! The assets, with what of the policy is different for each of them alone.

use domain::ids::MidId;
use domain::money::AssetId;
use domain::policy::{Overrides, Policy};
use engine::Engine;
use engine::policies::{Version, VersionState};
use leptos::prelude::*;
use words::{payer, staff_policy};

use super::settings;
use crate::components::{AssetName, Head, Table};
use crate::language::say;

/// Returns an asset in words: USDT on Tron.
pub(super) fn asset_name(id: AssetId) -> String {
    match expect_context::<Engine>().assets().get(id) {
        Some(asset) => say(payer::AssetOn { asset: id.symbol(), network: asset.network.title() }),
        None => id.to_string(),
    }
}

/// Returns what a layer says, setting by setting: its title and its value.
pub(super) fn said(layer: &Overrides) -> Vec<(&'static settings::Setting, String)> {
    let (names, policy) = (layer.names(), Policy::default().with(layer));
    let settings = settings::all().filter(|setting| names.contains(&setting.knob));
    settings.map(|setting| (setting, setting.said(&(setting.shown)(&policy)))).collect()
}

/// The card.
#[component]
pub(super) fn Assets(mid: MidId, versions: Vec<Version>, may_change: bool) -> impl IntoView {
    let own = versions.into_iter().find(|version| version.state == VersionState::Active);
    let layers = own.map(|own| own.assets).unwrap_or_default();
    let engine = expect_context::<Engine>();
    let rows = engine.assets().all().map(|asset| {
        let differences = layers.get(&asset.id).map(said).unwrap_or_default();
        let differences = if differences.is_empty() {
            view! { <span class="soft">{say(staff_policy::AsForAll)}</span> }.into_any()
        } else {
            let lines = differences.into_iter().map(|(setting, value)| {
                let title = (setting.title)();
                view! { <li>{say(staff_policy::SaysOf { setting: &title, value: &value })}</li> }
            });
            view! { <ul class="g1">{lines.collect_view()}</ul> }.into_any()
        };
        let name = asset_name(asset.id);
        let action = if may_change { say(staff_policy::Change) } else { say(staff_policy::LookAt) };
        let label = say(staff_policy::ActionFor { action: &action, asset: &name });
        view! {
            <tr>
                <td><AssetName symbol=asset.id.symbol() network=asset.network /></td>
                <td class="sm">{differences}</td>
                <td class="r r2"><a class="btn sm" href=format!("/policies/{mid}/{}", asset.id) aria-label=label>{action}</a></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let heads = [
        Head::Words(say(staff_policy::HeadAsset)),
        Head::Words(say(staff_policy::HeadDifferent)),
        Head::Unseen(say(staff_policy::HeadAction)),
    ];
    view! {
        <section class="card" id="assets">
            <header>
                <h2>{say(staff_policy::Assets)}</h2>
                <p>{say(staff_policy::AssetsText)}</p>
            </header>
            <Table label=say(staff_policy::Assets) heads>{rows}</Table>
        </section>
    }
    .into_any()
}

//! `/settings/keys`: how a merchant's programs are let in. A key is shown once; rows hold its hash.

use std::collections::HashMap;

use domain::ids::MidId;
use domain::merchant::{Mid, Right, Scope};
use engine::Engine;
use engine::keys::KeyView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until};
use crate::components::{Empty, ErrorSummary, Head, Icon, Shape, StaffOnly, Table, staff};
use crate::pages::page;
use crate::reply::Submitted;
use crate::server_fns::key::{CreateKey, RevokeKey};
use crate::session::caller;

/// The page.
#[component]
pub(crate) fn Keys() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let may_change = caller.may(Right::ChangeSettings);
        let is_operator = caller.scope == Scope::Everything;
        let keys = if may_change { engine.keys(&caller).await? } else { Vec::new() };
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let now = engine.now();
        let told = (!submitted.value("secret").is_empty()).then(|| {
            view! {
                <Secret title="Copy your new key now" name="key" secret=submitted.value("secret").to_owned()>
                    "We store only a hash. If you lose the key, make another and revoke this one."
                </Secret>
            }
        });
        let body = if may_change {
            view! {
                <List keys mids=mids.clone() is_operator now />
                <Create mids submitted=submitted.clone() />
            }
            .into_any()
        } else {
            view! { <StaffOnly /> }.into_any()
        };
        Ok(view! {
            <Settings tab=Tab::Keys caller frozen_until submitted now>
                {told} {body}
            </Settings>
        }
        .into_any())
    })
}

const KEYS: &[Head] = &[Head::Words("MID"), Head::Words("Id"), Head::Words("Can"), Head::Words("Since"), Head::Unseen("Action")];

#[component]
fn List(keys: Vec<KeyView>, mids: Vec<Mid>, is_operator: bool, now: Timestamp) -> impl IntoView {
    let names: HashMap<MidId, String> = mids.into_iter().map(|mid| (mid.id, mid.name)).collect();
    let every = if is_operator { "Everything" } else { "All MIDs" };
    let rows = keys.into_iter().map(|key| {
        let whose = key.mid.and_then(|mid| names.get(&MidId(mid)).cloned()).unwrap_or_else(|| every.to_owned());
        let can = if key.can_write { "Read and write" } else { "Read" };
        let id = key.id.to_string();
        view! {
            <tr>
                <td class="semi">{whose}</td>
                <td class="mono nw r2">{format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or_default())}</td>
                <td class="soft">{can}</td>
                <td class="num nw hide">{staff(key.created_at, now)}</td>
                <td class="act"><Revoke id name=can /></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! {
            <Empty shape=Shape::Lock title="No keys yet" is_part=true>
                <p>"A key lets your shop’s programs in. It can never approve a refund."</p>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Table label="API keys" caption="API keys, oldest first" heads=KEYS>{rows}</Table>
        }
        .into_any()
    };
    view! {
        <Card title="API keys" about="Give each system its own key with the least it needs. Keys can never approve refunds.">
            {body}
        </Card>
    }
    .into_any()
}

/// Asks once more.
#[component]
fn Revoke(id: String, name: &'static str) -> impl IntoView {
    view! {
        <details class="confirm" name="revoke">
            <summary class="btn sm ghost danger-quiet" aria-label=format!("Revoke the key {name}, {id}")>"Revoke"</summary>
            <form class="g2" method="post" action=RevokeKey::url()>
                <input type="hidden" name="id" value=id />
                <p class="sm soft">"Programs with this key are refused at once. Payouts are locked for a day."</p>
                <span><button class="btn sm danger" data-busy="Revoking…">"Revoke the key"</button></span>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Create(mids: Vec<Mid>, submitted: Submitted) -> impl IntoView {
    let errors = domain::claim::FieldErrors(submitted.errors.0.iter().filter(|error| error.field == "mid").cloned().collect());
    view! {
        <Card title="Create a key" about="It is shown once. Payouts are locked for a day, so that a thief’s key moves nothing meanwhile.">
            <form class="body g4" method="post" action=CreateKey::url()>
                <ErrorSummary errors />
                <MidChoice mids chosen=submitted.value("mid").to_owned() />
                <label class="check">
                    <input type="checkbox" name="can_write" value="on" checked=submitted.value("can_write") == "on" />
                    <span>"It may create invoices and refunds and change settings, not only read"</span>
                </label>
                <span>
                    <button class="btn primary" data-busy="Creating…"><Icon shape=Shape::Plus /> "Create key"</button>
                </span>
            </form>
        </Card>
    }
    .into_any()
}

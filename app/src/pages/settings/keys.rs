//! `/settings/keys`: how a merchant's programs are let in. A key is shown once; rows hold its hash.

use std::collections::HashMap;

use domain::ids::MidId;
use domain::merchant::{Mid, Right, Scope};
use engine::Engine;
use engine::keys::KeyView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_keys as said, staff_settings};

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until};
use crate::components::{Empty, ErrorSummary, Head, Icon, Shape, StaffOnly, Table, staff};
use crate::language::say;
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
                <Secret title=say(said::CopyKey) name=say(said::KeyName) secret=submitted.value("secret").to_owned()>
                    {say(said::CopyKeyText)}
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

#[component]
fn List(keys: Vec<KeyView>, mids: Vec<Mid>, is_operator: bool, now: Timestamp) -> impl IntoView {
    let names: HashMap<MidId, String> = mids.into_iter().map(|mid| (mid.id, mid.name)).collect();
    let every = if is_operator { say(said::Everything) } else { say(staff_settings::AllMids) };
    let rows = keys.into_iter().map(|key| {
        let whose = key.mid.and_then(|mid| names.get(&MidId(mid)).cloned()).unwrap_or_else(|| every.clone());
        let can = if key.can_write { say(said::ReadAndWrite) } else { say(said::Read) };
        let id = key.id.to_string();
        view! {
            <tr>
                <td class="semi">{whose}</td>
                <td class="mono nw r2">{format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or_default())}</td>
                <td class="soft">{can.clone()}</td>
                <td class="num nw hide">{staff(key.created_at, now)}</td>
                <td class="act"><Revoke id can /></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! {
            <Empty shape=Shape::Lock title=say(said::None) is_part=true>
                <p>{say(said::NoneText)}</p>
            </Empty>
        }
        .into_any()
    } else {
        let heads = [
            Head::Words(say(staff_settings::Mid)),
            Head::Words(say(said::Id)),
            Head::Words(say(said::Can)),
            Head::Words(say(staff_settings::Since)),
            Head::Unseen(say(staff_settings::Action)),
        ];
        view! {
            <Table label=say(staff_settings::Keys) caption=say(said::OldestFirst) heads>{rows}</Table>
        }
        .into_any()
    };
    view! {
        <Card title=say(staff_settings::Keys) about=say(said::About)>
            {body}
        </Card>
    }
    .into_any()
}

/// Asks once more.
#[component]
fn Revoke(id: String, can: String) -> impl IntoView {
    view! {
        <details class="confirm" name="revoke">
            <summary class="btn sm ghost danger-quiet" aria-label=say(said::RevokeNamed { can: &can, id: &id })>{say(said::Revoke)}</summary>
            <form class="g2" method="post" action=RevokeKey::url()>
                <input type="hidden" name="id" value=id />
                <p class="sm soft">{say(said::RevokeText)}</p>
                <span><button class="btn sm danger" data-busy=say(said::Revoking)>{say(said::RevokeKey)}</button></span>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Create(mids: Vec<Mid>, submitted: Submitted) -> impl IntoView {
    let errors = domain::claim::FieldErrors(submitted.errors.0.iter().filter(|error| error.field == "mid").cloned().collect());
    view! {
        <Card title=say(said::Create) about=say(said::CreateText)>
            <form class="body g4" method="post" action=CreateKey::url()>
                <ErrorSummary errors />
                <MidChoice mids chosen=submitted.value("mid").to_owned() />
                <label class="check">
                    <input type="checkbox" name="can_write" value="on" checked=submitted.value("can_write") == "on" />
                    <span>{say(said::CanWrite)}</span>
                </label>
                <span>
                    <button class="btn primary" data-busy=say(said::Creating)><Icon shape=Shape::Plus /> {say(said::CreateKey)}</button>
                </span>
            </form>
        </Card>
    }
    .into_any()
}

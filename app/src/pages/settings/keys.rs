//! `/settings/keys`: how a merchant's programs are let in. A key is shown once; rows hold its hash.

use std::collections::HashMap;

use domain::ids::MidId;
use domain::merchant::{Mid, Right, Scope};
use engine::Engine;
use engine::keys::{KEY_NAME_CHARS_MAX, KeyView};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_keys as said, staff_settings};

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until};
use crate::components::{Empty, ErrorSummary, Head, Icon, Shape, StaffOnly, Table, TextField, staff};
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
        let submitted = use_context::<Submitted>().unwrap_or_default().in_words(wrong);
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

/// Says what is wrong with a new key.
fn wrong(field: &str, code: &str) -> Option<String> {
    ((field, code) == ("name", "invalid")).then(|| say(said::WrongName { most: &KEY_NAME_CHARS_MAX.to_string() }))
}

#[component]
fn List(keys: Vec<KeyView>, mids: Vec<Mid>, is_operator: bool, now: Timestamp) -> impl IntoView {
    let names: HashMap<MidId, String> = mids.into_iter().map(|mid| (mid.id, mid.name)).collect();
    let every = if is_operator { say(said::Everything) } else { say(staff_settings::AllMids) };
    let rows = keys.into_iter().map(|key| {
        let whose = key.mid.and_then(|mid| names.get(&MidId(mid)).cloned()).unwrap_or_else(|| every.clone());
        let can = if key.can_write { say(said::ReadAndWrite) } else { say(said::Read) };
        let name = key.name.unwrap_or_else(|| can.clone());
        let id = key.id.to_string();
        let used =
            key.used_at.map_or_else(|| view! { <span class="soft">{say(said::NotUsed)}</span> }.into_any(), |at| staff(at, now).into_any());
        view! {
            <tr>
                <td><span class="semi wrap">{name.clone()}</span> <span class="sub">{whose}</span></td>
                <td class="mono nw r2">{format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or_default())}</td>
                <td class="soft">{can}</td>
                <td class="num nw hide">{staff(key.created_at, now)}</td>
                <td class="num nw">{used}</td>
                <td class="act"><Revoke id name /></td>
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
            Head::Words(say(said::Name)),
            Head::Words(say(said::Id)),
            Head::Words(say(said::Can)),
            Head::Words(say(staff_settings::Since)),
            Head::Words(say(said::LastUsed)),
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
fn Revoke(id: String, name: String) -> impl IntoView {
    view! {
        <details class="confirm" name="revoke">
            <summary class="btn sm ghost danger-quiet" aria-label=say(said::RevokeNamed { name: &name, id: &id })>{say(said::Revoke)}</summary>
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
    let of_form = |field: &str| field == "mid" || field == "name";
    let errors = domain::claim::FieldErrors(submitted.errors.0.iter().filter(|error| of_form(&error.field)).cloned().collect());
    view! {
        <Card title=say(said::Create) about=say(said::CreateText)>
            <form class="body g4" method="post" action=CreateKey::url()>
                <ErrorSummary errors />
                <TextField
                    id="name"
                    label=say(said::Name)
                    maxlength=KEY_NAME_CHARS_MAX
                    hint=say(said::NameHint)
                    value=submitted.value("name").to_owned()
                    error=submitted.error("name")
                />
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

//! `/policies`: the MIDs whose policies can be looked at.

use domain::merchant::Guard;
use engine::Engine;
use leptos::prelude::*;
use words::{staff_frame, staff_policy};

use super::page;
use crate::components::{Head, Pill, Section, Staff, Table, Tone, staff};
use crate::language::say;
use crate::reply::go_to;
use crate::session::caller;

/// The list of MIDs; the one policy itself where there is one.
#[component]
pub(crate) fn Policies() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        if let [only] = mids.as_slice() {
            go_to(&format!("/policies/{}", only.id));
            return Ok(().into_any());
        }
        let now = engine.now();
        let mut rows = Vec::with_capacity(mids.len());
        for mid in mids {
            let live = engine.policy(&caller, mid.id).await?;
            let state = match mid.guard {
                Guard::Open => view! { <Pill tone=Tone::Good text=say(staff_policy::Open) /> },
                Guard::Suspended => view! { <Pill tone=Tone::Bad text=say(staff_policy::Suspended) /> },
            };
            let version = say(staff_policy::Version { number: &live.number.to_string() });
            rows.push(view! {
                <tr>
                    <td>
                        <a href=format!("/policies/{}", mid.id) class="semi">{mid.name}</a>
                        <span class="sub only-narrow">{version.clone()}</span>
                    </td>
                    <td class="num hide">{version}</td>
                    <td class="r2">{state}</td>
                    <td class="r nw num">{staff(live.created_at, now)}</td>
                </tr>
            });
        }
        let title = say(staff_frame::Policies);
        let heads = [
            Head::Words(say(staff_policy::HeadMid)),
            Head::Words(say(staff_policy::HeadLive)),
            Head::Words(say(staff_policy::HeadState)),
            Head::Numbers(say(staff_policy::HeadSince)),
        ];
        Ok(view! {
            <Staff title=title.clone() section=Section::Policies caller>
                <div class="head">
                    <h1>{title.clone()}</h1>
                    <p>{say(staff_policy::ListText)}</p>
                </div>
                <section class="card">
                    <Table label=title heads>{rows.collect_view()}</Table>
                </section>
            </Staff>
        }
        .into_any())
    })
}

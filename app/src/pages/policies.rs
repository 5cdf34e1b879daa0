//! `/policies`: the MIDs whose policies can be looked at.

use domain::merchant::Guard;
use engine::Engine;
use leptos::prelude::*;

use super::page;
use crate::components::{Head, Pill, Section, Staff, Table, Tone, staff};
use crate::reply::go_to;
use crate::session::caller;

const HEADS: &[Head] = &[Head::Words("MID"), Head::Words("Live"), Head::Words("State"), Head::Numbers("Since")];

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
                Guard::Open => view! { <Pill tone=Tone::Good text="Open" /> },
                Guard::Suspended => view! { <Pill tone=Tone::Bad text="Suspended" /> },
            };
            rows.push(view! {
                <tr>
                    <td><a href=format!("/policies/{}", mid.id) class="semi">{mid.name}</a></td>
                    <td class="num hide">{format!("Version {}", live.number)}</td>
                    <td class="r2">{state}</td>
                    <td class="r nw num">{staff(live.created_at, now)}</td>
                </tr>
            });
        }
        Ok(view! {
            <Staff title="Policies" section=Section::Policies caller>
                <div class="head">
                    <h1>"Policies"</h1>
                    <p>"Each MID has its own. It decides what happens when a payment does not match its invoice."</p>
                </div>
                <section class="card">
                    <Table label="Policies" heads=HEADS>{rows.collect_view()}</Table>
                </section>
            </Staff>
        }
        .into_any())
    })
}

//! The first steps of a merchant, until they are done or set aside.

use engine::setup::SetupStep;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Icon, Shape};
use crate::server_fns::setup::SkipSetupStep;

/// The checklist; nothing when there is nothing on it.
#[component]
pub(super) fn Setup(steps: Vec<(SetupStep, bool)>) -> impl IntoView {
    let (done, all) = (steps.iter().filter(|(_, is_done)| *is_done).count(), steps.len());
    let items = steps.into_iter().map(|(step, is_done)| {
        let (title, text, url) = words(step);
        if is_done {
            return view! {
                <li class="row task">
                    <span class="tone good"><Icon shape=Shape::Check /></span>
                    <span class="fill semi">{title} <span class="vh">", done"</span></span>
                </li>
            }
            .into_any();
        }
        view! {
            <li class="row task">
                <span class="tone"><Icon shape=Shape::Forward /></span>
                <span class="fill">
                    <a href=url class="semi plain-link">{title}</a>
                    <span class="soft sm block">{text}</span>
                </span>
                <form method="post" action=SkipSetupStep::url()>
                    <input type="hidden" name="step" value=step.name() />
                    <button class="btn sm ghost" aria-label=format!("Skip: {title}") data-busy="Skipping…">"Skip"</button>
                </form>
            </li>
        }
        .into_any()
    });
    let items = items.collect_view();
    (all > 0).then(|| {
        view! {
            <section class="card">
                <header>
                    <h2>"Set up your shop"</h2>
                    <p>{format!("{done} of {all} done. Each can wait, or be skipped.")}</p>
                </header>
                <ul>{items}</ul>
            </section>
        }
    })
}

const fn words(step: SetupStep) -> (&'static str, &'static str, &'static str) {
    match step {
        SetupStep::Brand => ("Say how payers see you", "Your name, logo and colour on every page and mail they get.", "/settings/brand"),
        SetupStep::Policy => (
            "Choose what happens when a payment differs",
            "Until you change it: the extra, and what is too little or too late, is refunded.",
            "/policies",
        ),
        SetupStep::Key => ("Connect your program", "A key lets it make invoices and refunds.", "/settings/keys"),
        SetupStep::Webhook => {
            ("Hear of every refund", "A webhook tells your program as it happens, claim links included.", "/settings/webhooks")
        }
        SetupStep::Colleague => ("Invite a colleague", "Who makes a large refund never approves it: somebody else does.", "/settings/team"),
        SetupStep::SecondFactor => {
            ("Protect your own sign-in", "A passkey or a code app keeps out who learns your password.", "/settings/security")
        }
    }
}

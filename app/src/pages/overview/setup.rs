//! The first steps of a merchant, until they are done or set aside.

use engine::setup::SetupStep;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::staff_overview as said;

use crate::components::{Icon, Shape};
use crate::language::{heard, say, staff_language};
use crate::server_fns::setup::SkipSetupStep;

/// The checklist; nothing when there is nothing on it.
#[component]
pub(super) fn Setup(steps: Vec<(SetupStep, bool)>) -> impl IntoView {
    let (done, all) = (steps.iter().filter(|(_, is_done)| *is_done).count(), steps.len());
    let items = steps.into_iter().map(|(step, is_done)| {
        let (title, text, url) = words(step);
        if is_done {
            // "done" is for those who do not see the tick.
            let ticked = heard(&said::SetupDone { step: &title }, staff_language());
            return view! {
                <li class="row task">
                    <span class="tone good"><Icon shape=Shape::Check /></span>
                    <span class="fill semi">{ticked}</span>
                </li>
            }
            .into_any();
        }
        let label = say(said::SkipStep { step: &title });
        view! {
            <li class="row task">
                <span class="tone"><Icon shape=Shape::Forward /></span>
                <span class="fill">
                    <a href=url class="semi plain-link">{title}</a>
                    <span class="soft sm block">{text}</span>
                </span>
                <form method="post" action=SkipSetupStep::url()>
                    <input type="hidden" name="step" value=step.name() />
                    <button class="btn sm ghost" aria-label=label data-busy=say(said::Skipping)>{say(said::Skip)}</button>
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
                    <h2>{say(said::Setup)}</h2>
                    <p>{say(said::SetupFar { all: &all.to_string(), done: &done.to_string() })}</p>
                </header>
                <ul>{items}</ul>
            </section>
        }
    })
}

fn words(step: SetupStep) -> (String, String, &'static str) {
    match step {
        SetupStep::Brand => (say(said::StepBrand), say(said::StepBrandText), "/settings/brand"),
        SetupStep::Policy => (say(said::StepPolicy), say(said::StepPolicyText), "/policies"),
        SetupStep::Key => (say(said::StepKey), say(said::StepKeyText), "/settings/keys"),
        SetupStep::Webhook => (say(said::StepWebhook), say(said::StepWebhookText), "/settings/webhooks"),
        SetupStep::Colleague => (say(said::StepColleague), say(said::StepColleagueText), "/settings/team"),
        SetupStep::SecondFactor => (say(said::StepSecondFactor), say(said::StepSecondFactorText), "/settings/security"),
    }
}

//! `/admin/…`: what the operator looks after: shops, the installation's own work, who did what. A merchant's people see their own audit log.

mod audit;
mod health;
mod mids;

use domain::merchant::Right;
use engine::callers::Caller;
use leptos::prelude::*;

use crate::components::Refusal;
use crate::reply::{Failure, Submitted};

pub(crate) use audit::Audit;
pub use audit::audit_wanted;
pub(crate) use health::Health;
pub(crate) use mids::Mids;

/// Refuses everybody but the operator.
fn require_operator(caller: &Caller) -> Result<(), Failure> {
    if caller.may(Right::Operate) { Ok(()) } else { Err(Failure::NoPage) }
}

/// What the last change met with.
#[component]
fn Refused() -> impl IntoView {
    let submitted = use_context::<Submitted>().unwrap_or_default();
    if submitted.is_again(&["action"]) {
        crate::pages::set_unprocessable();
    }
    view! { <Refusal submitted /> }
}

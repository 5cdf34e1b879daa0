//! The pages. Each loads what it shows, then renders it; what fails is a page too.

mod admin;
mod cancel;
mod chips;
mod claim;
mod failure;
mod filters;
mod gate;
mod invite;
mod invoice;
mod invoices;
mod new_refund;
mod overview;
mod pay;
mod plain;
mod policies;
mod policy;
mod prove;
mod receipt;
mod refund;
mod refunds;
mod reset;
pub(crate) mod selected;
mod settings;
mod sign_in;

use std::future::Future;

use axum::http::request::Parts;
use engine::{Engine, PageRequest};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

pub use admin::audit_wanted;
pub(crate) use admin::{Audit, Health, Mids};
pub(crate) use cancel::Cancel;
pub(crate) use claim::{Claim, refused_address, wrong_destination};
pub(crate) use filters::place_of;
pub(crate) use invite::Invite;
pub(crate) use invoice::{Invoice, InvoiceMails, flag_titles};
pub(crate) use invoices::Invoices;
pub use invoices::invoices_wanted;
pub(crate) use new_refund::NewRefund;
pub(crate) use overview::Overview;
pub(crate) use pay::{OpenPayment, Pay};
pub(crate) use plain::{Help, Privacy};
pub(crate) use policies::Policies;
pub(crate) use policy::Policy;
pub(crate) use policy::fields::typed as typed_setting;
pub(crate) use policy::settings::all as policy_settings;
pub(crate) use prove::Prove;
pub(crate) use receipt::ReceiptCheck;
pub(crate) use refund::{Refund, by, mail_fate, mail_title};
pub use refunds::refunds_wanted;
pub(crate) use refunds::{Refunds, counted};
pub(crate) use reset::{NewPassword, Reset};
pub(crate) use selected::Selected;
pub(crate) use settings::{
    Brand, Email, Keys, Secret, Security, Sources, Team, WebhookEndpoint, Webhooks, fault, may_resend, resend, response,
};
pub(crate) use sign_in::{SignIn, SignInCode};

use crate::reply::{Failure, set_status};
use crate::session::{caller, session_secret};

/// How many rows a list shows.
pub(crate) const ROWS: u32 = 25;

/// Renders a page once it is loaded, or what kept it from loading.
fn page(load: impl Future<Output = Result<AnyView, Failure>> + Send + 'static) -> impl IntoView {
    Suspend::new(async move {
        if let Some(waiting) = waiting().await {
            provide_context(waiting);
        }
        load.await.unwrap_or_else(Failure::into_view)
    })
}

/// How many refunds wait for a second person among those of whoever is signed in: every page of staff says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting(pub(crate) u64);

/// Counts them; a page is shown whether or not that can be done.
async fn waiting() -> Option<Waiting> {
    session_secret()?;
    let caller = caller().await.ok()?;
    expect_context::<Engine>().waiting_approvals(&caller).await.ok().map(Waiting)
}

/// Returns a part of the page's path.
fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

/// Returns a value of the page's query string; empty ones count as absent.
fn query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name)).filter(|value| !value.is_empty())
}

/// Returns the path and query of the page asked for.
fn asked() -> String {
    use_context::<Parts>().map(|parts| parts.uri.to_string()).unwrap_or_default()
}

/// Returns which rows of a list are asked for.
fn page_request() -> PageRequest {
    PageRequest { limit: ROWS, after: query("after") }
}

/// Marks the answer as a form with mistakes.
fn set_unprocessable() {
    set_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY);
}

/// Returns the symbol of an asset's id: `USDT` of `USDT-TRON`.
fn symbol(asset: &str) -> String {
    asset.split('-').next().unwrap_or_default().to_owned()
}

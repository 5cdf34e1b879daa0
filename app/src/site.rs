//! The site: every page by its URL, and what all documents link to.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages;
use crate::reply::Failure;

/// URLs of the files that pages link to; the server knows their hashed names.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The one style sheet.
    pub css: String,
    /// Returns what is in it, for pages that carry it along.
    pub style: fn() -> String,
    /// The script that wakes up the islands.
    pub start_js: String,
    /// The icon.
    pub icon: String,
    /// The text font, asked for before the style sheet names it.
    pub font: String,
}

/// All pages. A [`Failure`] in context is shown instead of the page: the answer to a form that cannot be dealt with.
#[component]
pub fn Site() -> impl IntoView {
    if let Some(failure) = use_context::<Failure>() {
        return failure.into_view();
    }
    // Async: a page is sent when it is whole, so that it needs no script to be completed.
    view! {
        <Router>
            <Routes fallback=|| Failure::NoPage.into_view()>
                <Route path=path!("/claim/:token") view=pages::Claim ssr=SsrMode::Async />
                <Route path=path!("/cancel/:token") view=pages::Cancel ssr=SsrMode::Async />
                <Route path=path!("/pay/:invoice") view=pages::Pay ssr=SsrMode::Async />
                <Route path=path!("/receipt") view=pages::ReceiptCheck ssr=SsrMode::Async />
                <Route path=path!("/privacy") view=pages::Privacy ssr=SsrMode::Async />
                <Route path=path!("/help") view=pages::Help ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=pages::SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-in/code") view=pages::SignInCode ssr=SsrMode::Async />
                <Route path=path!("/prove") view=pages::Prove ssr=SsrMode::Async />
                <Route path=path!("/reset") view=pages::Reset ssr=SsrMode::Async />
                <Route path=path!("/reset/:token") view=pages::NewPassword ssr=SsrMode::Async />
                <Route path=path!("/invite/:token") view=pages::Invite ssr=SsrMode::Async />
                <Route path=path!("/") view=pages::Overview ssr=SsrMode::Async />
                <Route path=path!("/refunds") view=pages::Refunds ssr=SsrMode::Async />
                <Route path=path!("/refunds/new") view=pages::NewRefund ssr=SsrMode::Async />
                <Route path=path!("/refunds/selected") view=pages::Selected ssr=SsrMode::Async />
                <Route path=path!("/refunds/:id") view=pages::Refund ssr=SsrMode::Async />
                <Route path=path!("/invoices") view=pages::Invoices ssr=SsrMode::Async />
                <Route path=path!("/invoices/:id") view=pages::Invoice ssr=SsrMode::Async />
                <Route path=path!("/invoices/:id/mails") view=pages::InvoiceMails ssr=SsrMode::Async />
                <Route path=path!("/policies") view=pages::Policies ssr=SsrMode::Async />
                <Route path=path!("/policies/:mid") view=pages::Policy ssr=SsrMode::Async />
                <Route path=path!("/policies/:mid/:asset") view=pages::Policy ssr=SsrMode::Async />
                <Route path=path!("/admin/mids") view=pages::Mids ssr=SsrMode::Async />
                <Route path=path!("/admin/health") view=pages::Health ssr=SsrMode::Async />
                <Route path=path!("/admin/audit") view=pages::Audit ssr=SsrMode::Async />
                <Route path=path!("/settings/webhooks") view=pages::Webhooks ssr=SsrMode::Async />
                <Route path=path!("/settings/sources") view=pages::Sources ssr=SsrMode::Async />
                <Route path=path!("/settings/webhooks/:id") view=pages::WebhookEndpoint ssr=SsrMode::Async />
                <Route path=path!("/settings/keys") view=pages::Keys ssr=SsrMode::Async />
                <Route path=path!("/settings/team") view=pages::Team ssr=SsrMode::Async />
                <Route path=path!("/settings/brand") view=pages::Brand ssr=SsrMode::Async />
                <Route path=path!("/settings/email") view=pages::Email ssr=SsrMode::Async />
                <Route path=path!("/settings/security") view=pages::Security ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
    .into_any()
}

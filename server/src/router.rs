//! Every URL of the server on one screen.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post, put};
use engine::Engine;

use crate::api::{
    self, balances, brands, cases, deposits, events, invoices, ledger, merchant_policies, mids, policies, privacy, reconciliations,
    refunding, refunds, sandbox, senders, simulation, sources, statements, webhook_deliveries, webhook_endpoints,
};
use crate::attempts::{self, Attempts};
use crate::metrics::{self, Metrics};
use crate::problem::{Code, Problem};
use crate::{assets, dialects, exports, intake, live, openapi, pages, security, snippets};

/// The REST API's URLs. Each needs a key; each is described in the OpenAPI document, as a test makes sure.
#[must_use]
pub fn api() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![
        ("/api/v1/invoices", get(invoices::list).post(invoices::create)),
        ("/api/v1/invoices/{id}", get(invoices::show)),
        ("/api/v1/invoices/{id}/cases/{case}/attribute", post(cases::attribute)),
        ("/api/v1/invoices/{id}/cases/{case}/resolve", post(cases::resolve)),
        ("/api/v1/deposits", get(deposits::list).post(deposits::report)),
        ("/api/v1/refunds", get(refunds::list).post(refunding::create)),
        ("/api/v1/refunds/{id}", get(refunds::show)),
        ("/api/v1/refunds/{id}/confirm", post(refunding::confirm)),
        ("/api/v1/refunds/{id}/destination", post(refunds::direct)),
        ("/api/v1/refunds/{id}/cancel", post(refunds::cancel)),
        ("/api/v1/refunds/{id}/approve", post(refunds::approve)),
        ("/api/v1/refunds/{id}/decline", post(refunds::decline)),
        ("/api/v1/refunds/{id}/hold", post(refunds::hold)),
        ("/api/v1/refunds/{id}/release", post(refunds::release)),
        ("/api/v1/refunds/{id}/reissue", post(refunds::reissue)),
        ("/api/v1/refunds/{id}/retry", post(refunds::retry)),
        ("/api/v1/refunds/{id}/notify", post(refunds::notify)),
        ("/api/v1/policy/knobs", get(policies::knobs)),
        ("/api/v1/mids", get(mids::list)),
        ("/api/v1/mids/{mid}/writing", put(mids::writing)),
        ("/api/v1/mids/{mid}/suspend", post(mids::suspend)),
        ("/api/v1/mids/{mid}/open", post(mids::open)),
        ("/api/v1/mids/{mid}/brand", get(brands::show_mid).put(brands::replace_mid)),
        ("/api/v1/mids/{mid}/privacy", get(privacy::show_mid).put(privacy::replace_mid)),
        ("/api/v1/merchants/{merchant}/brand", get(brands::show_merchant).put(brands::replace_merchant)),
        ("/api/v1/merchants/{merchant}/privacy", get(privacy::show_merchant).put(privacy::replace_merchant)),
        ("/api/v1/merchants/{merchant}/sender", get(senders::show).put(senders::replace)),
        ("/api/v1/mids/{mid}/policy", get(policies::show).put(policies::replace)),
        ("/api/v1/mids/{mid}/policy/simulate", post(simulation::simulate)),
        ("/api/v1/mids/{mid}/policy/locks", put(policies::lock)),
        ("/api/v1/mids/{mid}/policy/versions", get(policies::versions)),
        ("/api/v1/mids/{mid}/policy/versions/{id}/approve", post(policies::approve)),
        ("/api/v1/mids/{mid}/policy/versions/{id}/discard", post(policies::discard)),
        ("/api/v1/merchants/{merchant}/policy", get(merchant_policies::show).put(merchant_policies::replace)),
        ("/api/v1/merchants/{merchant}/policy/locks", put(merchant_policies::lock)),
        ("/api/v1/merchants/{merchant}/policy/versions", get(merchant_policies::versions)),
        ("/api/v1/merchants/{merchant}/policy/versions/{id}/approve", post(merchant_policies::approve)),
        ("/api/v1/merchants/{merchant}/policy/versions/{id}/discard", post(merchant_policies::discard)),
        ("/api/v1/balances", get(balances::list)),
        ("/api/v1/ledger/entries", get(ledger::entries)),
        ("/api/v1/reconciliations", get(reconciliations::list)),
        ("/api/v1/statements", get(statements::show)),
        ("/api/v1/statements.csv", get(statements::csv)),
        ("/api/v1/events", get(events::list)),
        ("/api/v1/sources", get(sources::list).post(sources::create)),
        ("/api/v1/sources/{id}", delete(sources::remove)),
        ("/api/v1/sources/{id}/news", get(sources::news)),
        ("/api/v1/webhook_deliveries", get(webhook_deliveries::deliveries)),
        ("/api/v1/webhook_deliveries/{id}", get(webhook_deliveries::delivery)),
        ("/api/v1/webhook_deliveries/{id}/resend", post(webhook_deliveries::resend)),
        ("/api/v1/webhook_endpoints", get(webhook_endpoints::list).post(webhook_endpoints::create)),
        ("/api/v1/webhook_endpoints/{id}", get(webhook_endpoints::show).put(webhook_endpoints::change).delete(webhook_endpoints::remove)),
        ("/api/v1/webhook_endpoints/{id}/enable", post(webhook_endpoints::enable)),
        ("/api/v1/webhook_endpoints/{id}/rotate", post(webhook_endpoints::rotate)),
        ("/api/v1/webhook_endpoints/{id}/test", post(webhook_endpoints::test)),
        ("/api/v1/sandbox/deposits", post(sandbox::deposit)),
        ("/api/v1/sandbox/clock", post(sandbox::clock)),
        ("/api/v1/sandbox/rail", post(sandbox::rail)),
        ("/api/v1/sandbox/account", post(sandbox::account)),
    ]
}

/// Returns the whole server.
pub fn router(engine: &Engine, metrics: &Metrics) -> Router {
    let api = api()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn_with_state(engine.clone(), api::remember))
        .route_layer(middleware::from_fn(api::limit))
        .route_layer(middleware::from_fn_with_state(engine.clone(), api::authenticate))
        .with_state(engine.clone());
    let open = Router::new()
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/{*path}", any(not_found))
        .route("/docs/api", get(openapi::reference::show))
        .route("/docs/clients", get(snippets::show))
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .with_state(engine.clone())
        .merge(metrics.public_route());
    let limit = middleware::from_fn_with_state((engine.clone(), Attempts::default()), attempts::limit);
    let payers = pages::routes(engine.clone()).merge(live::routes(engine.clone())).layer(limit);
    let timed = Router::new()
        .merge(api)
        .merge(dialects::router().merge(intake::routes()).with_state(engine.clone()))
        .merge(exports::routes(engine.clone()))
        .merge(payers);
    let timed = timed.layer(middleware::from_fn_with_state(engine.clone(), keep_time));
    let router = Router::new().merge(timed).merge(open).merge(assets::routes());
    security::protect(router, &engine.settings().public_url).layer(middleware::from_fn_with_state(metrics.clone(), metrics::measure))
}

/// Goes by the sandbox's clock as it stands: a request to one process sees what another one was told before.
async fn keep_time(State(engine): State<Engine>, request: Request, next: Next) -> Response {
    // A database that does not answer is the request's own matter.
    if let Err(error) = engine.follow_clock().await {
        tracing::debug!(%error, "the sandbox's clock could not be read");
    }
    next.run(request).await
}

async fn healthy() -> &'static str {
    "ok"
}

/// Says whether the database answers.
async fn ready(State(engine): State<Engine>) -> Result<&'static str, Problem> {
    engine.ping().await.map_err(|_| Problem::unavailable("the database does not answer"))?;
    Ok("ok")
}

async fn not_found() -> Problem {
    Problem::not_found()
}

async fn method_not_allowed() -> Problem {
    let detail = "this address does not answer to this method: /docs/api lists those it does";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::NotFound, detail)
}

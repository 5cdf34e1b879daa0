//! The OpenAPI document, made from the handlers, with the [problems](problems) and [examples](examples) of each operation, the
//! [patterns] of its texts, and the [page](reference) made from it.

mod examples;
mod patterns;
mod problems;
pub mod reference;

use axum::Json;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::api::{
    balances, brands, cases, deposits, events, invoices, ledger, merchant_policies, mids, policies, privacy, reconciliations, refunding,
    refunds, sandbox, senders, simulation, sources, statements, webhook_deliveries, webhook_endpoints,
};
use crate::problem::ProblemBody;

/// Everything under `/api/v1`.
#[derive(OpenApi)]
#[openapi(
    info(title = "Refundry", description = "Refunds of crypto payments. Amounts are decimal strings with their asset or currency \
        beside them, times RFC 3339 in UTC, ids UUIDv7. Unknown fields are refused."),
    paths(
        invoices::create, invoices::list, invoices::show,
        deposits::report, deposits::list,
        cases::attribute,
        cases::resolve,
        refunding::create, refunding::confirm,
        refunds::list, refunds::show, refunds::direct, refunds::cancel, refunds::approve, refunds::decline, refunds::hold, refunds::release,
        refunds::reissue, refunds::retry, refunds::notify,
        mids::list, mids::writing, mids::suspend, mids::open,
        brands::show_mid, brands::replace_mid, brands::show_merchant, brands::replace_merchant,
        privacy::show_mid, privacy::replace_mid, privacy::show_merchant, privacy::replace_merchant,
        senders::show, senders::replace,
        policies::knobs, policies::show, policies::replace, policies::lock, policies::versions, policies::approve, policies::discard,
        simulation::simulate,
        merchant_policies::show, merchant_policies::replace, merchant_policies::lock, merchant_policies::versions,
        merchant_policies::approve, merchant_policies::discard,
        balances::list, ledger::entries, statements::show, statements::csv, reconciliations::list,
        events::list, sources::create, sources::list, sources::remove, sources::news,
        webhook_endpoints::create, webhook_endpoints::list, webhook_endpoints::show, webhook_endpoints::change, webhook_endpoints::rotate,
        webhook_endpoints::remove, webhook_endpoints::enable, webhook_endpoints::test,
        webhook_deliveries::deliveries, webhook_deliveries::delivery, webhook_deliveries::resend,
        sandbox::deposit, sandbox::clock, sandbox::rail, sandbox::account,
    ),
    components(schemas(ProblemBody)),
    modifiers(&Everywhere),
)]
pub struct Document;

/// What holds for every operation: the key, the problems, and the idempotency key of every POST.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        patterns::add(components);
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        document.security = Some(vec![SecurityRequirement::new("key", [""; 0])]);
        let examples = examples::recorded();
        for (template, path) in &mut document.paths.paths {
            let methods = [("GET", &mut path.get), ("POST", &mut path.post), ("PUT", &mut path.put), ("DELETE", &mut path.delete)];
            for (method, operation) in methods {
                let Some(operation) = operation else { continue };
                if method == "POST" {
                    operation.parameters.get_or_insert_default().push(idempotency_key().into());
                }
                problems::describe(method, template, operation);
                examples::add(&examples[format!("{method} {template}")], operation);
                name(operation);
            }
        }
    }
}

/// Names an operation `refunds.cancel`: after its tag and its handler, which alone is `list` more than once.
fn name(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next().map(|tag| tag.to_lowercase());
    operation.operation_id = tag.zip(operation.operation_id.take()).map(|(tag, handler)| format!("{tag}.{handler}"));
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The same key and body get the same answer for 24 hours; another body is refused. An answer with `Retry-After` holds for now \
             only: send the same request with the same key again after that many seconds.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).pattern(Some("^[ -~]+$"))))
        .build()
}

/// Serves the document.
pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

//! `/pay/{invoice}`: what to pay, where, until when, and what came in.

use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use engine::Engine;
use leptos::prelude::*;

use super::{page, param, symbol};
use crate::components::{Amount, AssetName, BigAmount, Form, Icon, InvoicePill, Note, Payer, Shape, When, exact, standard};
use crate::pages::claim::Copy;
use crate::reply::Failure;
use crate::words;

/// The payment page. Anybody who has the link may see it: it holds no secret.
#[component]
pub(crate) fn Pay() -> impl IntoView {
    let id = param("invoice");
    page(async move {
        let engine = expect_context::<Engine>();
        let id: InvoiceId = id.parse().map_err(|_| Failure::NoPage)?;
        let (merchant, invoice) = engine.payer_invoice(id).await?;
        let unit = symbol(&invoice.asset);
        let network = invoice.network;
        let amount = exact(&invoice.amount_charged, &unit);
        let secs = invoice.expires_at.as_second().saturating_sub(engine.now().as_second());
        let is_open = matches!(invoice.status, InvoiceStatus::Pending | InvoiceStatus::Processing) && secs > 0;
        let only = match standard(&unit, network) {
            Some(standard) => format!("Send only {unit} on {} ({standard}). Other coins or networks sent here are lost.", network.title()),
            None => format!("Send only {unit} on {}. Other coins or networks sent here are lost.", network.title()),
        };
        let pay = is_open.then(|| {
            view! {
                <div class="g4">
                    <div class="field">
                        <span class="label sm soft">"Address"</span>
                        <div class="row one-line">
                            <span class="addr">{invoice.address.clone()}</span>
                            <Copy text=invoice.address.clone() name="address" said="Address copied" />
                        </div>
                    </div>
                    {invoice.tag.map(|tag| view! {
                        <div class="field">
                            <span class="label sm soft">"Memo or tag, needed"</span>
                            <span class="addr">{tag}</span>
                        </div>
                    })}
                    <Note tone="warn" shape=Shape::Warning>{only}</Note>
                    <p class="sm soft">{format!("Your wallet may add its own network fee. Send {amount} after that fee.")}</p>
                </div>
            }
        });
        let deposits = invoice.deposits.into_iter().map(|deposit| {
            view! {
                <dt><When at=deposit.seen_at form=Form::Short /></dt>
                <dd><Amount value=deposit.amount unit=symbol(&deposit.asset) /></dd>
            }
        });
        let deposits = deposits.collect_view();
        let received = (!deposits.is_empty()).then(|| {
            view! {
                <div class="g3">
                    <h2 class="sub-title">"Received"</h2>
                    <dl class="kv spread">{deposits}</dl>
                    <p class="sm soft">{result(invoice.status)}</p>
                </div>
            }
        });
        let strip = is_open.then(|| {
            view! {
                <p class="strip">
                    <span><Icon shape=Shape::Clock /> "Rate held until " <b><When at=invoice.expires_at form=Form::Clock /></b></span>
                    <b class="num" data-left=secs.to_string()>{format!("{} left", words::left(secs))}</b>
                </p>
            }
        });
        Ok(view! {
            <Payer title=format!("Pay {amount}") merchant=Some(merchant)>
                <div class="g3">
                    <div class="g1">
                        <h1 class="eyebrow">{format!("Order {}", invoice.reference)}</h1>
                        <BigAmount value=invoice.amount_charged unit=unit.clone() />
                    </div>
                    <div class="row sb">
                        <AssetName symbol=unit network with_standard=true />
                        <InvoicePill status=invoice.status />
                    </div>
                </div>
                {strip}
                {pay}
                {received}
            </Payer>
        }
        .into_any())
    })
}

const fn result(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => "The network is confirming the payment. You can close this page.",
        InvoiceStatus::Complete => "The order is paid. If you sent too much, the shop gives you a link to claim the rest.",
        InvoiceStatus::Underpaid => "The payment was too small. The shop gives you a link to claim it back.",
        InvoiceStatus::Expired => "The payment arrived too late. The shop gives you a link to claim it back.",
        InvoiceStatus::Canceled => "The payment could not be accepted. The shop gives you a link to claim it back.",
    }
}

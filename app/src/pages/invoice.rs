//! `/invoices/{id}`: one invoice: what it asks for, what came in, what goes back. In the sandbox it can be paid here.

mod cases;
mod mails;
mod sandbox;

use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::merchant::Right;
use domain::view::{DepositView, InvoiceView, RefundSummary};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;

pub(crate) use self::mails::InvoiceMails;
use super::{page, param, symbol};
use crate::components::{
    Amount, AssetName, BigAmount, Head, Icon, InvoicePill, Pill, Section, Shape, Staff, StatePill, Table, Tone, staff,
};
use crate::live::{FOLDER, Following, stage};
use crate::pages::claim::Copy;
use crate::reply::{Failure, Submitted};
use crate::session::caller;

/// One invoice.
#[component]
pub(crate) fn Invoice() -> impl IntoView {
    let id = param("id");
    page(async move {
        let engine = expect_context::<Engine>();
        let id: InvoiceId = id.parse().map_err(|_| Failure::NoPage)?;
        let caller = caller().await?;
        let invoice = engine.invoice(&caller, id).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let now = engine.now();
        let tools = (engine.settings().is_sandbox && caller.may(Right::MoveMoney)).then(|| {
            view! { <sandbox::Tools invoice=invoice.clone() submitted=submitted.clone() now /> }
        });
        let may_refund = caller.may(Right::MoveMoney) && invoice.status == InvoiceStatus::Complete;
        let title = format!("Invoice {}", invoice.reference);
        let live = Following { url: format!("{FOLDER}/invoices/{id}"), seen: stage(&invoice) };
        Ok(view! {
            <Staff title=title.clone() section=Section::Invoices caller=caller.clone() here=invoice.reference.clone() live=Some(live)>
                <div class="head to-end">
                    <div class="g2">
                        <div class="row"><InvoicePill status=invoice.status /></div>
                        <h1 class="vh">{title}</h1>
                        <BigAmount value=invoice.amount_billed.clone() unit=invoice.billed_currency.clone() />
                    </div>
                    <span class="end">
                        {may_refund.then(|| view! { <a href=format!("/refunds/new?invoice={}", invoice.id) class="btn"><Icon shape=Shape::Refund /> "Refund"</a> })}
                        <a href=format!("/pay/{}", invoice.id) class="btn"><Icon shape=Shape::Open /> "Open payment page"</a>
                    </span>
                </div>
                <div class="cols wide">
                    <div class="g5">
                        <cases::Cases invoice=invoice.clone() caller submitted now />
                        <Payment invoice=invoice.clone() now />
                        <Deposits deposits=invoice.deposits now />
                        <Refunds refunds=invoice.refunds now />
                    </div>
                    {tools}
                </div>
            </Staff>
        }
        .into_any())
    })
}

#[component]
fn Payment(invoice: InvoiceView, now: Timestamp) -> impl IntoView {
    let unit = symbol(&invoice.asset);
    let rate = format!("{} {} per {unit}", invoice.exchange_rate, invoice.billed_currency);
    view! {
        <section class="card">
            <header><h2>"Payment"</h2></header>
            <div class="body">
                <dl class="kv">
                    <dt>"Exact amount"</dt>
                    <dd><Amount value=invoice.amount_charged unit=unit.clone() /></dd>
                    <dt>"Received"</dt>
                    <dd><Amount value=invoice.amount_paid unit=unit.clone() /></dd>
                    <dt>"Asset"</dt>
                    <dd><AssetName symbol=unit network=invoice.network /></dd>
                    <dt>"Address"</dt>
                    <dd class="row one-line">
                        <span class="addr">{invoice.address.clone()}</span>
                        <Copy text=invoice.address name="address" />
                    </dd>
                    {invoice.tag.map(|tag| view! { <dt>"Tag"</dt> <dd class="mono">{tag}</dd> })}
                    <dt>"Rate"</dt>
                    <dd class="num">{rate}</dd>
                    {invoice.payer_email.map(|email| view! { <dt>"Payer email"</dt> <dd>{email}</dd> })}
                    <dt>"Created"</dt>
                    <dd class="num">{staff(invoice.created_at, now)} " UTC"</dd>
                    <dt>"Expires"</dt>
                    <dd class="num">{staff(invoice.expires_at, now)} " UTC"</dd>
                </dl>
            </div>
        </section>
    }
    .into_any()
}

const DEPOSITS: &[Head] = &[Head::Numbers("Amount"), Head::Words("Status"), Head::Words("Transaction"), Head::Numbers("Seen")];

#[component]
fn Deposits(deposits: Vec<DepositView>, now: Timestamp) -> impl IntoView {
    if deposits.is_empty() {
        return view! {
            <section class="card">
                <header><h2>"Payments received"</h2></header>
                <p class="body sm soft">"No transaction seen yet."</p>
            </section>
        }
        .into_any();
    }
    let rows = deposits.into_iter().map(move |deposit| {
        let (tone, hollow, text) = match deposit.status.as_str() {
            "final" => (Tone::Good, false, "Final"),
            "gone" => (Tone::Bad, false, "Gone"),
            "orphaned" => (Tone::Bad, false, "Undone"),
            _ => (Tone::Move, true, "Confirming"),
        };
        view! {
            <tr>
                <td class="r"><Amount value=deposit.amount unit=symbol(&deposit.asset) /></td>
                <td class="r2"><Pill tone hollow text /></td>
                <td><span class="addr">{deposit.txid}</span></td>
                <td class="r nw num">{staff(deposit.seen_at, now)}</td>
            </tr>
        }
    });
    view! {
        <section class="card">
            <header>
                <h2>"Payments received"</h2>
                <span class="end sm soft">"Times in UTC"</span>
            </header>
            <Table label="Payments received" caption="Payments received, oldest first" heads=DEPOSITS of_amounts=true>{rows.collect_view()}</Table>
        </section>
    }
    .into_any()
}

const REFUNDS: &[Head] = &[Head::Numbers("Amount"), Head::Words("Status"), Head::Words("Reference"), Head::Numbers("Created")];

#[component]
fn Refunds(refunds: Vec<RefundSummary>, now: Timestamp) -> impl IntoView {
    let rows = refunds.into_iter().map(|refund| {
        view! {
            <tr>
                <td class="r"><Amount value=refund.amount unit=symbol(&refund.asset) /></td>
                <td class="r2"><StatePill state=refund.state /></td>
                <td><a href=format!("/refunds/{}", refund.id)>{refund.reference}</a></td>
                <td class="r nw num">{staff(refund.created_at, now)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="card">
                <header><h2>"Refunds"</h2></header>
                <Table label="Refunds of this invoice" caption="Refunds of this invoice, oldest first" heads=REFUNDS of_amounts=true>{rows}</Table>
            </section>
        }
    })
}

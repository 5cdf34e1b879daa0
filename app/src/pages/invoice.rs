//! `/invoices/{id}`: one invoice: what it asks for, what came in, what goes back. In the sandbox it can be paid here.

mod cases;
mod mails;
mod sandbox;

use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::merchant::Right;
use domain::view::{DepositView, InvoiceView, PayView, RefundSummary};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use words::{staff_frame, staff_invoice as said};

pub(crate) use self::cases::flag_titles;
pub(crate) use self::mails::InvoiceMails;
use super::{OpenPayment, page, param, symbol};
use crate::components::{
    Amount, AssetName, BigAmount, Head, Icon, InvoicePill, Pill, Section, Shape, Staff, StatePill, Table, Tone, staff,
};
use crate::language::{rich, say, staff_language};
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
        let tools = if engine.settings().is_sandbox && caller.may(Right::MoveMoney) {
            let judging = engine.judging(&caller, id).await?;
            Some(view! { <sandbox::Tools invoice=invoice.clone() judging submitted=submitted.clone() now /> })
        } else {
            None
        };
        let open = engine.pay_page(id, None).await?;
        let may_refund = caller.may(Right::MoveMoney) && invoice.status == InvoiceStatus::Complete;
        let title = say(staff_frame::Invoice { reference: &invoice.reference });
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
                        {may_refund.then(|| view! { <a href=format!("/refunds/new?invoice={}", invoice.id) class="btn"><Icon shape=Shape::Refund /> {say(said::Refund)}</a> })}
                        <a href=format!("/pay/{}", invoice.id) class="btn"><Icon shape=Shape::Open /> {say(said::OpenPage)}</a>
                    </span>
                </div>
                <div class="cols wide">
                    <div class="g5">
                        <cases::Cases invoice=invoice.clone() caller submitted now />
                        <Payment invoice=invoice.clone() open now />
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
fn Payment(invoice: InvoiceView, open: PayView, now: Timestamp) -> impl IntoView {
    let unit = symbol(&invoice.asset);
    let rate = staff_language().number(&invoice.exchange_rate);
    let rate = say(said::RateOf { currency: &invoice.billed_currency, rate: &rate, symbol: &unit });
    let in_utc = |at: Timestamp| rich(&said::InUtc { time: "" }, staff_language(), move |_, _| staff(at, now).into_any());
    view! {
        <section class="card">
            <header><h2>{say(said::Payment)}</h2></header>
            <div class="body">
                <dl class="kv">
                    <dt>{say(said::ExactAmount)}</dt>
                    <dd><Amount value=invoice.amount_charged unit=unit.clone() /></dd>
                    <dt>{say(said::Received)}</dt>
                    <dd><Amount value=invoice.amount_paid unit=unit.clone() /></dd>
                    <dt>{say(said::Asset)}</dt>
                    <dd><AssetName symbol=unit network=invoice.network /></dd>
                    <dt>{say(said::Address)}</dt>
                    <dd class="row one-line">
                        <span class="addr">{invoice.address.clone()}</span>
                        <Copy text=invoice.address name=say(said::TheAddress) />
                    </dd>
                    {invoice.tag.map(|tag| view! { <dt>{say(said::Tag)}</dt> <dd class="mono">{tag}</dd> })}
                    <dt>{say(said::Rate)}</dt>
                    <dd class="num">{rate}</dd>
                    {invoice.payer_email.map(|email| view! { <dt>{say(said::PayerEmail)}</dt> <dd>{email}</dd> })}
                    <dt>{say(said::Created)}</dt>
                    <dd class="num">{in_utc(invoice.created_at)}</dd>
                    <dt>{say(said::Expires)}</dt>
                    <dd class="num">{in_utc(invoice.expires_at)}</dd>
                </dl>
            </div>
            <OpenPayment view=open />
        </section>
    }
    .into_any()
}

#[component]
fn Deposits(deposits: Vec<DepositView>, now: Timestamp) -> impl IntoView {
    if deposits.is_empty() {
        return view! {
            <section class="card">
                <header><h2>{say(said::Payments)}</h2></header>
                <p class="body sm soft">{say(said::NoPayment)}</p>
            </section>
        }
        .into_any();
    }
    let rows = deposits.into_iter().map(move |deposit| {
        let (tone, hollow, text) = match deposit.status.as_str() {
            "final" => (Tone::Good, false, say(said::Final)),
            "gone" => (Tone::Bad, false, say(said::Gone)),
            "orphaned" => (Tone::Bad, false, say(said::Undone)),
            _ => (Tone::Move, true, say(said::Confirming)),
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
    let heads = [
        Head::Numbers(say(said::HeadAmount)),
        Head::Words(say(said::HeadStatus)),
        Head::Words(say(said::HeadTransaction)),
        Head::Numbers(say(said::HeadSeen)),
    ];
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Payments)}</h2>
                <span class="end sm soft">{say(said::TimesInUtc)}</span>
            </header>
            <Table label=say(said::Payments) caption=say(said::PaymentsOldestFirst) heads of_amounts=true>
                {rows.collect_view()}
            </Table>
        </section>
    }
    .into_any()
}

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
        let heads = [
            Head::Numbers(say(said::HeadAmount)),
            Head::Words(say(said::HeadStatus)),
            Head::Words(say(said::HeadReference)),
            Head::Numbers(say(said::HeadCreated)),
        ];
        view! {
            <section class="card">
                <header><h2>{say(said::Refunds)}</h2></header>
                <Table label=say(said::RefundsOf) caption=say(said::RefundsOldestFirst) heads of_amounts=true>
                    {rows}
                </Table>
            </section>
        }
    })
}

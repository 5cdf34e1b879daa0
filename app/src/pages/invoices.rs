//! `/invoices`: every invoice, newest first.

use domain::view::InvoiceView;
use engine::Engine;
use engine::invoices::InvoiceFilter;
use jiff::Timestamp;
use leptos::prelude::*;

use super::refunds::Pager;
use super::{page, page_request, query, symbol};
use crate::components::{Amount, Coin, Icon, InvoicePill, Scroll, Section, Shape, Staff, exact, staff};
use crate::session::caller;

/// The list of invoices.
#[component]
pub(crate) fn Invoices() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let reference = query("reference");
        let filter = InvoiceFilter { reference: reference.clone(), ..InvoiceFilter::default() };
        let found = engine.invoices(&caller, filter, page_request()).await?;
        let now = engine.now();
        let older = found.next.map(|next| format!("/invoices?after={next}"));
        let newest = query("after").map(|_| "/invoices".to_owned());
        let rows = found.data.into_iter().map(|invoice| row(invoice, now)).collect_view();
        let body = if rows.is_empty() {
            view! { <Empty is_filtered=reference.is_some() /> }.into_any()
        } else {
            view! {
                <Scroll label="Invoices">
                    <table class="tbl stack fractions">
                        <caption class="vh">"Invoices, newest first"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Order"</th>
                                <th scope="col" class="r">"Price"</th>
                                <th scope="col" class="r">"Paid in"</th>
                                <th scope="col"><span class="vh">"Asset"</span></th>
                                <th scope="col">"Status"</th>
                                <th scope="col">"Refund"</th>
                                <th scope="col" class="r">"Created"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Scroll>
            }
            .into_any()
        };
        Ok(view! {
            <Staff title="Invoices" section=Section::Invoices caller>
                <div class="head"><h1>"Invoices"</h1></div>
                <section class="card">
                    <form class="row filters" role="search" action="/invoices">
                        <div class="input">
                            <span class="faint"><Icon shape=Shape::Search /></span>
                            <input type="search" name="reference" aria-label="Search by order" placeholder="Order" value=reference />
                        </div>
                        <button class="btn">"Search"</button>
                    </form>
                    {body}
                    <Pager newest older />
                </section>
            </Staff>
        }
        .into_any())
    })
}

fn row(invoice: InvoiceView, now: Timestamp) -> impl IntoView {
    let unit = symbol(&invoice.asset);
    let name = format!("{unit} on {}", invoice.network.title());
    let paid = if invoice.deposits.is_empty() {
        view! { <span class="faint">"–"</span> }.into_any()
    } else {
        view! { <Amount value=invoice.amount_paid unit=unit.clone() /> }.into_any()
    };
    let refunds = invoice.refunds.into_iter().map(|refund| {
        view! { <a href=format!("/refunds/{}", refund.id)>{exact(&refund.amount, &symbol(&refund.asset))}</a> }
    });
    let refunds = refunds.collect_view();
    let refunds = if refunds.is_empty() { view! { <span class="faint">"–"</span> }.into_any() } else { refunds.into_any() };
    view! {
        <tr>
            <td><a href=format!("/invoices/{}", invoice.id) class="num semi">{invoice.reference}</a></td>
            <td class="r fiat"><Amount value=invoice.amount_billed unit=invoice.billed_currency /></td>
            <td class="r hide">{paid}</td>
            <td class="hide"><Coin symbol=unit network=invoice.network /> <span class="vh">{name}</span></td>
            <td class="r2"><InvoicePill status=invoice.status /></td>
            <td class="hide">{refunds}</td>
            <td class="r nw num">{staff(invoice.created_at, now)}</td>
        </tr>
    }
}

#[component]
fn Empty(is_filtered: bool) -> impl IntoView {
    let (heading, text) = if is_filtered {
        ("No invoice has this order", "Search for the whole reference, as your shop wrote it.")
    } else {
        ("No invoices yet", "Your shop creates them through the API.")
    };
    view! {
        <div class="empty">
            <span class="badge"><Icon shape=Shape::Invoice large=true /></span>
            <h2>{heading}</h2>
            <p>{text}</p>
            {is_filtered.then(|| view! { <a href="/invoices" class="btn">"Clear search"</a> })}
        </div>
    }
    .into_any()
}

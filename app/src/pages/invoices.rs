//! `/invoices`: every invoice, newest first: by status, by what is known of it, page by page in both directions.

use std::collections::HashMap;

use domain::ids::MidId;
use domain::invoice::InvoiceStatus;
use domain::merchant::Mid;
use engine::Engine;
use engine::browsing::{Browsed, InvoicesWanted, ListedInvoice};
use jiff::Timestamp;
use leptos::prelude::*;
use words::{payer, staff_frame, staff_invoice as said};

use super::chips::FilterBar;
use super::filters::{Filters, Turns, following, mid_switch, place, turns};
use super::{ROWS, page};
use crate::components::{Amount, Coin, Empty, Head, Icon, InvoicePill, Section, Shape, Staff, Table, invoice_title, staff};
use crate::language::say;
use crate::session::caller;

const PATH: &str = "/invoices";

/// What the list can be narrowed by, in its URL.
const FILTERS: [&str; 6] = ["q", "status", "mid", "asset", "from", "to"];

/// Reads which invoices a URL's query asks for; nothing when it cannot be read, which finds none.
#[must_use]
pub fn invoices_wanted(value: impl Fn(&str) -> Option<String>) -> Option<InvoicesWanted> {
    wanted(&Filters::of(&FILTERS, value))
}

fn wanted(filters: &Filters) -> Option<InvoicesWanted> {
    let status = |name: &str| InvoiceStatus::ALL.into_iter().find(|status| status.name() == name);
    Some(InvoicesWanted {
        status: match filters.get("status") {
            Some(name) => Some(status(name)?),
            None => None,
        },
        narrowing: filters.narrowing()?,
    })
}

/// The list of invoices.
#[component]
pub(crate) fn Invoices() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let filters = Filters::read(&FILTERS);
        let mids = engine.mids(&caller).await?;
        let found = match wanted(&filters) {
            Some(wanted) => engine.browse_invoices(&caller, &wanted, place(), ROWS).await?,
            None => Browsed { rows: Vec::new(), has_newer: false, has_older: false },
        };
        let switch = mid_switch(PATH, &filters, &mids);
        let live = following("invoices", &filters, &found);
        let is_filtered = filters != Filters::default();
        let is_first_use = found.rows.is_empty() && !is_filtered;
        let export = (!is_first_use).then(|| {
            let url = filters.url("/invoices.csv");
            view! {
                <span class="end">
                    <a href=url class="btn" download><Icon shape=Shape::Download /> {say(said::ExportCsv)}</a>
                </span>
            }
        });
        let now = engine.now();
        let body = if found.rows.is_empty() {
            view! { <NoInvoice is_filtered /> }.into_any()
        } else {
            let (newer, older) = turns(&found, |invoice| invoice.id);
            view! {
                <List invoices=found.rows mids=mids.clone() now />
                <Turns path=PATH filters=filters.clone() newer older />
            }
            .into_any()
        };
        let title = say(staff_frame::Invoices);
        let bar = (!is_first_use).then(|| {
            let (label, hint) = (say(said::Search), say(said::SearchHint));
            // The tab that is chosen stays.
            let status = filters.get("status").map(|status| view! { <input type="hidden" name="status" value=status.to_owned() /> });
            view! { <FilterBar path=PATH filters=filters.clone() mids label hint>{status}</FilterBar> }
        });
        Ok(view! {
            <Staff title=title.clone() section=Section::Invoices caller live=Some(live) switch=Some(switch)>
                <div class="head">
                    <h1>{title}</h1>
                    {export}
                </div>
                {(!is_first_use).then(|| view! { <Tabs filters /> })}
                <section class="card">
                    {bar} {body}
                </section>
            </Staff>
        }
        .into_any())
    })
}

/// Invoices by status. Other filters stay as they are.
#[component]
fn Tabs(filters: Filters) -> impl IntoView {
    let current = filters.get("status").map(str::to_owned);
    let tab = |target: Option<InvoiceStatus>| {
        let (url, title) = match target {
            None => (filters.without("status").url(PATH), say(said::All)),
            Some(target) => (filters.with("status", target.name()).url(PATH), invoice_title(target)),
        };
        let is_current = target.map(InvoiceStatus::name) == current.as_deref();
        view! { <a href=url aria-current=is_current.then_some("page")>{title}</a> }
    };
    let tabs = std::iter::once(None).chain(InvoiceStatus::ALL.into_iter().map(Some)).map(tab).collect_view();
    view! { <nav class="tabs" aria-label=say(said::Views)>{tabs}</nav> }
}

#[component]
fn List(invoices: Vec<ListedInvoice>, mids: Vec<Mid>, now: Timestamp) -> impl IntoView {
    let mids: HashMap<MidId, String> = mids.into_iter().map(|mid| (mid.id, mid.name)).collect();
    let rows = invoices.into_iter().map(|invoice| row(invoice, &mids, now)).collect_view();
    let heads = [
        Head::Words(say(said::HeadOrder)),
        Head::Numbers(say(said::HeadPrice)),
        Head::Numbers(say(said::HeadPaid)),
        Head::Unseen(say(said::HeadAsset)),
        Head::Words(say(said::HeadStatus)),
        Head::Numbers(say(said::HeadGoesBack)),
        Head::Words(say(said::HeadMid)),
        Head::Numbers(say(said::HeadCreated)),
    ];
    view! { <Table label=say(staff_frame::Invoices) caption=say(said::NewestFirst) heads of_amounts=true>{rows}</Table> }
}

fn row(invoice: ListedInvoice, mids: &HashMap<MidId, String>, now: Timestamp) -> impl IntoView + use<> {
    let unit = invoice.asset.symbol().to_owned();
    let name = say(payer::AssetOn { asset: &unit, network: invoice.network.title() });
    let coins = |value: Option<String>, unit: String| match value {
        Some(value) => view! { <Amount value unit /> }.into_any(),
        None => view! { <span class="faint">"–"</span> }.into_any(),
    };
    view! {
        <tr>
            <td>
                <a href=format!("/invoices/{}", invoice.id) class="num semi">{invoice.reference}</a>
                <span class="sub">{invoice.payer_email}</span>
            </td>
            <td class="r fiat"><Amount value=invoice.billed unit=invoice.billed_currency /></td>
            <td class="r hide">{coins(invoice.paid, unit.clone())}</td>
            <td class="hide"><Coin symbol=unit.clone() network=invoice.network /> <span class="vh">{name}</span></td>
            <td class="r2"><InvoicePill status=invoice.status /></td>
            <td class="r hide">{coins(invoice.refunded, unit)}</td>
            <td class="hide nw">{mids.get(&invoice.mid).cloned()}</td>
            <td class="r nw num">{staff(invoice.created_at, now)}</td>
        </tr>
    }
}

#[component]
fn NoInvoice(is_filtered: bool) -> impl IntoView {
    let (heading, text) =
        if is_filtered { (say(said::NoneFound), say(said::NoneFoundText)) } else { (say(said::NoneYet), say(said::NoneYetText)) };
    view! {
        <Empty shape=Shape::Invoice title=heading>
            <p>{text}</p>
            {is_filtered.then(|| view! { <a href=PATH class="btn">{say(said::ClearFilters)}</a> })}
        </Empty>
    }
    .into_any()
}

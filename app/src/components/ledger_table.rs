//! The books of one invoice or refund: every entry with both sides, and the proof that they are equal.

use std::collections::BTreeMap;

use domain::ledger::{Account, EntryKind};
use domain::money::{Amount as Units, AssetId};
use domain::view::{EntryView, PostingView};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;

use super::{Amount, Scroll, staff};

/// A table of entries, in the order given; says so when there are none.
#[component]
pub(crate) fn LedgerTable(entries: Vec<EntryView>, now: Timestamp) -> impl IntoView {
    if entries.is_empty() {
        return view! { <p class="body sm soft">"Nothing was booked yet."</p> }.into_any();
    }
    let sums = sums(&entries);
    // With one asset the units would only be noise; gas of another one needs them.
    let has_units = sums.len() > 1;
    let caption = sums.iter().map(|(unit, _)| unit.as_str()).collect::<Vec<_>>().join(" and ");
    let rows = entries.into_iter().map(|entry| rows(entry, has_units, now)).collect_view();
    view! {
        <Scroll label="Ledger postings">
            <table class="tbl">
                <caption class="vh">{format!("Ledger postings in {caption}")}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Entry"</th>
                        <th scope="col">"Account"</th>
                        <th scope="col" class="r">"Debit"</th>
                        <th scope="col" class="r">"Credit"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    {sums.into_iter()
                        .map(|(unit, sum)| {
                            let unit = if has_units { unit } else { String::new() };
                            view! {
                                <tr>
                                    <td colspan="2">"Debits equal credits"</td>
                                    <td class="r"><Amount value=sum.clone() unit=unit.clone() /></td>
                                    <td class="r"><Amount value=sum unit /></td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tfoot>
            </table>
        </Scroll>
    }
    .into_any()
}

/// A posting has one amount on both sides, so an entry's two columns cannot differ; they are added up to be seen.
fn sums(entries: &[EntryView]) -> Vec<(String, String)> {
    let engine = expect_context::<Engine>();
    let mut sums: BTreeMap<AssetId, Units> = BTreeMap::new();
    for posting in entries.iter().flat_map(|entry| &entry.postings) {
        let Some(asset) = posting.asset.parse().ok().and_then(|id| engine.assets().get(id)) else { continue };
        let Ok(amount) = asset.parse_amount(&posting.amount) else { continue };
        let sum = sums.entry(asset.id).or_insert_with(|| Units::zero(asset.id));
        if let Ok(more) = sum.plus(amount) {
            *sum = more;
        }
    }
    let written = sums.into_iter().filter_map(|(id, sum)| {
        let asset = engine.assets().get(id)?;
        Some((id.symbol().to_owned(), asset.format_units(sum.units)))
    });
    written.collect()
}

fn rows(entry: EntryView, has_units: bool, now: Timestamp) -> impl IntoView {
    let sides: Vec<(String, Option<PostingView>, Option<PostingView>)> = entry
        .postings
        .into_iter()
        .flat_map(|posting| [(posting.debit.clone(), Some(posting.clone()), None), (posting.credit.clone(), None, Some(posting))])
        .collect();
    let count = sides.len();
    let kind = kind_title(&entry.kind);
    let at = entry.at;
    let rows = sides.into_iter().enumerate().map(move |(index, (account, debit, credit))| {
        let is_last = index.saturating_add(1) == count;
        let head = (index == 0).then(|| {
            view! {
                <td rowspan=count.to_string() class="nw">
                    <b class="semi">{kind.clone()}</b>
                    <span class="sub num">{staff(at, now)}</span>
                </td>
            }
        });
        view! {
            <tr class=(!is_last).then_some("more")>
                {head}
                <td class="nw indent">{account_title(&account)} " " <span class="soft mono xs">{account}</span></td>
                <td class="r">{debit.map(|posting| side(posting, has_units))}</td>
                <td class="r">{credit.map(|posting| side(posting, has_units))}</td>
            </tr>
        }
    });
    rows.collect_view()
}

fn side(posting: PostingView, has_unit: bool) -> impl IntoView {
    let symbol = posting.asset.split('-').next().unwrap_or_default();
    let unit = if has_unit { symbol.to_owned() } else { String::new() };
    view! { <Amount value=posting.amount unit /> }
}

/// Returns an entry's kind in words; one that this version does not know keeps its name.
fn kind_title(name: &str) -> String {
    let Some(kind) = EntryKind::ALL.into_iter().find(|kind| kind.name() == name) else { return name.to_owned() };
    let title = match kind {
        EntryKind::DepositCredited => "Payment in, credited",
        EntryKind::DepositHeld => "Payment in, held",
        EntryKind::HoldingSettled => "Price settled",
        EntryKind::RefundCreated => "Refund created",
        EntryKind::PayoutReserved => "Payout ordered",
        EntryKind::PayoutFinal => "Payout final",
        EntryKind::GasBurnt => "Network fee",
        EntryKind::PayoutUnpaid => "Payout failed",
        EntryKind::CanceledByPayer => "Cancelled by payer",
        EntryKind::CanceledByMerchant => "Cancelled",
        EntryKind::ClaimExpired => "Claim expired",
    };
    title.to_owned()
}

fn account_title(name: &str) -> &'static str {
    let nobody = domain::ids::InvoiceId(uuid::Uuid::nil());
    let account = Account::from_name(name, None).or_else(|| Account::from_name(name, Some(nobody)));
    account.map_or("", |account| match account {
        Account::Custody => "Coins held",
        Account::NetworkFee => "Network fees",
        Account::MerchantAvailable => "Merchant balance",
        Account::Holding(_) => "Held payment",
        Account::RefundPayable => "Owed to payers",
        Account::PayoutInFlight => "Payouts in flight",
        Account::FeeRecovery => "Fees from payers",
        Account::Residual => "Fee difference",
    })
}

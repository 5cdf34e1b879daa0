//! The books of one invoice or refund: every entry with both sides, and the proof that they are equal.

use std::collections::BTreeMap;

use domain::ledger::{Account, EntryKind};
use domain::money::{Amount as Units, AssetId, FIAT_DECIMALS, format_units, parse_units};
use domain::view::{EntryView, PostingView};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use words::staff_ledger as said;

use super::{Amount, Scroll, staff};
use crate::language::{say, say_all};

/// A table of entries, in the order given; says so when there are none.
#[component]
pub(crate) fn LedgerTable(entries: Vec<EntryView>, now: Timestamp) -> impl IntoView {
    if entries.is_empty() {
        return view! { <p class="body sm soft">{say(said::None)}</p> }.into_any();
    }
    let sums = sums(&entries);
    // With one asset the units would only be noise; gas of another one needs them.
    let has_units = sums.len() > 1;
    let assets = say_all(sums.iter().map(|(unit, _)| unit.clone()));
    let rows = entries.into_iter().map(|entry| rows(entry, has_units, now)).collect_view();
    view! {
        <Scroll label=say(said::Postings)>
            <table class="tbl books">
                <caption class="vh">{say(said::PostingsIn { assets: &assets })}</caption>
                <thead>
                    <tr>
                        <th scope="col">{say(said::Entry)}</th>
                        <th scope="col">{say(said::Account)}</th>
                        <th scope="col" class="r">{say(said::Debit)}</th>
                        <th scope="col" class="r">{say(said::Credit)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    {sums.into_iter()
                        .map(|(unit, sum)| {
                            let unit = if has_units { unit } else { String::new() };
                            view! {
                                <tr>
                                    <td colspan="2">{say(said::Equal)}</td>
                                    <td class="r" data-side=say(said::Debit)><Amount value=sum.clone() unit=unit.clone() /></td>
                                    <td class="r" data-side=say(said::Credit)><Amount value=sum unit /></td>
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
        let Some((asset, decimals)) = posting.asset.parse().ok().and_then(|id| Some((id, decimals_of(&engine, id)?))) else { continue };
        let Ok(units) = parse_units(&posting.amount, decimals) else { continue };
        let sum = sums.entry(asset).or_insert_with(|| Units::zero(asset));
        if let Ok(more) = sum.plus(Units { units, asset }) {
            *sum = more;
        }
    }
    let written =
        sums.into_iter().filter_map(|(id, sum)| Some((id.symbol().to_owned(), format_units(sum.units, decimals_of(&engine, id)?))));
    written.collect()
}

fn decimals_of(engine: &Engine, id: AssetId) -> Option<u8> {
    if id.is_fiat() { Some(FIAT_DECIMALS) } else { Some(engine.assets().get(id)?.decimals) }
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
        let (debited, credited) = (debit.as_ref().map(|_| say(said::Debit)), credit.as_ref().map(|_| say(said::Credit)));
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
                <td class="indent">{account_title(&account)} " " <span class="soft mono xs">{account}</span></td>
                <td class="r" data-side=debited>{debit.map(|posting| side(posting, has_units))}</td>
                <td class="r" data-side=credited>{credit.map(|posting| side(posting, has_units))}</td>
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
    let Some(kind) = EntryKind::from_name(name) else { return name.to_owned() };
    match kind {
        EntryKind::DepositCredited => say(said::DepositCredited),
        EntryKind::DepositHeld => say(said::DepositHeld),
        EntryKind::DepositAttributed => say(said::DepositAttributed),
        EntryKind::DepositSuspended => say(said::DepositSuspended),
        EntryKind::HoldingSettled => say(said::HoldingSettled),
        EntryKind::RefundCreated => say(said::RefundCreated),
        EntryKind::RefundReserved => say(said::RefundReserved),
        EntryKind::FeeReserved => say(said::FeeReserved),
        EntryKind::PayoutReserved => say(said::PayoutReserved),
        EntryKind::PayoutFinal => say(said::PayoutFinal),
        EntryKind::FeeSettled => say(said::FeeSettled),
        EntryKind::GasBurnt => say(said::GasBurnt),
        EntryKind::PayoutUnpaid => say(said::PayoutUnpaid),
        EntryKind::CanceledByPayer => say(said::CanceledByPayer),
        EntryKind::CanceledByMerchant => say(said::CanceledByMerchant),
        EntryKind::ClaimExpired => say(said::ClaimExpired),
        EntryKind::DepositOrphaned => say(said::DepositOrphaned),
        EntryKind::DepositRestored => say(said::DepositRestored),
        EntryKind::PayoutOrphaned => say(said::PayoutOrphaned),
        EntryKind::DustKept => say(said::DustKept),
    }
}

fn account_title(name: &str) -> String {
    let nobody = domain::ids::InvoiceId(uuid::Uuid::nil());
    let account = Account::from_name(name, None).or_else(|| Account::from_name(name, Some(nobody)));
    account.map_or_else(String::new, |account| match account {
        Account::Custody => say(said::Custody),
        Account::NetworkFee => say(said::NetworkFee),
        Account::MerchantReceivable => say(said::MerchantReceivable),
        Account::MerchantAvailable => say(said::MerchantAvailable),
        Account::Holding(_) => say(said::Holding),
        Account::Suspense => say(said::Suspense),
        Account::RefundPayable => say(said::RefundPayable),
        Account::PayoutInFlight => say(said::PayoutInFlight),
        Account::FeeReserve => say(said::FeeReserve),
        Account::FeeRecovery => say(said::FeeRecovery),
        Account::Residual => say(said::Residual),
        Account::FxClearing => say(said::FxClearing),
    })
}

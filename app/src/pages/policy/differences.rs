//! What the draft of a policy would have made of one invoice, in words. The API says the same in English.

use std::collections::BTreeMap;

use domain::exception::Flags;
use domain::policy::{DestinationSource, FeeBearer, OnExpiry, Period};
use domain::view::{EndingView, MoneySplitView, SimulatedInvoiceView, SimulatedRefundView};
use words::staff_policy as said;

use super::settings::period;
use crate::components::invoice_title;
use crate::language::{say, staff_language};
use crate::pages::flag_titles;

/// Returns one sentence per difference, the money first.
pub(super) fn differences(invoice: &SimulatedInvoiceView) -> Vec<String> {
    let SimulatedInvoiceView { live, draft, .. } = invoice;
    let mut sentences = money(live, draft);
    if live.status != draft.status {
        sentences.push(say(said::WouldStand { status: &invoice_title(draft.status), was: &invoice_title(live.status) }));
    }
    if live.exceptions != draft.exceptions {
        sentences.push(say(said::WouldCount { flags: &ways(draft.exceptions), was: &ways(live.exceptions) }));
    }
    if live.waits_for_a_person != draft.waits_for_a_person {
        sentences.push(match (live.waits_for_a_person.is_empty(), draft.waits_for_a_person.is_empty()) {
            (_, true) => say(said::WouldNotDecide),
            (true, false) => say(said::WouldDecide),
            (false, false) => say(said::WouldDecideOtherwise),
        });
    }
    let (was, count) = (live.refunds.len(), draft.refunds.len());
    if was != count {
        sentences.push(say(said::WouldGive { count: u64::try_from(count).unwrap_or(u64::MAX), was: &was.to_string() }));
    }
    sentences.extend(live.refunds.iter().zip(&draft.refunds).flat_map(|(was, would)| terms(was, would)));
    // The views do not show every term.
    if sentences.len() < invoice.differences.len() {
        sentences.push(say(said::OtherTerms));
    }
    sentences
}

/// Compares what became of the money, asset by asset. What an ending says nothing of is nothing.
fn money(live: &EndingView, draft: &EndingView) -> Vec<String> {
    let mut assets: BTreeMap<&str, (Option<&MoneySplitView>, Option<&MoneySplitView>)> = BTreeMap::new();
    for money in &live.money {
        assets.entry(&money.asset).or_default().0 = Some(&money.split);
    }
    for money in &draft.money {
        assets.entry(&money.asset).or_default().1 = Some(&money.split);
    }
    let mut sentences = Vec::new();
    for (asset, (live, draft)) in assets {
        let mut compare = |of: fn(&MoneySplitView) -> &String, sentence: fn(&str, &str, &str) -> String| {
            let side = |split: Option<&MoneySplitView>| split.map(|split| of(split).clone()).filter(|amount| !is_nothing(amount));
            let (was, would) = (side(live), side(draft));
            if was != would {
                let said = |side: Option<String>| staff_language().number(&side.unwrap_or_else(|| "0".to_owned()));
                sentences.push(sentence(&said(would), asset, &said(was)));
            }
        };
        compare(|split| &split.credited, |amount, asset, was| say(said::WouldCredit { amount, asset, was }));
        compare(|split| &split.refunded, |amount, asset, was| say(said::WouldRefund { amount, asset, was }));
        compare(|split| &split.held, |amount, asset, was| say(said::WouldHold { amount, asset, was }));
        compare(|split| &split.dust, |amount, asset, was| say(said::WouldKeepApart { amount, asset, was }));
    }
    sentences
}

fn is_nothing(amount: &str) -> bool {
    !amount.contains(|digit| ('1'..='9').contains(&digit))
}

fn ways(flags: Flags) -> String {
    if flags == Flags::default() { say(said::Exact) } else { flag_titles(flags) }
}

fn terms(was: &SimulatedRefundView, would: &SimulatedRefundView) -> Vec<String> {
    let time = |text: &str| text.parse::<Period>().map_or_else(|_| text.to_owned(), period);
    let mut sentences = Vec::new();
    if was.security_delay != would.security_delay {
        sentences.push(say(said::WouldWait { delay: &time(&would.security_delay), was: &time(&was.security_delay) }));
    }
    if was.needs_review != would.needs_review {
        sentences.push(if would.needs_review { say(said::WouldReview) } else { say(said::WouldNotReview) });
    }
    if was.payer_cancel != would.payer_cancel {
        sentences.push(if would.payer_cancel { say(said::CouldCancel) } else { say(said::CouldNotCancel) });
    }
    if was.claim_ttl != would.claim_ttl {
        sentences.push(say(said::WouldWork { time: &time(&would.claim_ttl), was: &time(&was.claim_ttl) }));
    }
    if was.on_expiry != would.on_expiry {
        sentences.push(match would.on_expiry {
            OnExpiry::CreditMerchant => say(said::WouldExpireToYou),
            OnExpiry::Hold => say(said::WouldStayHeld),
        });
    }
    if was.fee_bearer != would.fee_bearer {
        sentences.push(match would.fee_bearer {
            FeeBearer::Payer => say(said::PayerWouldPay),
            FeeBearer::Merchant => say(said::MerchantWouldPay),
        });
    }
    if was.destination_source != would.destination_source {
        sentences.push(match would.destination_source {
            DestinationSource::PayerClaim => say(said::PayerWouldSay),
            DestinationSource::Merchant => say(said::MerchantWouldSay),
            DestinationSource::SourceAddress => say(said::WouldGoToSource),
            DestinationSource::Precommitted => say(said::WouldGoToInvoice),
        });
    }
    sentences
}

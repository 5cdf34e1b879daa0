//! What a draft would have done otherwise, in plain words for the person who weighs it.

use std::collections::BTreeSet;

use domain::exception::Flags;
use domain::policy::{DelayAnchor, DestinationSource, FeeBearer, OnExpiry, Why};
use domain::replay::{Ending, Terms};

use crate::store::StoreError;
use crate::views::Views;

/// Returns one sentence per difference, the money first. Two endings that differ have at least one.
pub(super) fn differences(live: &Ending, draft: &Ending, views: &Views) -> Result<Vec<String>, StoreError> {
    let mut words = Vec::new();
    let assets: BTreeSet<_> = live.sums.keys().chain(draft.sums.keys()).copied().collect();
    for id in assets {
        let asset = views.asset(id)?;
        let (was, would) = (live.sums.get(&id).copied().unwrap_or_default(), draft.sums.get(&id).copied().unwrap_or_default());
        let sides = [
            ("credited to the merchant", was.credited, would.credited),
            ("given back to the payer", was.refunded, would.refunded),
            ("held", was.held, would.held),
            ("kept as too little for a refund", was.dust, would.dust),
        ];
        for (side, was, would) in sides.into_iter().filter(|(_, was, would)| was != would) {
            words.push(format!("{} {id} would be {side} instead of {}", asset.format_units(would), asset.format_units(was)));
        }
    }
    if live.status != draft.status {
        words.push(format!("the invoice would be {} instead of {}", draft.status.name(), live.status.name()));
    }
    if live.flags != draft.flags {
        words.push(format!("its payment would count as {} instead of {}", flags(draft.flags), flags(live.flags)));
    }
    if live.waits != draft.waits {
        words.push(format!("{} instead of {}", waits(&draft.waits), waits(&live.waits)));
    }
    if live.refunds.len() != draft.refunds.len() {
        words.push(format!("there would be {} instead of {}", refunds(draft.refunds.len()), refunds(live.refunds.len())));
    }
    for (was, would) in live.refunds.iter().zip(&draft.refunds) {
        words.extend(terms(was, would));
    }
    if words.is_empty() {
        words.push("the refunds would have other amounts".to_owned());
    }
    Ok(words)
}

fn flags(flags: Flags) -> String {
    let text = flags.to_text();
    if text.is_empty() { "exact and in time".to_owned() } else { text.replace(',', ", ") }
}

fn waits(waits: &[Why]) -> String {
    let reasons: Vec<&str> = waits
        .iter()
        .map(|why| match why {
            Why::Policy => "because the policy says so",
            Why::Risk => "because the payment may come from a sanctioned address",
            Why::RateUnavailable => "because no source had a price",
            Why::Suspended => "because the MID was suspended",
        })
        .collect();
    if reasons.is_empty() {
        "nothing would wait for a person".to_owned()
    } else {
        format!("a person would decide {}", reasons.join(" and "))
    }
}

fn refunds(count: usize) -> String {
    match count {
        0 => "no refund".to_owned(),
        1 => "1 refund".to_owned(),
        more => format!("{more} refunds"),
    }
}

fn terms(was: &Terms, would: &Terms) -> Vec<String> {
    let mut words = Vec::new();
    if was.security_delay != would.security_delay {
        words.push(format!("the refund would wait {} instead of {} before it is sent", would.security_delay, was.security_delay));
    }
    if was.security_delay_anchor != would.security_delay_anchor {
        words.push(match would.security_delay_anchor {
            DelayAnchor::ClaimConfirmed => "its delay would be counted from the payer's confirmation".to_owned(),
            DelayAnchor::RefundCreated => "its delay would be counted from the refund's creation".to_owned(),
        });
    }
    if was.needs_review != would.needs_review {
        words.push(if would.needs_review {
            "a person would look at the refund before it is sent".to_owned()
        } else {
            "the refund would be sent without a person's look at it".to_owned()
        });
    }
    if was.payer_cancel != would.payer_cancel {
        words.push(if would.payer_cancel { "the payer could cancel it".to_owned() } else { "the payer could not cancel it".to_owned() });
    }
    if was.claim_ttl != would.claim_ttl {
        words.push(format!("its link would work {} instead of {}", would.claim_ttl, was.claim_ttl));
    }
    if was.on_expiry != would.on_expiry {
        words.push(match would.on_expiry {
            OnExpiry::CreditMerchant => "unclaimed, it would go to the merchant".to_owned(),
            OnExpiry::Hold => "unclaimed, it would stay held for the payer".to_owned(),
        });
    }
    if was.fee_bearer != would.fee_bearer {
        words.push(match would.fee_bearer {
            FeeBearer::Payer => "the payer would pay the network's fee".to_owned(),
            FeeBearer::Merchant => "the merchant would pay the network's fee".to_owned(),
        });
    }
    if was.destination_source != would.destination_source {
        words.push(match would.destination_source {
            DestinationSource::PayerClaim => "the payer would say where it goes".to_owned(),
            DestinationSource::Merchant => "the merchant would say where it goes".to_owned(),
            DestinationSource::SourceAddress => "it would go to the address that paid".to_owned(),
            DestinationSource::Precommitted => "it would go to the address that came with the invoice".to_owned(),
        });
    }
    words
}

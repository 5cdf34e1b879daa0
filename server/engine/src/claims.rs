//! Claims: what a payer can do with the links of a refund. There is no caller here, only a token; GETs read, and change nothing.

mod codes;

use domain::claim::{Asked, CancelToken, ClaimForm, ClaimToken, Claimed, Consent, ViewerToken};
use domain::claim_code::Needs;
use domain::destination::{Destination, DestinationError, Forbidden};
use domain::email::{self, Audience};
use domain::ids::{ClaimId, RefundId};
use domain::invoice::{Invoice, InvoiceStatus};
use domain::lifecycle::{Event, Refused};
use domain::merchant::Actor;
use domain::money::{Amount, Asset};
use domain::policy::Policy;
use domain::privacy::PrivacyText;
use domain::refund::{BlockedBy, CancelReason, CanceledBy, Directed, Refund, RefundState, StateName};
use domain::view::{ClaimView, ClaimViewState, ShownDestination, Waits};
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::error::retrying;
use crate::outages::Window;
use crate::rails::PayoutStatus;
use crate::refunds::check_note;
use crate::sanctions::{Screening, screened};
use crate::store::brands::Front;
use crate::store::claims::Link;
use crate::store::codec::needed;
use crate::store::{emails, invoices, refunds};
use crate::views::signed_payout;
use crate::{Engine, Error};

/// What a payer reads whose address is on a sanctions list: which list, and that there is one, is not theirs to know.
const NOT_ACCEPTED: &str = "This address cannot receive this refund. Use another, or ask the shop.";

/// What history says of it.
const CLAIMED_AGAIN: &str = "claimed_again";

/// A refund as it is found behind a token.
struct Found {
    claim: ClaimId,
    refund: Refund,
    invoice: Invoice,
    asset: Asset,
}

impl Engine {
    /// Returns what the claim page shows to the visitor who holds `viewer`.
    ///
    /// # Errors
    /// `NotFound` for unknown tokens, for those of a claim that another one replaced, and once the payer said that it was not them.
    pub async fn claim_view(&self, token: &ClaimToken, viewer: Option<&ViewerToken>) -> Result<ClaimView, Error> {
        let found = self.find(Link::Claim, token.hash(self.master_key())).await?;
        let is_confirmer = viewer.is_some_and(|viewer| {
            let own = ViewerToken::derive(self.master_key(), found.claim);
            bool::from(own.expose().as_bytes().ct_eq(viewer.expose().as_bytes()))
        });
        self.view(found, is_confirmer).await
    }

    /// Returns what the cancel page shows.
    ///
    /// # Errors
    /// `NotFound` for unknown tokens, and for those of a claim nobody confirmed yet.
    pub async fn cancel_page(&self, token: &CancelToken) -> Result<ClaimView, Error> {
        let found = self.find(Link::Cancel, token.hash(self.master_key())).await?;
        if matches!(found.refund.state, RefundState::AwaitingClaim { .. } | RefundState::Expired { .. }) {
            return Err(Error::NotFound);
        }
        self.view(found, false).await
    }

    /// Confirms where the money goes: the first to get here wins. A repeat of the same form (a double click) succeeds again, with the same
    /// code where one was taken.
    ///
    /// `shown_fee` is the fee the payer saw; another fee now is asked about again.
    ///
    /// # Errors
    /// `Invalid` with a sentence per field, which is how the code is asked for above the policy's `low_risk_band`; `Refused` when it was
    /// claimed or expired, or the fee eats it up.
    pub async fn confirm_claim(&self, token: &ClaimToken, form: &ClaimForm, shown_fee: Option<&str>) -> Result<ViewerToken, Error> {
        let found = self.find(Link::Claim, token.hash(self.master_key())).await?;
        let Found { claim, refund, invoice, asset } = &found;
        let viewer = ViewerToken::derive(self.master_key(), *claim);
        // Where to write to is asked for on the page; a program may leave it out.
        let Front { brand, .. } = needed("mids", "row", self.store().front(refund.mid).await?)?;
        let asked = Asked { email: false, ..self.asked(refund, invoice, brand.view().privacy_text()).await? };
        let Claimed { destination, consent, email } = form.parse(asset.network, asset.id.symbol(), &asked)?;
        let email = email.filter(|_| invoice.payer_email.is_none());
        if let Some(directed) = refund.state.directed() {
            if self.is_repeat(&found, &destination, form).await? {
                return Ok(viewer);
            }
            if directed.destination != destination {
                self.alert(refund.id).await;
            }
            return Err(already_claimed(directed));
        }
        self.refuse_forbidden(&destination, invoice, asset).await?;
        let fee_now = self.fee_to(&destination, asset).await?;
        let Some(fee) = agreed_fee(shown_fee, fee_now, asset) else {
            let now = asset.format_units(fee_now.units);
            let message = format!(
                "The network fee changed from {} to {now} {}. Check the new total.",
                shown_fee.unwrap_or_default(),
                asset.id.symbol()
            );
            return Err(Error::field("fee", "fee_changed", message));
        };
        let proof = match self.proof(&found, form, &destination).await {
            // The other click of a double click gave the code since it was found.
            Err(_) if self.is_repeat(&found, &destination, form).await? => return Ok(viewer),
            proof => proof?,
        };
        let confirm = |refund: &Refund| match refund.state.offered() {
            // Offered again by another link since it was found: this one is closed.
            Some((offered, _)) if offered != *claim => Err(Error::NotFound),
            Some(_) | None => {
                let (destination, email, asset) = (destination.clone(), email.clone(), asset.clone());
                Ok(Event::Confirmed { destination, fee, proof, consent, email, asset })
            }
        };
        match retrying!(self.step_refund(refund.id, Actor::Payer, &confirm)) {
            Ok(()) => Ok(viewer),
            // The other click of a double click, or the same form again after a lost answer.
            Err(Error::Refused(Refused::AlreadyClaimed { .. })) if self.is_repeat(&found, &destination, form).await? => Ok(viewer),
            Err(error) => {
                if matches!(error, Error::Refused(Refused::AlreadyClaimed { .. })) {
                    self.alert(refund.id).await;
                }
                Err(error)
            }
        }
    }

    /// Tells the merchant, once, that two addresses were given for one refund (odd case 34). Whether that works changes nothing for
    /// whoever gave the second.
    async fn alert(&self, id: RefundId) {
        match retrying!(self.tell_claimed_again(id)) {
            // On its way by now, or told by others at the same moment.
            Ok(()) | Err(Error::Refused(_) | Error::Conflict) => {}
            Err(error) => tracing::warn!(refund.id = %id, %error, "the merchant could not be told of a second address"),
        }
    }

    async fn tell_claimed_again(&self, id: RefundId) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let history = refunds::history(&mut tx, id).await?;
        drop(tx);
        let mut since_offered = history.iter().rev().take_while(|entry| entry.state != StateName::AwaitingClaim);
        if since_offered.any(|entry| entry.note.as_deref() == Some(CLAIMED_AGAIN)) {
            return Ok(());
        }
        // One line of history for each version.
        let version = i64::try_from(history.len()).unwrap_or(i64::MAX);
        let event = |refund: &Refund| if refund.version == version { Ok(Event::ClaimedAgain) } else { Err(Error::Conflict) };
        self.step_refund(id, Actor::Payer, &event).await
    }

    /// Stops a scheduled refund for its payer (CP-10 to CP-13).
    ///
    /// # Errors
    /// `Refused` with `TooLate` once it was due, `NotFound` for unknown tokens.
    pub async fn cancel_claim(&self, token: &CancelToken, reason: CancelReason, note: Option<String>) -> Result<(), Error> {
        let note = check_note(note)?;
        let found = self.find(Link::Cancel, token.hash(self.master_key())).await?;
        if let RefundState::Canceled { cancel } = &found.refund.state {
            // The second click of a double click.
            return if cancel.by == CanceledBy::Payer { Ok(()) } else { Err(wrong_state(&found.refund)) };
        }
        let event = |refund: &Refund| match refund.state.directed() {
            Some(directed) if directed.claim == found.claim => Ok(Event::Canceled { by: CanceledBy::Payer, reason, note: note.clone() }),
            // Canceled or sent since it was found: the state says how to refuse.
            Some(_) | None => Err(wrong_state(refund)),
        };
        let mut canceled = retrying!(self.step_refund(found.refund.id, Actor::Payer, &event));
        if matches!(canceled, Err(Error::Refused(Refused::TooLate { .. }))) && self.give_time_back(&found.refund).await? {
            canceled = retrying!(self.step_refund(found.refund.id, Actor::Payer, &event));
        }
        match canceled {
            // The other click of a double click was first, or the answer to this one was lost.
            Err(Error::Refused(Refused::WrongState { state })) if state == StateName::Canceled.name() => {
                self.cancel_page(token).await.map(drop)
            }
            result => result,
        }
    }

    /// Returns the refund behind a claim link.
    pub(crate) async fn refund_behind(&self, token: &ClaimToken) -> Result<Refund, Error> {
        Ok(self.find(Link::Claim, token.hash(self.master_key())).await?.refund)
    }

    /// Returns the claim and refund behind a claim link whose payer can still cancel.
    pub(crate) async fn scheduled_behind(&self, token: &ClaimToken) -> Result<(ClaimId, Refund), Error> {
        let found = self.find(Link::Claim, token.hash(self.master_key())).await?;
        let policy = self.settings_of(found.refund.policy).await?;
        match found.refund.state.to_be_sent() {
            Some(_) if policy.payer_cancel => Ok((found.claim, found.refund)),
            Some(_) => Err(Error::Refused(Refused::PayerCannotCancel)),
            None => Err(wrong_state(&found.refund)),
        }
    }

    async fn find(&self, link: Link, token: domain::claim::TokenHash) -> Result<Found, Error> {
        let (claim, refund) = self.store().claim(link, token).await?.ok_or(Error::NotFound)?;
        let refund = needed("refunds", "claim", self.store().refund(refund).await?)?;
        let offered = refund.state.offered().map(|(claim, _)| claim);
        let live = offered.or_else(|| refund.state.directed().map(|directed| directed.claim));
        if live.is_some_and(|live| live != claim) || (matches!(link, Link::Claim) && refund.state.is_not_requested()) {
            return Err(Error::NotFound);
        }
        let invoice = needed("invoices", "refund", self.store().invoice(refund.invoice).await?)?;
        let asset = self.views().asset(refund.amount.asset)?.clone();
        Ok(Found { claim, refund, invoice, asset })
    }

    pub(crate) async fn goes_to(&self, refund: RefundId, destination: &Destination) -> Result<bool, Error> {
        let refund = self.store().refund(refund).await?;
        Ok(refund.is_some_and(|refund| refund.state.directed().is_some_and(|directed| directed.destination == *destination)))
    }

    pub(crate) async fn refuse_forbidden(&self, destination: &Destination, invoice: &Invoice, asset: &Asset) -> Result<(), Error> {
        let refuse = |error: DestinationError| Error::field(error.field(), error.code(), error.message(asset.network, asset.id.symbol()));
        let paid_to = invoice.address.address().to_owned();
        let own: Vec<String> = self.rail(asset.network)?.paying_address().into_iter().chain([paid_to]).collect();
        let contracts = self.assets().contracts(asset.network);
        destination.refuse_forbidden(&Forbidden { own: &own, contracts: &contracts }).map_err(refuse)?;
        // Not only the address that was paid: no deposit address of ours, with any tag.
        let mut tx = self.store().read().await?;
        if invoices::is_deposit_address(&mut tx, asset.network, &destination.account()).await? {
            return Err(refuse(DestinationError::OwnAddress));
        }
        match screened(&mut tx, destination).await? {
            Screening::Clear => Ok(()),
            Screening::Listed { lists } => {
                let address = destination.masked();
                tracing::warn!(invoice.id = %invoice.id, address, ?lists, "a claim to a sanctioned address was refused");
                Err(Error::field("address", "not_accepted", NOT_ACCEPTED))
            }
        }
    }

    /// Returns what the payer is asked beside the address.
    async fn asked(&self, refund: &Refund, invoice: &Invoice, text: PrivacyText) -> Result<Asked, Error> {
        let policy = self.settings_of(refund.policy).await?;
        // What was agreed to at the payment is asked again once it is another text.
        let is_agreed = self.store().consent(invoice.id).await? == Some(Consent { text });
        // Without a delay there is nothing that a mail could still be in time for.
        let has_delay = policy.release_at(self.now(), self.now()) > self.now();
        let is_written_to = self.settings().writes_email && refund.writes_to_payer(&policy);
        let email = invoice.payer_email.is_none() && has_delay && policy.payer_cancel && is_written_to;
        Ok(Asked { text, is_agreed, email })
    }

    /// Says whether a payer can still cancel: until the end that is written down, or longer when an outage took a part of their time.
    async fn can_cancel(&self, refund: &Refund, directed: &Directed, release_at: Timestamp, policy: &Policy) -> Result<bool, Error> {
        if !policy.payer_cancel || self.now() < release_at {
            return Ok(policy.payer_cancel);
        }
        Ok(match self.cancel_window(refund, directed).await? {
            Window::Until(until) => self.now() < until,
            // Nobody could reach the pages until now; whoever asks is reached, so the outage ends and its time is given back.
            Window::Open => true,
        })
    }

    async fn view(&self, found: Found, is_confirmer: bool) -> Result<ClaimView, Error> {
        let needs = if found.refund.state.offered().is_some() { self.needs(&found).await? } else { Needs::LinkAlone };
        let Found { claim, refund, invoice, asset } = found;
        let views = self.views();
        let policy = self.settings_of(refund.policy).await?;
        let frozen = self.store().frozen(refund.mid).await?;
        let Front { merchant, brand } = needed("mids", "row", self.store().front(refund.mid).await?)?;
        let spoken = needed("invoices", "language", self.store().spoken(invoice.id).await?)?;
        let received = match refund.case {
            Some(case) => {
                let cases = self.store().payments(invoice.id).await?.cases;
                needed("exception_cases", "refund", cases.into_iter().find(|known| known.id == case))?.received
            }
            None => asset.units(self.store().cap(invoice.id, asset.id).await?.paid),
        };
        let payout = if let RefundState::Sending { payout, .. } = refund.state { self.store().payout(payout).await? } else { None };
        let mut tx = self.store().read().await?;
        // A code is mailed also where all else is the merchant's to say.
        let is_written_to = refund.writes_to_payer(&policy) || matches!(needs, Needs::Code { .. });
        let reader = if is_written_to { emails::reader(&mut tx, Audience::Payer, &refund, Some(claim)).await? } else { None };
        drop(tx);
        let asked = self.asked(&refund, &invoice, brand.view().privacy_text()).await?;
        let can_cancel = match refund.state.to_be_sent() {
            Some((directed, release_at)) => self.can_cancel(&refund, directed, release_at, &policy).await?,
            None => false,
        };
        let fee = match refund.state.directed() {
            Some(directed) => directed.fee,
            None if refund.state.offered().is_some() => self.rail(asset.network)?.quote(&asset).await?,
            None => Amount::zero(asset.id),
        };
        let shown = |directed: &Directed| ShownDestination {
            address: if is_confirmer { directed.destination.address().to_owned() } else { directed.destination.masked() },
            tag: directed.destination.tag().filter(|_| is_confirmer).map(ToString::to_string),
            is_whole: is_confirmer,
        };
        let scheduled = |directed: &Directed, release_at: Timestamp, waits: Option<Waits>| ClaimViewState::Scheduled {
            to: shown(directed),
            confirmed_at: directed.confirmed_at,
            release_at,
            waits,
            can_cancel,
            cancel_path: (is_confirmer && can_cancel)
                .then(|| format!("/cancel/{}", CancelToken::derive(self.master_key(), claim).expose())),
        };
        let state = match &refund.state {
            RefundState::AwaitingClaim { expires_at, .. } if self.now() >= *expires_at => {
                ClaimViewState::Expired { expired_at: *expires_at, is_held: !refund.expires_to_merchant(&policy) }
            }
            RefundState::AwaitingClaim { expires_at, .. } => {
                ClaimViewState::Open { expires_at: *expires_at, release_at: policy.release_at(refund.created_at, self.now()) }
            }
            RefundState::Scheduled { directed, release_at, blocked_by } => {
                let waits = blocked_by.map(|reason| match frozen {
                    Some((until, _)) if reason == BlockedBy::Frozen => Waits::UntilThawed(until),
                    Some(_) | None => Waits::For(reason),
                });
                scheduled(directed, *release_at, waits)
            }
            // To the payer it waits as before until it is due; why a person looks at it then is the merchant's matter.
            RefundState::OnHold { directed, release_at, .. } => {
                scheduled(directed, *release_at, Some(Waits::ForACheck).filter(|_| self.now() >= *release_at))
            }
            RefundState::Sending { directed, .. } => {
                let signed = payout.as_ref().and_then(signed_payout);
                let confirmations = match &signed {
                    Some(signed) => match self.rail(asset.network)?.status(signed).await {
                        Ok(PayoutStatus::Mined { confirmations, .. }) => confirmations.min(asset.finality),
                        // The page shows what is known; a node that is away is the worker's matter.
                        Ok(PayoutStatus::NotSeen | PayoutStatus::Pending | PayoutStatus::Superseded) | Err(_) => 0,
                    },
                    None => 0,
                };
                let txid = signed.map(|signed| signed.txid);
                ClaimViewState::Sending {
                    to: shown(directed),
                    confirmed_at: directed.confirmed_at,
                    explorer_url: txid.as_deref().and_then(|txid| views.explorer_url(asset.network, txid)),
                    txid,
                    fee_raised: payout.as_ref().is_some_and(|payout| payout.raised > 0),
                    confirmations,
                    finality: asset.finality,
                }
            }
            RefundState::PayoutFailed { directed, .. } => ClaimViewState::Delayed { to: shown(directed) },
            RefundState::Paid { directed, txid, .. } => ClaimViewState::Paid {
                to: shown(directed),
                confirmed_at: directed.confirmed_at,
                txid: txid.clone(),
                explorer_url: views.explorer_url(asset.network, txid),
                paid_at: refund.updated_at,
                finality: asset.finality,
            },
            RefundState::Expired { expired_at, .. } => {
                ClaimViewState::Expired { expired_at: *expired_at, is_held: !refund.expires_to_merchant(&policy) }
            }
            RefundState::Canceled { cancel } => ClaimViewState::Canceled { by: cancel.by, at: cancel.at },
            // No link was ever given out for these.
            RefundState::AwaitingApproval { .. } | RefundState::Declined { .. } => return Err(Error::NotFound),
        };
        Ok(ClaimView {
            merchant: brand.name.clone().unwrap_or(merchant),
            order: invoice.reference.clone(),
            reference: refund.reference.clone(),
            reason: refund.reason,
            order_is_complete: invoice.status == InvoiceStatus::Complete,
            amount: asset.format_units(refund.amount.units),
            received: asset.format_units(received.units),
            price: asset.format_units(invoice.charged.units),
            fee: asset.format_units(fee.units),
            fee_bearer: refund.fee_bearer,
            message: refund.request.as_ref().and_then(|request| request.message.clone()),
            net: refund.net(fee, &asset).ok().map(|net| asset.format_units(net.units)),
            asset,
            brand: brand.view(),
            spoken,
            asked,
            needs,
            email: reader.map(|reader| email::masked(reader.address.as_str())),
            now: self.now(),
            state,
        })
    }
}

/// Returns the fee that the payer saw, when it may still be charged: exactly the quote for a token; for a native coin, whose quote
/// moves with every block and is twice the present price, anything from half to twice as much. Nothing was shown: the quote.
fn agreed_fee(shown: Option<&str>, now: Amount, asset: &Asset) -> Option<Amount> {
    let Some(shown) = shown else { return Some(now) };
    let shown = asset.parse_amount(shown).ok()?;
    let is_near = asset.contract.is_none() && shown.units >= now.units / 2 && shown.units <= now.units.saturating_mul(2);
    (shown == now || is_near).then_some(shown)
}

fn already_claimed(directed: &Directed) -> Error {
    Error::Refused(Refused::AlreadyClaimed { destination: directed.destination.masked() })
}

fn wrong_state(refund: &Refund) -> Error {
    Error::Refused(Refused::WrongState { state: refund.state.name().name() })
}

//! The words of mails.

use domain::refund::{BlockedBy, CanceledBy, Reason};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(super) const NEVER_ASK: &str = "We never ask for passwords, private keys or recovery phrases.";
pub(super) const YOU_SENT: &str = "You sent";
pub(super) const ORDER_PRICE: &str = "Order price";
pub(super) const TO_CLAIM: &str = "To claim";
pub(super) const CLAIM_BUTTON: &str = "Claim your refund";
pub(super) const FEE_IS_TAKEN: &str = "The network fee is taken from the refund.";
pub(super) const SCHEDULED_LEAD: &str = "An address was confirmed for your refund. Nothing has been sent yet.";
pub(super) const CANCEL_LINK_LEAD: &str = "Here is the cancel link that was asked for on the refund's page. Nothing has been sent yet.";
pub(super) const YOU_RECEIVE: &str = "You receive";
pub(super) const YOU_RECEIVED: &str = "You received";
pub(super) const NETWORK: &str = "Network";
pub(super) const SENT_ON: &str = "Sent on";
pub(super) const TO_ADDRESS: &str = "To this address";
pub(super) const TAG: &str = "Memo or tag";
pub(super) const TRANSACTION: &str = "Transaction ID";
pub(super) const CANCEL_QUESTION: &str = "Is the address wrong, or was this not you?";
pub(super) const CANCEL_BUTTON: &str = "Cancel this refund";
pub(super) const NOTHING_TO_DO: &str = "If all is right you do not need to do anything.";
pub(super) const SENT_SUBJECT: &str = "Your refund was sent";
pub(super) const SENT_HEADING: &str = "Your refund is on its way";
pub(super) const ARRIVED: &str = "Your refund has arrived";
pub(super) const TRACK_BUTTON: &str = "See the refund";
pub(super) const CANCELED_SUBJECT: &str = "Your refund was cancelled";
pub(super) const EXPIRED_SUBJECT: &str = "Your refund has expired";
pub(super) const EXPIRED_HEADING: &str = "This refund has expired";
pub(super) const REFERENCE: &str = "Reference";
pub(super) const AMOUNT: &str = "Amount";
pub(super) const CLAIM_BY: &str = "Claim by";
pub(super) const OPEN_BUTTON: &str = "Open the refund";
pub(super) const SEND_LINK_YOURSELF: &str =
    "The payer may not know of this refund. Copy its claim link from the refund's page and send it to them another way.";
pub(super) const PAYOUT_FAILED_LEAD: &str =
    "Nothing was lost: the money is still owed to the payer. Try the payout again, or offer the refund by a new link.";
pub(super) const NOT_REQUESTED_LEAD: &str = "The payer says that somebody else used their claim link. The refund is cancelled, its link is closed and nothing was sent. Only you can offer it again.";
pub(super) const APPROVAL_LEAD: &str =
    "Somebody of your team made a refund above your limit. It waits for a second person, and nothing is offered until then.";

pub(super) fn coins(amount: &str, symbol: &str) -> String {
    format!("{amount} {symbol}")
}

pub(super) fn sent_by(merchant: &str, order: &str) -> String {
    format!("Sent by {merchant} with Refundry because you paid order {order}.")
}

pub(super) fn sent_to_merchant(mid: &str) -> String {
    format!("Sent by Refundry to the alert address of {mid}.")
}

pub(super) fn claim_subject(amount: &str, merchant: &str) -> String {
    format!("{amount} to claim from {merchant}")
}

pub(super) fn claim_heading(amount: &str) -> String {
    format!("You have {amount} to claim")
}

pub(super) fn claim_by(why: &str, day: &str) -> String {
    format!("{why} Claim it by {day}.")
}

pub(super) fn why(reason: Reason, order_is_complete: bool, order: &str, merchant: &str) -> String {
    match (reason, order_is_complete) {
        (Reason::Overpaid, true) => format!("You paid more than order {order} cost. The order is complete and the extra is yours."),
        (Reason::Overpaid, false) => {
            format!("You paid more than order {order} cost, so the shop could not accept the payment. All of it is refunded.")
        }
        (Reason::Underpaid, _) => format!("You paid less than order {order} cost, so the order was not completed. All of it is refunded."),
        (Reason::Late, true) => format!("Your payment arrived after order {order} was settled. It is refunded."),
        (Reason::Late, false) => {
            format!(
                "Your payment for order {order} arrived after the rate had ended, so the order was not completed. All of it is refunded."
            )
        }
        (Reason::WrongAsset, _) => {
            format!("You paid order {order} with another coin than it asked for, so the shop could not accept it. All of it is refunded.")
        }
        (Reason::MissingTag, _) => {
            "Your payment came without the tag that says what it is for, so the shop could not accept it. All of it is refunded.".to_owned()
        }
        (Reason::NotAccepted, _) => format!("The shop could not accept your payment for order {order}. All of it is refunded."),
        (Reason::Merchant, _) => format!("{merchant} is refunding order {order}."),
    }
}

pub(super) fn wallet_needed(symbol: &str, network: &str) -> String {
    format!("You need a wallet address for {symbol} on {network}.")
}

pub(super) fn fee_is_taken(fee: &str) -> String {
    format!("The network fee, {fee} now, is taken from the refund.")
}

pub(super) fn fee_is_paid(merchant: &str) -> String {
    format!("The network fee is paid by {merchant}.")
}

pub(super) fn link_works_until(minute: &str) -> String {
    format!("The link works until {minute}.")
}

pub(super) fn expiring_subject(days: i64) -> String {
    match days {
        1 => "Your refund link ends in 1 day".to_owned(),
        days => format!("Your refund link ends in {days} days"),
    }
}

pub(super) fn expiring_heading(amount: &str) -> String {
    format!("You still have {amount} to claim")
}

pub(super) fn scheduled_subject(weekday: &str, can_cancel: bool) -> String {
    if can_cancel {
        format!("Your refund leaves on {weekday}. Cancel if this was not you")
    } else {
        format!("Your refund leaves on {weekday}")
    }
}

pub(super) fn scheduled_heading(day: &str) -> String {
    format!("Your refund leaves on {day}")
}

pub(super) fn goes_to(net: &str, address: &str, minute: &str) -> String {
    format!("{net} goes to {address} on {minute}.")
}

pub(super) fn cancel_before(clock: &str) -> String {
    format!("Cancel before {clock}. After that nobody can stop the payment.")
}

pub(super) fn ask_merchant(merchant: &str) -> String {
    format!("If the address is wrong, or this was not you, contact {merchant} now.")
}

pub(super) fn sent_lead(network: &str, finality: u32) -> String {
    format!("It arrives when {network} has confirmed it {finality} times.")
}

pub(super) fn arrived_lead(finality: u32) -> String {
    format!("All {finality} confirmations are in. If your wallet does not show it, search for the transaction ID.")
}

/// Heading and lead.
pub(super) fn canceled(by: CanceledBy, amount: &str, merchant: &str) -> (String, String) {
    match by {
        CanceledBy::Payer => (
            "You cancelled this refund".to_owned(),
            format!(
                "Nothing was sent. {amount} is still held safely for you by {merchant}. The links you were sent cannot be used again. \
                 Only {merchant} can start a new refund."
            ),
        ),
        CanceledBy::Merchant => {
            (format!("{merchant} withdrew this refund"), format!("Nothing was sent. Contact {merchant} with this reference."))
        }
        CanceledBy::System => (
            "This refund cannot be paid".to_owned(),
            format!("The network took back the payment that it came from. Nothing was sent. Contact {merchant} with this reference."),
        ),
    }
}

pub(super) fn expired_lead(minute: &str, merchant: &str, is_merchants: bool) -> String {
    if is_merchants {
        format!(
            "It could be claimed until {minute}. The money has gone back to {merchant}. They can send you a new link: give them this reference."
        )
    } else {
        format!(
            "It could be claimed until {minute}. The money is still held for you. {merchant} can send you a new link: give them this reference."
        )
    }
}

/// Heading and lead.
pub(super) fn payout_failed(merchant: &str) -> (&'static str, String) {
    (
        "Your refund is delayed",
        format!("The network did not accept the payment. Nothing was lost. {merchant} tries again and we email you."),
    )
}

/// Heading and lead.
pub(super) fn blocked(by: BlockedBy, merchant: &str) -> (&'static str, String) {
    match by {
        BlockedBy::Frozen | BlockedBy::Suspended | BlockedBy::Maintenance => {
            ("Your refund is waiting", format!("{merchant} has paused payouts. Your claim is safe and goes out after that."))
        }
        BlockedBy::FeeAboveCap => (
            "Your refund is waiting",
            "The network costs more now than you were told. Nothing was lost: your refund goes out when the fee has fallen.".to_owned(),
        ),
        BlockedBy::InsufficientFunds | BlockedBy::InsufficientBalance | BlockedBy::RateUnavailable | BlockedBy::DepositReorged => (
            "Your refund is waiting",
            format!("It could not be sent yet. Your claim is safe: it goes out as soon as {merchant} can send it."),
        ),
    }
}

pub(super) fn undelivered_subject(reference: &str) -> String {
    format!("{reference}: an e-mail to the payer was not delivered")
}

pub(super) fn undelivered_lead(address: &str) -> String {
    format!("A mail to {address} was not taken.")
}

pub(super) fn mail_server_said(words: &str) -> String {
    format!("The mail server said: {words}")
}

pub(super) fn payout_failed_subject(reference: &str) -> String {
    format!("{reference}: the payout failed")
}

pub(super) fn not_requested_subject(reference: &str) -> String {
    format!("{reference}: the payer did not ask for this refund")
}

pub(super) fn approval_subject(reference: &str) -> String {
    format!("{reference} waits for approval")
}

/// `17 Feb 2027`
pub(super) fn day(at: Timestamp) -> String {
    written(at, "%-d %b %Y")
}

/// `Sunday 22 November`
pub(super) fn long_day(at: Timestamp) -> String {
    written(at, "%A %-d %B")
}

/// `Sunday`
pub(super) fn weekday(at: Timestamp) -> String {
    written(at, "%A")
}

/// `Sunday 14:32 UTC`
pub(super) fn weekday_clock(at: Timestamp) -> String {
    written(at, "%A %H:%M UTC")
}

/// `Wed 17 Feb 2027, 07:36 UTC`
pub(super) fn minute(at: Timestamp) -> String {
    written(at, "%a %-d %b %Y, %H:%M UTC")
}

fn written(at: Timestamp, pattern: &str) -> String {
    at.to_zoned(TimeZone::UTC).strftime(pattern).to_string()
}

pub(super) const TEST_SUBJECT: &str = "Refundry can send e-mail";
pub(super) const TEST_FOOT: &str = "Sent because somebody ran `refundry mail test`.";

pub(super) fn test_lead(public_url: &str) -> String {
    format!("This installation, {public_url}, reached its mail server, and the mail reached you.")
}

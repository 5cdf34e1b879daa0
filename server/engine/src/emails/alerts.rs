//! The words of alerts to merchants and of the operator's test: in English, as their pages are.

use domain::email::EmailAddress;

pub(super) const AMOUNT: &str = "Amount";
pub(super) const CLAIM_BY: &str = "Claim by";
pub(super) const REFERENCE: &str = "Reference";
pub(super) const OPEN_BUTTON: &str = "Open the refund";
pub(super) const SEND_LINK_YOURSELF: &str =
    "The payer may not know of this refund. Copy its claim link from the refund's page and send it to them another way.";
pub(super) const PAYOUT_FAILED: &str =
    "Nothing was lost: the money is still owed to the payer. Try the payout again, or offer the refund by a new link.";
pub(super) const NOT_REQUESTED: &str = "The payer says that somebody else used their claim link. The refund is cancelled, its link is closed \
                                        and nothing was sent. Only you can offer it again.";
pub(super) const APPROVAL_NEEDED: &str =
    "Somebody of your team made a refund above your limit. It waits for a second person, and nothing is offered until then.";
pub(super) const TEST_SUBJECT: &str = "Refundry can send e-mail";
pub(super) const TEST_FOOT: &str = "Sent because somebody ran `refundry mail test`.";

pub(super) const SENDER_TEST_FOOT: &str = "Sent because you asked for a test at Settings, Email.";

pub(super) fn sender_test(public_url: &str, name: &str, reply_to: Option<&EmailAddress>) -> [String; 3] {
    [
        format!("A test of mails from {name}"),
        format!("{public_url} reached its mail server, and the mail reached you. Payers read the same sender: {name}."),
        match reply_to {
            Some(address) => format!("Their answers go to {address}, unless their MID has an address of its own."),
            None => "Their answers go where their MID says. A MID without an address for answers is written to by nobody.".to_owned(),
        },
    ]
}

pub(super) const WEBHOOKS_BUTTON: &str = "Open webhooks";
pub(super) const ENDPOINT_FOOT: &str = "Sent by Refundry to the alert address of your store.";

pub(super) fn endpoint_off(host: &str) -> [String; 3] {
    [
        format!("Webhooks to {host} are switched off"),
        format!("{host} answered 410 (Gone), which asks for nothing more. Its webhooks are switched off."),
        "Refunds go on. Switch it on again once it is back; what happens until then is in the list of events, and is not posted."
            .to_owned(),
    ]
}

pub(super) fn endpoint_failing(host: &str) -> [String; 3] {
    [
        format!("Webhooks to {host} do not arrive"),
        format!("{host} did not take a webhook for three days. It was given up; later ones are tried as before."),
        "Refunds go on. See what it answered, put it right, and send what it missed again.".to_owned(),
    ]
}

pub(super) fn test(public_url: &str) -> String {
    format!("This installation, {public_url}, reached its mail server, and the mail reached you.")
}

pub(super) fn foot(mid: &str) -> String {
    format!("Sent by Refundry to the alert address of {mid}.")
}

pub(super) fn undelivered(address: &str) -> String {
    format!("A mail to {address} was not delivered.")
}

pub(super) fn mail_server_said(words: &str) -> String {
    format!("The mail server said: {words}")
}

pub(super) fn undelivered_subject(reference: &str) -> String {
    format!("{reference}: an e-mail to the payer was not delivered")
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

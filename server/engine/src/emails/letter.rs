//! Letters: what each mail says, from facts. How it looks is the templates' (`server/engine/templates`), its words are [`super::words`]'.

use domain::destination::Destination;
use domain::email::{EmailAddress, EmailKind};
use domain::invoice::{Invoice, InvoiceStatus};
use domain::money::{Amount, Asset};
use domain::policy::{FeeBearer, Policy};
use domain::refund::{Cancel, Directed, Refund, RefundState};
use jiff::Timestamp;

use super::words;

/// A mail's words in their places.
pub(crate) struct Letter {
    /// ISO 639-1.
    pub(crate) language: &'static str,
    pub(crate) subject: String,
    /// What programs show beside the subject.
    pub(crate) preview: String,
    pub(crate) heading: String,
    pub(crate) lead: Vec<String>,
    /// What the merchant says, line by line.
    pub(crate) quote: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) codes: Vec<Code>,
    pub(crate) question: Option<Question>,
    pub(crate) button: Option<Button>,
    pub(crate) close: Vec<String>,
    pub(crate) foot: Vec<String>,
}

/// A line of a table.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) is_total: bool,
    /// Whether the value is an amount or a code, which reads from left to right in every language.
    pub(crate) is_code: bool,
}

/// An address or a transaction, to be compared: its ends stand out.
pub(crate) struct Code {
    pub(crate) label: String,
    pub(crate) first: String,
    pub(crate) middle: String,
    pub(crate) last: String,
}

/// A question that the button answers.
pub(crate) struct Question {
    pub(crate) heading: String,
    pub(crate) text: String,
}

/// The one thing to do.
pub(crate) struct Button {
    pub(crate) label: String,
    pub(crate) url: String,
    /// Whether it stops something: outlined, so that it is not the thing to tap by habit.
    pub(crate) stops: bool,
}

impl Letter {
    pub(crate) fn direction(&self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }

    pub(crate) fn start(&self) -> &'static str {
        if self.language == "ar" { "right" } else { "left" }
    }

    pub(crate) fn end(&self) -> &'static str {
        if self.language == "ar" { "left" } else { "right" }
    }

    /// Returns what says that mail works.
    pub(crate) fn test(public_url: &str) -> Self {
        let mut letter = Self::new("en", words::TEST_SUBJECT.to_owned(), words::TEST_SUBJECT.to_owned(), words::test_lead(public_url));
        letter.foot = vec![words::TEST_FOOT.to_owned()];
        letter
    }

    fn new(language: &'static str, subject: String, heading: String, lead: String) -> Self {
        Self {
            language,
            preview: lead.clone(),
            subject,
            heading,
            lead: vec![lead],
            quote: Vec::new(),
            rows: Vec::new(),
            codes: Vec::new(),
            question: None,
            button: None,
            close: Vec::new(),
            foot: Vec::new(),
        }
    }
}

impl Row {
    pub(crate) fn direction(&self) -> &'static str {
        if self.is_code { "ltr" } else { "auto" }
    }

    fn amount(label: String, value: String) -> Self {
        Self { label, value, is_total: false, is_code: true }
    }

    fn text(label: String, value: String) -> Self {
        Self { label, value, is_total: false, is_code: false }
    }
}

/// What is known when a letter is written. Links are there only where they work.
pub(crate) struct Facts {
    pub(crate) kind: EmailKind,
    pub(crate) refund: Refund,
    pub(crate) invoice: Invoice,
    pub(crate) asset: Asset,
    pub(crate) policy: Policy,
    pub(crate) merchant: String,
    pub(crate) mid: String,
    /// What came in.
    pub(crate) received: Amount,
    /// What the network costs now, when it says so.
    pub(crate) fee_now: Option<Amount>,
    pub(crate) claim_url: String,
    pub(crate) cancel_url: String,
    /// The refund's page for the merchant's staff.
    pub(crate) staff_url: String,
    /// The address that a mail did not reach, and why.
    pub(crate) undelivered: Option<(EmailAddress, String)>,
    pub(crate) now: Timestamp,
}

/// Returns the letter, or why there is nothing left to say: what it would tell is not so any more.
pub(crate) fn write(facts: &Facts) -> Result<Letter, &'static str> {
    let mut letter = match facts.kind {
        EmailKind::Claim => facts.claim(false)?,
        EmailKind::Expiring => facts.claim(true)?,
        EmailKind::Scheduled => facts.scheduled(words::SCHEDULED_LEAD)?,
        EmailKind::CancelLink => facts.scheduled(words::CANCEL_LINK_LEAD)?,
        EmailKind::Sent => facts.sent()?,
        EmailKind::Arrived => facts.arrived()?,
        EmailKind::Canceled => facts.canceled()?,
        EmailKind::Expired => facts.expired()?,
        EmailKind::Delayed => facts.delayed()?,
        EmailKind::Undelivered => facts.undelivered(),
        EmailKind::PayoutFailed => facts.payout_failed(),
        EmailKind::NotRequested => facts.not_requested(),
        EmailKind::ApprovalNeeded => facts.approval_needed()?,
    };
    letter.foot = match facts.kind.audience() {
        domain::email::Audience::Payer => vec![words::sent_by(&facts.merchant, &facts.invoice.reference), words::NEVER_ASK.to_owned()],
        domain::email::Audience::Merchant => vec![words::sent_to_merchant(&facts.mid)],
    };
    Ok(letter)
}

impl Facts {
    fn money(&self, amount: Amount) -> String {
        words::coins(&self.asset.format_units(amount.units), self.asset.id.symbol())
    }

    fn net(&self, directed: &Directed) -> String {
        self.money(self.refund.net(directed.fee, &self.asset).unwrap_or(self.refund.amount))
    }

    fn network(&self) -> String {
        self.asset.network.title().to_owned()
    }

    fn button(&self, label: &str, url: &str) -> Option<Button> {
        Some(Button { label: label.to_owned(), url: url.to_owned(), stops: false })
    }

    fn claim(&self, is_reminder: bool) -> Result<Letter, &'static str> {
        let Some((_, expires_at)) = self.refund.state.offered().filter(|(_, expires_at)| self.now < *expires_at) else {
            return Err("it was claimed, stopped or expired meanwhile");
        };
        let amount = self.money(self.refund.amount);
        let why = words::why(self.refund.reason, self.invoice.status == InvoiceStatus::Complete, &self.invoice.reference, &self.merchant);
        let mut letter = if is_reminder {
            let days = days_left(self.now, expires_at);
            Letter::new("en", words::expiring_subject(days), words::expiring_heading(&amount), why)
        } else {
            Letter::new("en", words::claim_subject(&amount, &self.merchant), words::claim_heading(&amount), why)
        };
        letter.preview = words::claim_by(&letter.preview, &words::day(expires_at));
        letter.quote = self.message();
        let price = self.invoice.charged;
        if self.received.minus(price).is_ok_and(|extra| extra == self.refund.amount) {
            letter.rows.push(Row::amount(words::YOU_SENT.to_owned(), self.money(self.received)));
            letter.rows.push(Row::amount(words::ORDER_PRICE.to_owned(), format!("\u{2212}{}", self.money(price))));
        }
        letter.rows.push(Row { is_total: true, ..Row::amount(words::TO_CLAIM.to_owned(), amount) });
        letter.button = self.button(words::CLAIM_BUTTON, &self.claim_url);
        let fee = match self.refund.fee_bearer {
            FeeBearer::Merchant => words::fee_is_paid(&self.merchant),
            FeeBearer::Payer => self.fee_now.map_or_else(|| words::FEE_IS_TAKEN.to_owned(), |fee| words::fee_is_taken(&self.money(fee))),
        };
        letter.close =
            vec![words::wallet_needed(self.asset.id.symbol(), &self.network()), fee, words::link_works_until(&words::minute(expires_at))];
        Ok(letter)
    }

    fn message(&self) -> Vec<String> {
        let message = self.refund.request.as_ref().and_then(|request| request.message.as_deref()).unwrap_or_default();
        message.lines().map(one_line).collect()
    }

    fn scheduled(&self, lead: &str) -> Result<Letter, &'static str> {
        let (directed, release_at) = match &self.refund.state {
            RefundState::Scheduled { directed, release_at, .. } | RefundState::OnHold { directed, release_at, .. } => {
                (directed, *release_at)
            }
            RefundState::AwaitingApproval { .. }
            | RefundState::AwaitingClaim { .. }
            | RefundState::Sending { .. }
            | RefundState::PayoutFailed { .. }
            | RefundState::Paid { .. }
            | RefundState::Expired { .. }
            | RefundState::Canceled { .. }
            | RefundState::Declined { .. } => return Err("it was sent or stopped meanwhile"),
        };
        let can_cancel = self.policy.payer_cancel && self.now < release_at;
        let subject = words::scheduled_subject(&words::weekday(release_at), can_cancel);
        let mut letter = Letter::new("en", subject, words::scheduled_heading(&words::long_day(release_at)), lead.to_owned());
        letter.preview = words::goes_to(&self.net(directed), &directed.destination.masked(), &words::minute(release_at));
        letter.rows = vec![
            Row::amount(words::YOU_RECEIVE.to_owned(), self.net(directed)),
            Row::text(words::NETWORK.to_owned(), self.network()),
            Row::text(words::SENT_ON.to_owned(), words::minute(release_at)),
        ];
        letter.codes = codes(&directed.destination);
        if can_cancel {
            letter.question = Some(Question {
                heading: words::CANCEL_QUESTION.to_owned(),
                text: words::cancel_before(&words::weekday_clock(release_at)),
            });
            letter.button = Some(Button { label: words::CANCEL_BUTTON.to_owned(), url: self.cancel_url.clone(), stops: true });
            letter.close = vec![words::NOTHING_TO_DO.to_owned()];
        } else {
            letter.close = vec![words::ask_merchant(&self.merchant)];
        }
        Ok(letter)
    }

    fn sent(&self) -> Result<Letter, &'static str> {
        let RefundState::Sending { directed, .. } = &self.refund.state else { return Err("it arrived, or came back, meanwhile") };
        let lead = words::sent_lead(&self.network(), self.asset.finality);
        let mut letter = Letter::new("en", words::SENT_SUBJECT.to_owned(), words::SENT_HEADING.to_owned(), lead);
        letter.rows =
            vec![Row::amount(words::YOU_RECEIVE.to_owned(), self.net(directed)), Row::text(words::NETWORK.to_owned(), self.network())];
        letter.codes = codes(&directed.destination);
        letter.button = self.button(words::TRACK_BUTTON, &self.claim_url);
        Ok(letter)
    }

    fn arrived(&self) -> Result<Letter, &'static str> {
        let RefundState::Paid { directed, txid, .. } = &self.refund.state else { return Err("the network took it back meanwhile") };
        let lead = words::arrived_lead(self.asset.finality);
        let mut letter = Letter::new("en", words::ARRIVED.to_owned(), words::ARRIVED.to_owned(), lead);
        letter.rows =
            vec![Row::amount(words::YOU_RECEIVED.to_owned(), self.net(directed)), Row::text(words::NETWORK.to_owned(), self.network())];
        letter.codes = codes(&directed.destination);
        letter.codes.push(code(words::TRANSACTION, txid));
        letter.button = self.button(words::TRACK_BUTTON, &self.claim_url);
        Ok(letter)
    }

    fn canceled(&self) -> Result<Letter, &'static str> {
        let RefundState::Canceled { cancel } = &self.refund.state else { return Err("it was offered again meanwhile") };
        let amount = self.money(self.refund.amount);
        let (heading, lead) = words::canceled(cancel.by, &amount, &self.merchant);
        let mut letter = Letter::new("en", words::CANCELED_SUBJECT.to_owned(), heading, lead);
        letter.rows = self.reference();
        Ok(letter)
    }

    fn expired(&self) -> Result<Letter, &'static str> {
        let RefundState::Expired { expired_at, .. } = &self.refund.state else { return Err("it was offered again meanwhile") };
        let is_merchants = self.refund.expires_to_merchant(&self.policy);
        let lead = words::expired_lead(&words::minute(*expired_at), &self.merchant, is_merchants);
        let mut letter = Letter::new("en", words::EXPIRED_SUBJECT.to_owned(), words::EXPIRED_HEADING.to_owned(), lead);
        letter.rows = self.reference();
        Ok(letter)
    }

    fn delayed(&self) -> Result<Letter, &'static str> {
        let (directed, (heading, lead)) = match &self.refund.state {
            RefundState::PayoutFailed { directed, .. } => (directed, words::payout_failed(&self.merchant)),
            RefundState::Scheduled { directed, blocked_by: Some(blocked_by), .. } => {
                (directed, words::blocked(*blocked_by, &self.merchant))
            }
            RefundState::Scheduled { blocked_by: None, .. }
            | RefundState::AwaitingApproval { .. }
            | RefundState::AwaitingClaim { .. }
            | RefundState::OnHold { .. }
            | RefundState::Sending { .. }
            | RefundState::Paid { .. }
            | RefundState::Expired { .. }
            | RefundState::Canceled { .. }
            | RefundState::Declined { .. } => return Err("it goes on, or ended, meanwhile"),
        };
        let mut letter = Letter::new("en", heading.to_owned(), heading.to_owned(), lead);
        letter.rows = self.reference();
        letter.rows.push(Row::amount(words::YOU_RECEIVE.to_owned(), self.net(directed)));
        letter.button = self.button(words::TRACK_BUTTON, &self.claim_url);
        Ok(letter)
    }

    fn reference(&self) -> Vec<Row> {
        vec![Row { is_code: true, ..Row::text(words::REFERENCE.to_owned(), self.refund.reference.clone()) }]
    }

    fn to_merchant(&self, subject: String, lead: String) -> Letter {
        let mut letter = Letter::new("en", subject.clone(), subject, lead);
        letter.rows = self.reference();
        letter.rows.push(Row::amount(words::AMOUNT.to_owned(), self.money(self.refund.amount)));
        letter.button = self.button(words::OPEN_BUTTON, &self.staff_url);
        letter
    }

    fn undelivered(&self) -> Letter {
        let (address, why) = match &self.undelivered {
            Some((address, why)) => (address.as_str(), why.as_str()),
            None => ("", ""),
        };
        let mut letter = self.to_merchant(words::undelivered_subject(&self.refund.reference), words::undelivered_lead(address));
        if !why.is_empty() {
            letter.lead.push(words::mail_server_said(&one_line(why)));
        }
        letter.lead.push(words::SEND_LINK_YOURSELF.to_owned());
        if let Some((_, expires_at)) = self.refund.state.offered() {
            letter.rows.push(Row::text(words::CLAIM_BY.to_owned(), words::minute(expires_at)));
        }
        letter
    }

    fn payout_failed(&self) -> Letter {
        let mut letter = self.to_merchant(words::payout_failed_subject(&self.refund.reference), words::PAYOUT_FAILED_LEAD.to_owned());
        if let RefundState::PayoutFailed { failure, .. } = &self.refund.state {
            letter.lead.insert(0, failure.explanation().to_owned());
        }
        letter
    }

    fn not_requested(&self) -> Letter {
        let mut letter = self.to_merchant(words::not_requested_subject(&self.refund.reference), words::NOT_REQUESTED_LEAD.to_owned());
        if let RefundState::Canceled { cancel: Cancel { note: Some(note), .. } } = &self.refund.state {
            letter.quote = note.lines().map(one_line).collect();
        }
        letter
    }

    fn approval_needed(&self) -> Result<Letter, &'static str> {
        if !matches!(self.refund.state, RefundState::AwaitingApproval { .. }) {
            return Err("somebody decided meanwhile");
        }
        Ok(self.to_merchant(words::approval_subject(&self.refund.reference), words::APPROVAL_LEAD.to_owned()))
    }
}

/// Whole days, rounded up: a reminder of 7 days that is sent a little late still says 7.
fn days_left(now: Timestamp, end: Timestamp) -> i64 {
    const DAY_SECS: i64 = 86_400;
    let secs = end.as_second().saturating_sub(now.as_second()).max(1);
    secs.saturating_add(DAY_SECS - 1) / DAY_SECS
}

fn codes(destination: &Destination) -> Vec<Code> {
    let mut codes = vec![code(words::TO_ADDRESS, destination.address())];
    codes.extend(destination.tag().map(|tag| Code {
        label: words::TAG.to_owned(),
        first: one_line(&tag.to_string()),
        middle: String::new(),
        last: String::new(),
    }));
    codes
}

fn code(label: &str, text: &str) -> Code {
    let (first, rest) = text.split_at(text.len().min(4));
    let (middle, last) = rest.split_at(rest.len().saturating_sub(6));
    Code { label: label.to_owned(), first: first.to_owned(), middle: middle.to_owned(), last: last.to_owned() }
}

/// Returns a text as one line that cannot turn what stands around it: no control characters, no overrides of direction.
pub(crate) fn one_line(text: &str) -> String {
    let is_hostile = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if is_hostile(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

//! Letters: what each mail says, from facts. How it looks is the templates' (`server/engine/templates`), payers' words are the messages of
//! `server/words`, merchants' are [`super::alerts`]'.

use domain::claim_code::{self, ClaimCode};
use domain::destination::Destination;
use domain::email::{Audience, EmailAddress, EmailKind};
use domain::invoice::{Invoice, InvoiceStatus};
use domain::language::Language;
use domain::money::{Amount, Asset};
use domain::policy::{FeeBearer, Policy};
use domain::refund::{BlockedBy, Cancel, CanceledBy, Directed, Reason, Refund, RefundState};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use words::{Sentence, dates, mails, time};

use super::alerts;

/// A mail's words in their places.
pub(crate) struct Letter {
    pub(crate) language: Language,
    pub(crate) subject: String,
    /// What programs show beside the subject.
    pub(crate) preview: String,
    pub(crate) heading: String,
    pub(crate) lead: Vec<String>,
    /// What is typed on a page, for no other eyes.
    pub(crate) code: Option<String>,
    /// What the merchant says, line by line.
    pub(crate) quote: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) codes: Vec<Code>,
    pub(crate) question: Option<Question>,
    pub(crate) button: Option<Button>,
    pub(crate) close: Vec<String>,
    pub(crate) foot: Vec<String>,
    /// Where payers read what is kept of them.
    pub(crate) privacy: Option<Link>,
}

/// A link among the small print.
pub(crate) struct Link {
    pub(crate) label: String,
    pub(crate) url: String,
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
    /// Returns where lines begin.
    pub(crate) fn start(&self) -> &'static str {
        if self.language.direction() == "rtl" { "right" } else { "left" }
    }

    /// Returns where lines end.
    pub(crate) fn end(&self) -> &'static str {
        if self.language.direction() == "rtl" { "left" } else { "right" }
    }

    /// Returns what says that mail works.
    pub(crate) fn test(public_url: &str) -> Self {
        let mut letter =
            Self::new(Language::English, alerts::TEST_SUBJECT.to_owned(), alerts::TEST_SUBJECT.to_owned(), alerts::test(public_url));
        letter.foot = vec![alerts::TEST_FOOT.to_owned()];
        letter
    }

    /// Returns what shows somebody how their merchant's payers are written to.
    pub(crate) fn sender_test(public_url: &str, name: &str, reply_to: Option<&EmailAddress>) -> Self {
        let [subject, lead, answers] = alerts::sender_test(public_url, &one_line(name), reply_to);
        let mut letter = Self::new(Language::English, subject.clone(), subject, lead);
        letter.close = vec![answers];
        letter.foot = vec![alerts::SENDER_TEST_FOOT.to_owned()];
        letter
    }

    /// Returns what tells a merchant that a host of theirs takes no webhooks, switched off or not.
    pub(crate) fn endpoint(host: &str, is_off: bool, page: String) -> Self {
        let [subject, lead, close] = if is_off { alerts::endpoint_off(host) } else { alerts::endpoint_failing(host) };
        let mut letter = Self::new(Language::English, subject.clone(), subject, lead);
        letter.button = Some(Button { label: alerts::WEBHOOKS_BUTTON.to_owned(), url: page, stops: false });
        letter.close = vec![close];
        letter.foot = vec![alerts::ENDPOINT_FOOT.to_owned()];
        letter
    }

    pub(super) fn new(language: Language, subject: String, heading: String, lead: String) -> Self {
        Self {
            language,
            preview: lead.clone(),
            subject,
            heading,
            lead: vec![lead],
            code: None,
            quote: Vec::new(),
            rows: Vec::new(),
            codes: Vec::new(),
            question: None,
            button: None,
            close: Vec::new(),
            foot: Vec::new(),
            privacy: None,
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
    pub(crate) language: Language,
    pub(crate) refund: Refund,
    pub(crate) invoice: Invoice,
    pub(crate) asset: Asset,
    pub(crate) policy: Policy,
    pub(crate) merchant: String,
    pub(crate) mid: String,
    /// Whether the payer gave an address before, at a fee that the network does not take any more.
    pub(crate) is_requoted: bool,
    /// What came in.
    pub(crate) received: Amount,
    /// What the network costs now, when it says so.
    pub(crate) fee_now: Option<Amount>,
    pub(crate) claim_url: String,
    pub(crate) cancel_url: String,
    /// Until when the refund waits for its payer, once they have this letter; nothing for other letters.
    pub(crate) cancelable_until: Option<Timestamp>,
    /// Where the privacy policy is that the payer agrees to.
    pub(crate) privacy_url: String,
    /// The refund's page for the merchant's staff.
    pub(crate) staff_url: String,
    /// The address that a mail did not reach, and why.
    pub(crate) undelivered: Option<(EmailAddress, String)>,
    /// The code that the claim can be confirmed with, and the masked address that it is for.
    pub(crate) code: Option<(ClaimCode, String)>,
    pub(crate) now: Timestamp,
}

/// Returns the letter, or why there is nothing left to say: what it would tell is not so any more.
pub(crate) fn write(facts: &Facts) -> Result<Letter, &'static str> {
    let mut letter = match facts.kind {
        EmailKind::Claim => facts.claim(false)?,
        EmailKind::Expiring => facts.claim(true)?,
        EmailKind::Scheduled => facts.scheduled(facts.say(mails::ScheduledLead))?,
        EmailKind::CancelLink => facts.scheduled(facts.say(mails::CancelLinkLead))?,
        EmailKind::Code => facts.code()?,
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
        Audience::Payer => {
            let sent_by = mails::SentBy { merchant: &facts.merchant, order: &facts.invoice.reference };
            letter.privacy = Some(Link { label: facts.say(mails::Privacy), url: facts.privacy_url.clone() });
            vec![facts.say(sent_by), facts.say(mails::NeverAsk)]
        }
        Audience::Merchant => vec![alerts::foot(&facts.mid)],
    };
    Ok(letter)
}

/// What payers are told, in their language.
impl Facts {
    #[expect(clippy::needless_pass_by_value, reason = "a sentence is made where it is said, of a few references")]
    fn say(&self, sentence: impl Sentence) -> String {
        sentence.to(self.language)
    }

    fn letter(&self, subject: String, heading: String, lead: String) -> Letter {
        Letter::new(self.language, subject, heading, lead)
    }

    fn money(&self, amount: Amount) -> String {
        // Merchants are written to in English.
        let language = match self.kind.audience() {
            Audience::Payer => self.language,
            Audience::Merchant => Language::English,
        };
        format!("{} {}", language.number(&self.asset.format_units(amount.units)), self.asset.id.symbol())
    }

    fn net(&self, directed: &Directed) -> String {
        self.money(self.refund.net(directed.fee, &self.asset).unwrap_or(self.refund.amount))
    }

    fn network(&self) -> &'static str {
        self.asset.network.title()
    }

    fn network_row(&self) -> Row {
        Row::text(self.say(mails::Network), self.asset.network.title_for(self.asset.id.symbol()))
    }

    fn instant(&self, at: Timestamp) -> String {
        self.say(mails::Instant { minute: &plain(&dates::minute(self.language, in_utc(at))) })
    }

    fn weekday(&self, at: Timestamp) -> String {
        let weekday = u64::from(in_utc(at).weekday().to_monday_one_offset().unsigned_abs());
        self.say(time::WeekdayFull { weekday })
    }

    fn button(&self, label: impl Sentence, url: &str) -> Option<Button> {
        Some(Button { label: self.say(label), url: url.to_owned(), stops: false })
    }

    fn why(&self) -> String {
        let (order, merchant) = (self.invoice.reference.as_str(), self.merchant.as_str());
        match (self.refund.reason, self.invoice.status == InvoiceStatus::Complete) {
            (Reason::Overpaid, true) => self.say(mails::WhyOverpaidExtra { order }),
            (Reason::Overpaid, false) => self.say(mails::WhyOverpaidAll { order }),
            (Reason::Underpaid, _) => self.say(mails::WhyUnderpaid { order }),
            // Late money on an order that was paid already: it was not needed.
            (Reason::Late, true) => self.say(mails::WhyLateSettled { order }),
            (Reason::Late, false) => self.say(mails::WhyLate { order }),
            (Reason::WrongAsset, _) => self.say(mails::WhyOtherCoin { order }),
            (Reason::MissingTag, _) => self.say(mails::WhyNoTag),
            (Reason::NotAccepted, _) => self.say(mails::WhyNotAccepted { order }),
            (Reason::Merchant, _) => self.say(mails::WhyMerchant { merchant, order }),
        }
    }

    fn claim(&self, is_reminder: bool) -> Result<Letter, &'static str> {
        let Some((_, expires_at)) = self.refund.state.offered().filter(|(_, expires_at)| self.now < *expires_at) else {
            return Err("it was claimed, stopped or expired meanwhile");
        };
        let amount = self.money(self.refund.amount);
        let (subject, heading) = if is_reminder {
            let days = days_left(self.now, expires_at);
            (self.say(mails::ExpiringSubject { days }), self.say(mails::ExpiringHeading { amount: &amount }))
        } else {
            let subject = mails::ClaimSubject { amount: &amount, merchant: &self.merchant };
            (self.say(subject), self.say(mails::ClaimHeading { amount: &amount }))
        };
        let lead = if self.is_requoted { self.say(mails::WhyRequoted) } else { self.why() };
        let mut letter = self.letter(subject, heading, lead);
        let by = self.say(mails::ClaimByDay { day: &plain(&dates::day(self.language, in_utc(expires_at))) });
        letter.preview = format!("{} {by}", letter.preview);
        letter.quote = self.message();
        let price = self.invoice.charged;
        if self.received.minus(price).is_ok_and(|extra| extra == self.refund.amount) {
            letter.rows.push(Row::amount(self.say(mails::YouSent), self.money(self.received)));
            letter.rows.push(Row::amount(self.say(mails::OrderPrice), format!("\u{2212}{}", self.money(price))));
        }
        letter.rows.push(Row { is_total: true, ..Row::amount(self.say(mails::ToClaim), amount) });
        letter.button = self.button(mails::ClaimButton, &self.claim_url);
        let fee = match (self.refund.fee_bearer, self.fee_now) {
            (FeeBearer::Merchant, _) => self.say(mails::FeePaid { merchant: &self.merchant }),
            (FeeBearer::Payer, Some(fee)) => self.say(mails::FeeTakenNow { fee: &self.money(fee) }),
            (FeeBearer::Payer, None) => self.say(mails::FeeTaken),
        };
        letter.close = vec![
            self.say(mails::WalletNeeded { network: self.network(), symbol: self.asset.id.symbol() }),
            fee,
            self.say(mails::LinkWorksUntil { instant: &self.instant(expires_at) }),
        ];
        Ok(letter)
    }

    fn code(&self) -> Result<Letter, &'static str> {
        let Some((code, address)) = self.code.as_ref().filter(|_| self.refund.state.offered().is_some()) else {
            return Err("it was given, or ran out, meanwhile");
        };
        let amount = self.money(self.refund.amount);
        let lead = self.say(mails::CodeLead { amount: &amount, address });
        let subject = self.say(mails::CodeSubject { merchant: &self.merchant });
        let mut letter = self.letter(subject, self.say(mails::CodeHeading), lead);
        letter.code = Some(code.expose().to_owned());
        letter.rows = vec![self.network_row(), self.reference()];
        let minutes = claim_code::LASTS.as_mins().unsigned_abs();
        letter.close = vec![self.say(mails::CodeWorks { minutes }), self.say(mails::CodeKeep), self.say(mails::CodeNotYou)];
        Ok(letter)
    }

    fn message(&self) -> Vec<String> {
        let message = self.refund.request.as_ref().and_then(|request| request.message.as_deref()).unwrap_or_default();
        message.lines().map(one_line).collect()
    }

    fn scheduled(&self, lead: String) -> Result<Letter, &'static str> {
        let (directed, release_at) = self.refund.state.to_be_sent().ok_or("it was sent or stopped meanwhile")?;
        let release_at = self.cancelable_until.unwrap_or(release_at);
        let can_cancel = self.policy.payer_cancel && self.now < release_at;
        let weekday = self.weekday(release_at);
        let subject = if can_cancel {
            self.say(mails::ScheduledSubject { weekday: &weekday })
        } else {
            self.say(mails::ScheduledSubjectFinal { weekday: &weekday })
        };
        let heading = mails::ScheduledHeading { day: &plain(&dates::weekday(self.language, in_utc(release_at))) };
        let mut letter = self.letter(subject, self.say(heading), lead);
        let (amount, instant) = (self.net(directed), self.instant(release_at));
        letter.preview = self.say(mails::GoesTo { address: &directed.destination.masked(), amount: &amount, instant: &instant });
        letter.rows =
            vec![Row::amount(self.say(mails::YouReceive), amount), self.network_row(), Row::text(self.say(mails::SentOn), instant)];
        letter.codes = self.codes(&directed.destination);
        if can_cancel {
            let before = mails::CancelBefore { clock: &dates::clock(in_utc(release_at)), weekday: &weekday };
            letter.question = Some(Question { heading: self.say(mails::CancelQuestion), text: self.say(before) });
            letter.button = Some(Button { label: self.say(mails::CancelButton), url: self.cancel_url.clone(), stops: true });
            letter.close = vec![self.say(mails::NothingToDo)];
        } else {
            letter.close = vec![self.say(mails::AskMerchant { merchant: &self.merchant })];
        }
        Ok(letter)
    }

    fn sent(&self) -> Result<Letter, &'static str> {
        let RefundState::Sending { directed, .. } = &self.refund.state else { return Err("it arrived, or came back, meanwhile") };
        let lead = mails::SentLead { count: self.asset.finality.into(), network: self.network() };
        let mut letter = self.letter(self.say(mails::SentSubject), self.say(mails::SentHeading), self.say(lead));
        letter.rows = vec![Row::amount(self.say(mails::YouReceive), self.net(directed)), self.network_row()];
        letter.codes = self.codes(&directed.destination);
        letter.button = self.button(mails::TrackButton, &self.claim_url);
        Ok(letter)
    }

    fn arrived(&self) -> Result<Letter, &'static str> {
        let RefundState::Paid { directed, txid, .. } = &self.refund.state else { return Err("the network took it back meanwhile") };
        let lead = self.say(mails::ArrivedLead { count: self.asset.finality.into() });
        let mut letter = self.letter(self.say(mails::Arrived), self.say(mails::Arrived), lead);
        letter.rows = vec![Row::amount(self.say(mails::YouReceived), self.net(directed)), self.network_row()];
        letter.codes = self.codes(&directed.destination);
        letter.codes.push(code(self.say(mails::Transaction), txid));
        letter.button = self.button(mails::TrackButton, &self.claim_url);
        Ok(letter)
    }

    fn canceled(&self) -> Result<Letter, &'static str> {
        let RefundState::Canceled { cancel } = &self.refund.state else { return Err("it was offered again meanwhile") };
        let (amount, merchant) = (self.money(self.refund.amount), self.merchant.as_str());
        let (heading, lead) = match cancel.by {
            CanceledBy::Payer => (self.say(mails::CanceledHeading), self.say(mails::CanceledLead { amount: &amount, merchant })),
            CanceledBy::Merchant => (self.say(mails::WithdrawnHeading { merchant }), self.say(mails::WithdrawnLead { merchant })),
            CanceledBy::System => (self.say(mails::UnpayableHeading), self.say(mails::UnpayableLead { merchant })),
        };
        let mut letter = self.letter(self.say(mails::CanceledSubject), heading, lead);
        letter.rows = vec![self.reference()];
        Ok(letter)
    }

    fn expired(&self) -> Result<Letter, &'static str> {
        let RefundState::Expired { expired_at, .. } = &self.refund.state else { return Err("it was offered again meanwhile") };
        let (instant, merchant) = (self.instant(*expired_at), self.merchant.as_str());
        let lead = if self.refund.expires_to_merchant(&self.policy) {
            self.say(mails::ExpiredReturned { instant: &instant, merchant })
        } else {
            self.say(mails::ExpiredHeld { instant: &instant, merchant })
        };
        let mut letter = self.letter(self.say(mails::ExpiredSubject), self.say(mails::ExpiredHeading), lead);
        letter.rows = vec![self.reference()];
        Ok(letter)
    }

    fn delayed(&self) -> Result<Letter, &'static str> {
        let merchant = self.merchant.as_str();
        let (directed, subject, lead) = match &self.refund.state {
            RefundState::PayoutFailed { directed, .. } => (directed, self.say(mails::Delayed), self.say(mails::DelayedLead { merchant })),
            RefundState::Scheduled { directed, blocked_by: Some(blocked_by), .. } => {
                let lead = match blocked_by {
                    BlockedBy::Frozen | BlockedBy::Suspended | BlockedBy::Maintenance => self.say(mails::WaitingPaused { merchant }),
                    BlockedBy::FeeAboveCap => self.say(mails::WaitingFee),
                    BlockedBy::InsufficientFunds
                    | BlockedBy::InsufficientBalance
                    | BlockedBy::RateUnavailable
                    | BlockedBy::DepositReorged => self.say(mails::WaitingFunds { merchant }),
                };
                (directed, self.say(mails::Waiting), lead)
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
        let mut letter = self.letter(subject.clone(), subject, lead);
        letter.rows = vec![self.reference(), Row::amount(self.say(mails::YouReceive), self.net(directed))];
        letter.button = self.button(mails::TrackButton, &self.claim_url);
        Ok(letter)
    }

    fn reference(&self) -> Row {
        Row::amount(self.say(mails::Reference), self.refund.reference.clone())
    }

    fn codes(&self, destination: &Destination) -> Vec<Code> {
        let mut codes = vec![code(self.say(mails::ToAddress), destination.address())];
        let whole = |label: String, text: String| Code { label, first: text, middle: String::new(), last: String::new() };
        codes.extend(destination.tag().map(|tag| whole(self.say(mails::Tag), one_line(&tag.to_string()))));
        codes
    }
}

/// What merchants are told.
impl Facts {
    fn to_merchant(&self, subject: String, lead: &str) -> Letter {
        let mut letter = Letter::new(Language::English, subject.clone(), subject, lead.to_owned());
        letter.rows = vec![
            Row::amount(alerts::REFERENCE.to_owned(), self.refund.reference.clone()),
            Row::amount(alerts::AMOUNT.to_owned(), self.money(self.refund.amount)),
        ];
        letter.button = Some(Button { label: alerts::OPEN_BUTTON.to_owned(), url: self.staff_url.clone(), stops: false });
        letter
    }

    fn undelivered(&self) -> Letter {
        let (address, why) = match &self.undelivered {
            Some((address, why)) => (address.as_str(), why.as_str()),
            None => ("the payer", ""),
        };
        let mut letter = self.to_merchant(alerts::undelivered_subject(&self.refund.reference), &alerts::undelivered(address));
        if !why.is_empty() {
            letter.lead.push(alerts::mail_server_said(&one_line(why)));
        }
        letter.lead.push(alerts::SEND_LINK_YOURSELF.to_owned());
        if let Some((_, expires_at)) = self.refund.state.offered() {
            let by = dates::minute(Language::English, in_utc(expires_at));
            letter.rows.push(Row::text(alerts::CLAIM_BY.to_owned(), mails::Instant { minute: &by }.to(Language::English)));
        }
        letter
    }

    fn payout_failed(&self) -> Letter {
        let mut letter = self.to_merchant(alerts::payout_failed_subject(&self.refund.reference), alerts::PAYOUT_FAILED);
        if let RefundState::PayoutFailed { failure, .. } = &self.refund.state {
            letter.lead.insert(0, failure.explanation().to_owned());
        }
        letter
    }

    fn not_requested(&self) -> Letter {
        let mut letter = self.to_merchant(alerts::not_requested_subject(&self.refund.reference), alerts::NOT_REQUESTED);
        if let RefundState::Canceled { cancel: Cancel { note: Some(note), .. } } = &self.refund.state {
            letter.quote = note.lines().map(one_line).collect();
        }
        letter
    }

    fn approval_needed(&self) -> Result<Letter, &'static str> {
        if !matches!(self.refund.state, RefundState::AwaitingApproval { .. }) {
            return Err("somebody decided meanwhile");
        }
        Ok(self.to_merchant(alerts::approval_subject(&self.refund.reference), alerts::APPROVAL_NEEDED))
    }
}

/// Whole days, rounded up: a reminder of 7 days that is sent a little late still says 7.
fn days_left(now: Timestamp, end: Timestamp) -> u64 {
    const DAY_SECS: u64 = 86_400;
    let secs = end.as_second().saturating_sub(now.as_second());
    u64::try_from(secs).unwrap_or_default().max(1).div_ceil(DAY_SECS)
}

/// Returns a date without isolating marks inside: isolated once more in a sentence, nothing but isolates would be taken to run from left to
/// right (UAX 9, P2).
fn plain(date: &str) -> String {
    date.replace(['\u{2068}', '\u{2069}'], "")
}

fn in_utc(at: Timestamp) -> DateTime {
    at.to_zoned(TimeZone::UTC).datetime()
}

fn code(label: String, text: &str) -> Code {
    let (first, rest) = text.split_at(text.len().min(4));
    let (middle, last) = rest.split_at(rest.len().saturating_sub(6));
    Code { label, first: first.to_owned(), middle: middle.to_owned(), last: last.to_owned() }
}

/// Returns a text as one line that cannot turn what stands around it: no control characters, no overrides of direction.
pub(crate) fn one_line(text: &str) -> String {
    let is_hostile = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if is_hostile(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

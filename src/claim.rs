//! Claims: the link that lets a payer direct a refund, and the form behind it.
//!
//! Secrets are never stored. A token is derived from the master key and the claim's id, so it can be shown again to those
//! who may see it; rows hold a keyed hash of it, so a stolen database opens no link.

use core::fmt;

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::destination::{Destination, DestinationError};
use crate::email::EmailAddress;
use crate::ids::{ClaimId, InvitationId, InvoiceId, KeyId, RefundId, ResetId, SourceId};
use crate::money::Network;
use crate::privacy::PrivacyText;

/// The installation's secret, 32 bytes from the operating system. Prints nothing of itself.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Takes the secret bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn derive(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// Returns the bytes that sign an endpoint's webhooks. Its first secret has the endpoint's own id, a later one that of its rotation.
    #[must_use]
    pub fn webhook_secret(&self, id: Uuid) -> [u8; 32] {
        self.derive("webhook", id.as_bytes())
    }

    /// Returns the seed of the key pair that signs an endpoint's webhooks, by the same id as its secret.
    #[must_use]
    pub fn webhook_seed(&self, id: Uuid) -> [u8; 32] {
        self.derive("webhook key", id.as_bytes())
    }

    /// Returns the bytes an API key's secret is made of: whoever signs requests with it instead of sending it can be checked.
    #[must_use]
    pub fn key_secret(&self, id: KeyId) -> [u8; 32] {
        self.derive("api key", id.0.as_bytes())
    }

    /// Returns the bytes that prove a token of an API key: whoever names the key by it was told so by us.
    #[must_use]
    pub fn facade_proof(&self, facade: &str, id: KeyId) -> [u8; 32] {
        self.derive("facade", &[facade.as_bytes(), &[0], id.0.as_bytes()].concat())
    }

    /// Returns the seed of the key that signs receipts.
    #[must_use]
    pub fn receipt_seed(&self) -> [u8; 32] {
        self.derive("receipt", &[])
    }

    /// Returns the bytes that a source's secret is made of, where the other system takes one of ours.
    #[must_use]
    pub fn source_secret(&self, id: SourceId) -> [u8; 32] {
        self.derive("source", id.0.as_bytes())
    }

    /// Returns the key that seals what other systems gave us to check their signatures with.
    #[must_use]
    pub fn sealing_key(&self) -> [u8; 32] {
        self.derive("seal", &[])
    }

    /// Returns the secret of the browser that had an invoice's payment page open before anybody paid.
    #[must_use]
    pub fn payer_secret(&self, invoice: InvoiceId) -> String {
        bs58::encode(self.derive("payer", invoice.0.as_bytes())).into_string()
    }

    /// Returns the secret of the link by which somebody joins: `/invite/{secret}`.
    #[must_use]
    pub fn invitation_secret(&self, id: InvitationId) -> String {
        bs58::encode(self.derive("invitation", id.0.as_bytes())).into_string()
    }

    /// Returns the secret of the link by which somebody sets a new password: `/reset/{secret}`.
    #[must_use]
    pub fn reset_secret(&self, id: ResetId) -> String {
        bs58::encode(self.derive("password reset", id.0.as_bytes())).into_string()
    }

    /// Returns the keyed hash under which a secret is stored: API keys and sessions too.
    #[must_use]
    pub fn hash(&self, secret: &str) -> TokenHash {
        TokenHash(self.derive("lookup", secret.as_bytes()))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// What is stored of a token: enough to recognise it, not to make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident = $purpose:literal),* $(,)?) => {$(
        $(#[$doc])*
        ///
        /// 256 bits, written in base58. Printed only where it is meant to be read.
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Derives the token of a claim.
            #[must_use]
            pub fn derive(key: &MasterKey, claim: ClaimId) -> Self {
                Self(bs58::encode(key.derive($purpose, claim.0.as_bytes())).into_string())
            }

            /// Takes what came in a URL or cookie. Anything is a token; most are unknown.
            #[must_use]
            pub fn from_untrusted(text: &str) -> Self {
                Self(text.to_owned())
            }

            /// Returns the secret text.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Returns what is stored of it.
            #[must_use]
            pub fn hash(&self, key: &MasterKey) -> TokenHash {
                key.hash(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

tokens! {
    /// Opens a claim page: `/claim/{token}`.
    ClaimToken = "claim",
    /// Stops a scheduled refund: `/cancel/{token}`. Another secret than the claim's, so that a forwarded claim link cannot cancel (CP-10).
    CancelToken = "cancel",
    /// Kept in the browser that confirmed a claim: only there is the whole address shown again.
    ViewerToken = "viewer",
}

/// How the maker of a claim was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifiedBy {
    /// Held the claim link, nothing more.
    Link,
    /// Held the claim link, and read the payer's mails (odd case 34).
    EmailCode,
    /// The address came with the invoice, before anything went wrong.
    Precommitted,
    /// The address is the one that paid.
    SourceAddress,
    /// The merchant gave the address.
    Merchant,
}

impl VerifiedBy {
    /// Returns the name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::EmailCode => "email_code",
            Self::Precommitted => "precommitted",
            Self::SourceAddress => "source_address",
            Self::Merchant => "merchant",
        }
    }
}

/// What a new claim is known by. Minted by the engine, used only when a link is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewClaim {
    /// Its id.
    pub id: ClaimId,
    /// Recognises the claim link.
    pub token: TokenHash,
    /// Recognises the cancel link.
    pub cancel_token: TokenHash,
}

/// A claim as it is issued: one live claim per refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// Of which refund.
    pub refund: RefundId,
    /// Recognises the claim link.
    pub token: TokenHash,
    /// Recognises the cancel link.
    pub cancel_token: TokenHash,
    /// How its maker is verified.
    pub verified_by: VerifiedBy,
}

/// How a claim stands. `issued` and `confirmed` are live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState {
    /// The link waits for the payer.
    Issued,
    /// The payer gave an address.
    Confirmed,
    /// The payer or the merchant canceled.
    Canceled,
    /// Its time ran out.
    Void,
}

impl ClaimState {
    /// Returns the name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Confirmed => "confirmed",
            Self::Canceled => "canceled",
            Self::Void => "void",
        }
    }
}

/// The payer's consent, recorded with the text it was given to (CP-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The text that was shown.
    pub text: PrivacyText,
}

impl Consent {
    /// Reads the tick box and the e-mail address of a payment page (CP-03, CP-04), where `text` is what payers agree to now.
    ///
    /// # Errors
    /// Every field that is wrong, each with a sentence for the payer.
    pub fn at_payment(email: &str, consent: &str, text: PrivacyText) -> Result<(String, Self), FieldErrors> {
        let email = email.trim();
        let mut errors = FieldErrors::default();
        if EmailAddress::parse(email).is_err() {
            errors.push(FieldError::new("email", "invalid", ENTER_EMAIL));
        }
        if let Err(mistake) = Self::of_box(consent, text) {
            errors.push(FieldError::new(mistake.field(), mistake.code(), if mistake == Mistake::Consent { AGREE } else { AGREE_AGAIN }));
        }
        errors.into_result().map(|()| (email.to_owned(), Self { text }))
    }

    /// Reads a tick box: one that is ticked names the text that was shown with it.
    fn of_box(ticked: &str, text: PrivacyText) -> Result<Self, Mistake> {
        match ticked {
            "" => Err(Mistake::Consent),
            shown if shown == text.to_string() => Ok(Self { text }),
            _ => Err(Mistake::OldConsent),
        }
    }
}

const ENTER_EMAIL: &str = "Enter an email address, like name@example.com";
const AGREE: &str = "Agree to the privacy policy to continue";
const AGREE_AGAIN: &str = "The privacy policy has changed. Read it and agree again";

/// What a payer is asked beside the address: what was said at the payment is not asked again (CP-08).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What payers agree to now.
    pub text: PrivacyText,
    /// Whether that was agreed to at the payment: then it is not asked for.
    pub is_agreed: bool,
    /// Whether nobody knows yet where to write to.
    pub email: bool,
}

/// A claim page's form, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Where to.
    pub destination: Destination,
    /// What was agreed to, here or at the payment.
    pub consent: Consent,
    /// Where to write to about this claim.
    pub email: Option<String>,
}

/// What a payer types on a claim page, as it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimForm {
    /// The address.
    #[serde(default)]
    pub address: String,
    /// The tag or memo, `none` for "my wallet does not use one", empty where the network has none.
    #[serde(default)]
    pub tag: String,
    /// The name of the text that was agreed to; empty when none was.
    #[serde(default)]
    pub consent: String,
    /// Where to write to, empty when that is known already.
    #[serde(default)]
    pub email: String,
    /// The code that was mailed, empty before one was asked for.
    #[serde(default)]
    pub code: String,
    /// `on` when another code is wanted.
    #[serde(default)]
    pub new_code: String,
}

impl ClaimForm {
    /// Reads the form for a refund on `network`.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields. Each page says it in its own language.
    pub fn read(&self, network: Network, asked: &Asked) -> Result<Claimed, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let tag = Some(self.tag.as_str()).filter(|tag| !tag.trim().is_empty());
        let destination = Destination::parse(network, &self.address, tag);
        mistakes.extend(destination.as_ref().err().map(|error| Mistake::Destination(*error)));
        let email = Some(self.email.trim()).filter(|email| !email.is_empty());
        if email.map_or(asked.email, |email| EmailAddress::parse(email).is_err()) {
            mistakes.push(Mistake::Email);
        }
        if !asked.is_agreed {
            mistakes.extend(Consent::of_box(&self.consent, asked.text).err());
        }
        match destination {
            Ok(destination) if mistakes.is_empty() => {
                Ok(Claimed { destination, consent: Consent { text: asked.text }, email: email.map(str::to_owned) })
            }
            Ok(_) | Err(_) => Err(mistakes),
        }
    }

    /// Parses the form for a refund of `symbol` on `network`.
    ///
    /// # Errors
    /// Every field that is wrong, each with an English sentence.
    pub fn parse(&self, network: Network, symbol: &str, asked: &Asked) -> Result<Claimed, FieldErrors> {
        let in_english = |mistake: Mistake| mistake.in_english(network, symbol);
        self.read(network, asked).map_err(|mistakes| FieldErrors(mistakes.into_iter().map(in_english).collect()))
    }
}

/// What is wrong with a claim page's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The address or its tag.
    Destination(DestinationError),
    /// There is no e-mail address where one is needed, or what stands there is none.
    Email,
    /// The privacy policy was not agreed to (CP-08).
    Consent,
    /// It was agreed to as it was before.
    OldConsent,
}

impl Mistake {
    /// Returns the name of the field at fault.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Destination(error) => error.field(),
            Self::Email => "email",
            Self::Consent | Self::OldConsent => "consent",
        }
    }

    /// Returns the code programs see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Destination(error) => error.code(),
            Self::Email => "invalid",
            Self::Consent => "required",
            Self::OldConsent => "changed",
        }
    }

    /// Returns it with an English sentence, for a refund of `symbol` on `network`.
    #[must_use]
    pub fn in_english(&self, network: Network, symbol: &str) -> FieldError {
        let message = match self {
            Self::Destination(error) => error.message(network, symbol),
            Self::Email => ENTER_EMAIL.to_owned(),
            Self::Consent => AGREE.to_owned(),
            Self::OldConsent => AGREE_AGAIN.to_owned(),
        };
        FieldError::new(self.field(), self.code(), message)
    }
}

/// One wrong field: its name, a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name in the request.
    pub field: String,
    /// What is wrong, for programs.
    pub code: String,
    /// What is wrong and how to put it right, for people.
    pub message: String,
}

impl FieldError {
    /// Makes one.
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), message: message.into() }
    }
}

/// Everything that is wrong with a request's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Returns a list of one.
    pub fn one(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self(vec![FieldError::new(field, code, message)])
    }

    /// Adds one.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// Returns the same errors of fields that stand inside another.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        Self(self.0.into_iter().map(|error| FieldError { field: format!("{outer}.{}", error.field), ..error }).collect())
    }

    /// Returns `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// The list itself when something is.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Returns the sentence for one field.
    #[must_use]
    pub fn message(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl core::error::Error for FieldErrors {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PrivacyTextId;
    use uuid::Uuid;

    #[test]
    fn tokens_differ_by_purpose_claim_and_key() {
        let (key, other_key) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let (claim, other_claim) = (ClaimId(Uuid::from_u128(1)), ClaimId(Uuid::from_u128(2)));
        let token = ClaimToken::derive(&key, claim);
        assert_eq!(token, ClaimToken::derive(&key, claim));
        assert_ne!(token, ClaimToken::derive(&key, other_claim));
        assert_ne!(token, ClaimToken::derive(&other_key, claim));
        assert_ne!(token.expose(), CancelToken::derive(&key, claim).expose());
        assert_ne!(token.hash(&key), token.hash(&other_key));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let key = MasterKey::new([7; 32]);
        let token = ClaimToken::derive(&key, ClaimId(Uuid::from_u128(1)));
        assert_eq!(format!("{key:?} {token:?}"), "MasterKey(…) ClaimToken(…)");
    }

    #[test]
    fn a_form_names_every_wrong_field() {
        let form = ClaimForm { address: "hello".to_owned(), ..ClaimForm::default() };
        let asked = Asked { email: true, ..Asked::default() };
        let errors = form.parse(Network::Tron, "USDT", &asked).expect_err("three fields are wrong");
        let fields: Vec<&str> = errors.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["address", "email", "consent"]);
        let mistakes = form.read(Network::Tron, &asked).expect_err("the same three");
        assert_eq!(mistakes, [Mistake::Destination(DestinationError::NotAnAddress), Mistake::Email, Mistake::Consent]);
    }

    #[test]
    fn what_was_said_at_the_payment_is_not_asked_again() {
        let form = ClaimForm { address: "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm".to_owned(), ..ClaimForm::default() };
        let text = PrivacyText::Own { version: 7 };
        let claimed = form.parse(Network::Tron, "USDT", &Asked { text, is_agreed: true, email: false }).expect("a claim (CP-08)");
        assert_eq!((claimed.consent, claimed.email), (Consent { text }, None));
        let typed = ClaimForm { email: " ann@example.com ".to_owned(), consent: "7".to_owned(), ..form };
        let claimed = typed.parse(Network::Tron, "USDT", &Asked { text, is_agreed: false, email: true }).expect("a claim");
        assert_eq!((claimed.consent, claimed.email.as_deref()), (Consent { text }, Some("ann@example.com")));
    }

    #[test]
    fn a_tick_under_another_text_is_none() {
        let merchants = PrivacyText::Merchants(PrivacyTextId(Uuid::from_u128(1)));
        let address = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm".to_owned();
        let form = ClaimForm { address, consent: PrivacyText::OWN.to_string(), ..ClaimForm::default() };
        let asked = |text| Asked { text, ..Asked::default() };
        assert!(form.read(Network::Tron, &asked(PrivacyText::OWN)).is_ok());
        assert_eq!(form.read(Network::Tron, &asked(merchants)), Err(vec![Mistake::OldConsent]));
        for ticked in ["on", "0", "1 ", "true"] {
            let form = ClaimForm { consent: ticked.to_owned(), ..form.clone() };
            assert_eq!(form.read(Network::Tron, &asked(PrivacyText::OWN)), Err(vec![Mistake::OldConsent]), "{ticked:?}");
        }
        let refused = Consent::at_payment("ann@example.com", "1", merchants).expect_err("another text");
        assert_eq!(refused.0[0].code, "changed");
        assert_eq!(
            Consent::at_payment("ann@example.com", &merchants.to_string(), merchants).map(|(_, consent)| consent.text),
            Ok(merchants)
        );
    }

    #[test]
    fn a_payment_page_asks_for_an_address_to_write_to_and_for_consent() {
        let fields = |email: &str, consent: &str| -> Vec<String> {
            let errors = Consent::at_payment(email, consent, PrivacyText::OWN).err().unwrap_or_default();
            errors.0.into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields("ann@example.com", "1"), Vec::<String>::new());
        assert_eq!(fields("", ""), ["email", "consent"], "CP-04");
        for email in ["ann", "ann@host", "a@b@example.com", "ann@example.com, bob@example.com", "ann@example.com\r\nBcc: x@example.com"] {
            assert_eq!(fields(email, "1"), ["email"], "{email:?}");
        }
    }
}

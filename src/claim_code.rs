//! Claim codes: six digits by mail, which a payer gives beside the link of a refund above the policy's `low_risk_band` (odd case 34).
//!
//! A code is derived from the master key when it is mailed, and rows hold a keyed hash of it with the claim and the destination: it
//! proves nothing about another address.

use core::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::claim::{MasterKey, TokenHash};
use crate::destination::Destination;
use crate::ids::{ClaimCodeId, ClaimId};

/// How long a code works: long enough for a mail that is looked at by hand, no longer.
pub const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How often a code can be tried. The database holds this too.
pub const TRIES_MAX: u32 = 5;
/// How many codes are mailed in an hour: what asks for mails must not become a way to flood a mailbox.
pub const PER_HOUR_MAX: usize = 3;
/// How many codes are mailed for one claim: with five tries each, whoever guesses has one chance in ten thousand. The database holds this
/// too. The shop can stop the refund then and offer it by a new link.
pub const PER_CLAIM_MAX: u32 = 20;
/// A second click within this time asks for no second code.
const DOUBLE_CLICK: SignedDuration = SignedDuration::from_secs(10);
/// How many codes there are.
const CODES: u64 = 1_000_000;

/// What a claim needs beside its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    LinkAlone,
    /// A code, mailed to the address that was known before.
    Code {
        /// From when on another one can be asked for, where that is not now.
        again_at: Option<Timestamp>,
    },
    /// Nothing that the payer could give, because no mail reaches them: a person looks at the refund before it is sent.
    Review,
}

/// What was given beside the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing had to be.
    NotNeeded,
    /// This code.
    Code(ClaimCodeId),
    /// Nothing could be: a person looks at the refund before it is sent.
    Missing,
}

impl Proof {
    /// Returns the name in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::Code(_) => "code",
            Self::Missing => "missing",
        }
    }
}

/// A code. Printed only where it is meant to be read.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimCode(String);

impl ClaimCode {
    /// Derives a code.
    #[must_use]
    pub fn derive(key: &MasterKey, id: ClaimCodeId) -> Self {
        let bytes = key.derive("claim code", id.0.as_bytes());
        let (first, _) = bytes.split_first_chunk::<8>().expect("32 bytes are more than 8");
        Self(format!("{:06}", u64::from_be_bytes(*first) % CODES))
    }

    /// Takes what was typed, without what people put between digits.
    #[must_use]
    pub fn from_untrusted(text: &str) -> Self {
        Self(text.chars().filter(char::is_ascii_digit).take(12).collect())
    }

    /// Returns the secret text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what is stored of it.
    #[must_use]
    pub fn hash(&self, key: &MasterKey, claim: ClaimId, to: &Destination) -> TokenHash {
        let tag = to.tag().map(ToString::to_string).unwrap_or_default();
        key.hash(&format!("claim code\0{claim}\0{}\0{}\0{tag}\0{}", to.network().name(), to.address(), self.0))
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(…)")
    }
}

/// A code as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClaimCode {
    /// Its id, which it is derived from.
    pub id: ClaimCodeId,
    /// For which claim.
    pub claim: ClaimId,
    /// Counted from 1 per claim: the last one works.
    pub number: u32,
    /// Recognises it, for one destination.
    pub hash: TokenHash,
    /// That destination, masked, as the mail names it.
    pub shown_to: String,
    /// Until when it works, exclusive.
    pub expires_at: Timestamp,
}

/// A code that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCode {
    /// Its id.
    pub id: ClaimCodeId,
    /// Counted from 1 per claim.
    pub number: u32,
    /// Recognises it, for one destination.
    pub hash: TokenHash,
    /// That destination, masked.
    pub shown_to: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when it works, exclusive.
    pub expires_at: Timestamp,
    /// Whether its claim was confirmed with it.
    pub is_given: bool,
}

impl SentCode {
    /// Says whether it can still be given.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.tries < TRIES_MAX
    }

    /// Says whether it is so new that whoever asks again clicked twice.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.sent_at) < DOUBLE_CLICK
    }
}

/// Why no further code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMoreCodes {
    /// Not before then.
    Until(Timestamp),
    /// Not for this claim.
    ForThisClaim,
}

/// Returns the number of the next code of a claim that was sent these, oldest first.
///
/// # Errors
/// [`NoMoreCodes`] when they were too many.
pub fn next_number(sent: &[SentCode], now: Timestamp) -> Result<u32, NoMoreCodes> {
    let number = sent.last().map_or(0, |last| last.number).saturating_add(1);
    if number > PER_CLAIM_MAX {
        return Err(NoMoreCodes::ForThisClaim);
    }
    let hour_after = |code: &SentCode| code.sent_at.saturating_add(SignedDuration::from_hours(1)).unwrap_or(now);
    let Some(first_of_hour) = sent.len().checked_sub(PER_HOUR_MAX).and_then(|index| sent.get(index)) else { return Ok(number) };
    let again_at = hour_after(first_of_hour);
    if now < again_at { Err(NoMoreCodes::Until(again_at)) } else { Ok(number) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::money::Network;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute.saturating_mul(60)).expect("an instant")
    }

    fn sent(number: u32, minute: i64) -> SentCode {
        let id = ClaimCodeId(Uuid::from_u128(number.into()));
        let expires_at = at(minute).checked_add(LASTS).expect("an instant");
        SentCode {
            id,
            number,
            hash: TokenHash([0; 32]),
            shown_to: String::new(),
            tries: 0,
            sent_at: at(minute),
            expires_at,
            is_given: false,
        }
    }

    #[test]
    fn a_code_is_six_digits_of_its_own_for_one_claim_and_destination() {
        let key = MasterKey::new([1; 32]);
        let codes: Vec<ClaimCode> = (0..200).map(|id| ClaimCode::derive(&key, ClaimCodeId(Uuid::from_u128(id)))).collect();
        assert!(codes.iter().all(|code| code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit())));
        let distinct: std::collections::BTreeSet<&str> = codes.iter().map(ClaimCode::expose).collect();
        assert!(distinct.len() > 190, "{distinct:?}");
        let [one, other] = [1, 2].map(|byte| Destination::of_account(Network::Tron, [byte; 20], None).expect("an address"));
        let (claim, elsewhere) = (ClaimId(Uuid::from_u128(1)), ClaimId(Uuid::from_u128(2)));
        let hash = codes[0].hash(&key, claim, &one);
        assert_eq!(hash, ClaimCode::from_untrusted(&format!(" {} ", codes[0].expose())).hash(&key, claim, &one));
        for different in [
            codes[0].hash(&key, claim, &other),
            codes[0].hash(&key, elsewhere, &one),
            codes[1].hash(&key, claim, &one),
            codes[0].hash(&MasterKey::new([2; 32]), claim, &one),
        ] {
            assert_ne!(hash, different);
        }
        assert_eq!(ClaimCode::from_untrusted("12 34-56").expose(), "123456");
        assert_eq!(format!("{:?}", codes[0]), "ClaimCode(…)");
    }

    #[test]
    fn a_code_works_for_ten_minutes_and_five_tries() {
        let code = sent(1, 0);
        assert!(code.works(at(0)) && code.works(at(9)) && !code.works(at(10)));
        assert!(SentCode { tries: 4, ..code.clone() }.works(at(1)) && !SentCode { tries: 5, ..code }.works(at(1)));
    }

    #[test]
    fn three_codes_are_sent_in_an_hour_and_twenty_for_a_claim() {
        assert_eq!(next_number(&[], at(0)), Ok(1));
        let three = [sent(1, 0), sent(2, 10), sent(3, 20)];
        assert_eq!(next_number(&three[..2], at(20)), Ok(3));
        assert_eq!(next_number(&three, at(59)), Err(NoMoreCodes::Until(at(60))));
        assert_eq!(next_number(&three, at(60)), Ok(4));
        let four = [three.as_slice(), &[sent(4, 60)]].concat();
        assert_eq!(next_number(&four, at(60)), Err(NoMoreCodes::Until(at(70))), "the second of the first three counts still");
        let all: Vec<SentCode> = (1..=PER_CLAIM_MAX).map(|number| sent(number, i64::from(number).saturating_mul(60))).collect();
        assert_eq!(next_number(&all[..19], at(5000)), Ok(20));
        assert_eq!(next_number(&all, at(5000)), Err(NoMoreCodes::ForThisClaim));
    }
}

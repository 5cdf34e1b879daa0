//! What is wrong with a claim's form, and what its address field says, in the payer's language.

use domain::claim::{FieldError, FieldErrors, Mistake};
use domain::claim_code::Needs;
use domain::destination::{Characters, DestinationError, characters, has_one_length, starts_with, tag_rule};
use domain::language::Language;
use domain::money::{Asset, Network};
use domain::payout::PayoutFailure;
use domain::view::ClaimView;
use jiff::tz::TimeZone;
use words::{Part, Sentence as _, address as said, claim, dates, payer};

use crate::components::exact_in;
use crate::islands::{AddressWords, EXPECTED, FOUND, NETWORK};
use crate::reply::Submitted;

/// Returns what the address field of a claim says.
pub(super) fn address_words(asset: &Asset, language: Language) -> AddressWords {
    let (network, symbol) = (asset.network.title(), asset.id.symbol());
    let foreign = |family: &str, network: &str| {
        let found = said::Foreign { family, network }.to(language);
        with_what_is_needed(&found, asset, language)
    };
    let length = if has_one_length(asset.network) {
        said::Length { expected: EXPECTED, found: FOUND, network }.to(language)
    } else {
        said::LengthOfKind { expected: EXPECTED, found: FOUND, network }.to(language)
    };
    AddressWords {
        label: said::Label { network, symbol }.to(language),
        hint: hint(asset, language),
        valid: said::Valid { network }.to(language),
        look_alike: asset.network.is_evm().then(|| said::LookAlike { asset: symbol, network }.to(language)),
        empty: said::Empty.to(language),
        checksum: said::Checksum.to(language),
        length,
        recovery_phrase: said::RecoveryPhrase.to(language),
        private_key: said::PrivateKey.to(language),
        not_an_address: said::NotAnAddress.to(language),
        ethereum_style: foreign("ethereum", Network::Ethereum.title()),
        xrpl: foreign("xrpl", Network::Xrpl.title()),
        named: foreign("named", NETWORK),
        test_of: with_what_is_needed(&said::ForeignTest { network: NETWORK }.to(language), asset, language),
        link_for: said::LinkFor { found: NETWORK, network, symbol }.to(language),
        error: before_error(language),
        paste: said::Paste.to(language),
        paste_refused: said::PasteRefused.to(language),
        clear: said::Clear.to(language),
        scan: said::Scan.to(language),
        scan_title: said::ScanTitle.to(language),
        scan_stop: said::ScanStop.to(language),
        scan_refused: said::ScanRefused.to(language),
    }
}

/// Returns what a language says before a mistake: `Error: `.
fn before_error(language: Language) -> String {
    let error = payer::Error { text: "" };
    match error.parts(language).into_iter().next() {
        Some(Part::Text(text)) => text,
        Some(Part::Variable { .. }) | None => String::new(),
    }
}

fn hint(asset: &Asset, language: Language) -> String {
    let (network, symbol) = (asset.network.title(), asset.id.symbol());
    let characters = match characters(asset.network) {
        Characters::Exactly(count) => count.to_string(),
        Characters::Either(one, other) => said::Or { last: &other.to_string(), others: &one.to_string() }.to(language),
        Characters::Between(least, most) => said::Between { least: &least.to_string(), most: &most.to_string() }.to(language),
    };
    match starts(asset, language) {
        Some(starts) => said::HintStarts { characters: &characters, network, starts: &starts, symbol }.to(language),
        None => said::Hint { characters: &characters, network, symbol }.to(language),
    }
}

/// Returns how addresses of the refund's network begin: `bc1, 1 or 3`.
fn starts(asset: &Asset, language: Language) -> Option<String> {
    match starts_with(asset.network) {
        [] => None,
        [only] => Some((*only).to_owned()),
        [others @ .., last] => Some(said::Or { last, others: &others.join(", ") }.to(language)),
    }
}

/// Says what was found, what is needed instead, and what would happen else: three sentences.
fn with_what_is_needed(found: &str, asset: &Asset, language: Language) -> String {
    let (network, symbol) = (asset.network.title(), asset.id.symbol());
    let needed = match starts(asset, language) {
        Some(starts) => said::NeededStarts { network, starts: &starts, symbol }.to(language),
        None => said::Needed { network, symbol }.to(language),
    };
    format!("{found} {needed} {}", said::Lost { symbol }.to(language))
}

/// Says each mistake at its field.
pub(super) fn mistakes(mistakes: &[Mistake], asset: &Asset, language: Language) -> FieldErrors {
    let in_words = |mistake: &Mistake| {
        let message = match mistake {
            Mistake::Destination(error) => wrong_destination(error, asset, language),
            Mistake::Email => payer::EnterEmail.to(language),
            Mistake::Consent => payer::Agree.to(language),
            Mistake::OldConsent => payer::AgreeAgain.to(language),
        };
        FieldError::new(mistake.field(), mistake.code(), message)
    };
    FieldErrors(mistakes.iter().map(in_words).collect())
}

/// Says what is wrong with where a refund should go.
pub(crate) fn wrong_destination(error: &DestinationError, asset: &Asset, language: Language) -> String {
    let (network, symbol) = (asset.network.title(), asset.id.symbol());
    match error {
        DestinationError::TagMissing => said::TagMissing.to(language),
        DestinationError::TagInvalid => match tag_rule(asset.network) {
            Some(rule) if rule.is_number => said::TagDigits.to(language),
            Some(rule) => said::TagText { count: &rule.chars_max.to_string() }.to(language),
            None => said::TagNone { network }.to(language),
        },
        DestinationError::TagContradicts => said::TagContradicts.to(language),
        DestinationError::TagSecret => said::TagSecret.to(language),
        DestinationError::OwnAddress => said::OwnAddress.to(language),
        DestinationError::TokenContract => said::TokenContract { symbol }.to(language),
        DestinationError::Empty
        | DestinationError::OtherNetwork { .. }
        | DestinationError::Checksum
        | DestinationError::Length { .. }
        | DestinationError::RecoveryPhrase
        | DestinationError::PrivateKey
        | DestinationError::NotAnAddress => address_words(asset, language).of(error).unwrap_or_default(),
    }
}

/// Says what the engine found wrong when the claim was confirmed.
pub(super) fn found_at_confirmation(submitted: Submitted, view: &ClaimView, language: Language) -> Submitted {
    let before = submitted.value("shown_fee").to_owned();
    let email = view.email.clone().unwrap_or_default();
    let again_at = match view.needs {
        Needs::Code { again_at } => again_at,
        Needs::LinkAlone | Needs::Review => None,
    };
    submitted.in_words(|field, code| match (field, code) {
        ("checked", _) => Some(claim::TickNeeded.to(language)),
        ("fee", _) => Some(claim::FeeChanged { before: &before, fee: &exact_in(language, &view.fee, view.asset.id.symbol()) }.to(language)),
        ("code", "sent") => Some(claim::CodeSent { email: &email }.to(language)),
        ("code", "wrong") => Some(claim::CodeWrong.to(language)),
        ("code", "ended") => Some(claim::CodeEnded.to(language)),
        ("code", "too_many") => {
            let clock = dates::clock(again_at.unwrap_or(view.now).to_zoned(TimeZone::UTC).datetime());
            Some(claim::CodeTooMany { time: &format!("{clock} UTC") }.to(language))
        }
        ("code", "none_left") => Some(claim::CodeNoneLeft { merchant: &view.merchant }.to(language)),
        ("address", "not_accepted") => Some(said::NotAccepted { merchant: &view.merchant }.to(language)),
        ("address", code) => refused_address(code, &view.asset, language),
        (_, _) => None,
    })
}

/// Says why the engine refuses an address that looks right, by the code it gives.
pub(crate) fn refused_address(code: &str, asset: &Asset, language: Language) -> Option<String> {
    if code == PayoutFailure::AccountNotActivated.name() {
        return Some(said::NotActivated { network: asset.network.title(), symbol: asset.id.symbol() }.to(language));
    }
    let whose = [DestinationError::OwnAddress, DestinationError::TokenContract];
    whose.iter().find(|error| error.code() == code).map(|error| wrong_destination(error, asset, language))
}

#[cfg(test)]
mod tests {
    use domain::claim::{Asked, ClaimForm};
    use domain::destination::Destination;

    use super::*;

    const ADDRESSES: [&str; 7] = [
        "",
        "hello",
        "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqn",
        "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaq",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    ];

    fn asset(symbol: &str, network: Network) -> Asset {
        let id = format!("{symbol}-{}", network.name().to_ascii_uppercase()).parse().expect("an asset's id");
        Asset { id, network, decimals: 6, contract: None, finality: 1, dust_units: 0, network_fee_units: 0 }
    }

    #[test]
    fn every_mistake_is_said_in_every_language_and_leaves_no_gap() {
        for network in Network::ALL {
            let asset = asset("COIN", network);
            for language in Language::ALL.iter().copied() {
                for address in ADDRESSES {
                    let form = ClaimForm { address: address.to_owned(), tag: "x \u{e9}".to_owned(), ..ClaimForm::default() };
                    let wrong = form.read(network, &Asked { email: true, ..Asked::default() }).expect_err("nobody agreed");
                    for FieldError { field, message, .. } in mistakes(&wrong, &asset, language).0 {
                        assert!(!message.is_empty() && !message.contains(['{', '}']), "{language} {network} {field}: {message}");
                    }
                }
            }
        }
    }

    #[test]
    fn english_reads_like_the_design() {
        let asset = asset("USDT", Network::Tron);
        let words = address_words(&asset, Language::English);
        assert_eq!(words.label, "Your USDT address on Tron");
        assert_eq!(words.hint, "34 characters, starts with T. From your own wallet, or an exchange’s deposit page for USDT on Tron.");
        assert_eq!((words.valid.as_str(), words.error.as_str()), ("Valid Tron address", "Error: "));
        let said_of = |address: &str| {
            let error = Destination::parse(Network::Tron, address, None).expect_err("a mistake");
            wrong_destination(&error, &asset, Language::English)
        };
        assert_eq!(
            said_of("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            "This is a Bitcoin address. This refund is USDT on Tron, so it needs an address that starts with T. \
             USDT sent to that address cannot be recovered."
        );
        assert_eq!(words.link_for, "The QR code is for {network}. This refund is USDT on Tron.");
        assert!(said_of("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh").starts_with("This is an XRP Ledger address."));
        assert_eq!(said_of("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaq"), "Tron addresses have 34 characters. This one has 33.");
    }

    #[test]
    fn hints_say_what_an_address_looks_like() {
        let words = |network| address_words(&asset("COIN", network), Language::English);
        let begins = |network, start: &str| assert!(words(network).hint.starts_with(start), "{}", words(network).hint);
        begins(Network::Stellar, "56 or 69 characters, starts with G or M. ");
        begins(Network::Bitcoin, "26 to 62 characters, starts with bc1, 1 or 3. ");
        begins(Network::Solana, "32 to 44 characters. From");
        assert!(words(Network::Base).look_alike.is_some_and(|said| said.contains("Base")));
    }
}

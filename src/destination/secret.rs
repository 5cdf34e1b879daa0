//! Secrets typed into an address field by mistake. Recognised so that the browser clears them and sends nothing.

use bs58::Alphabet;

use super::base58;

/// The numbers of words a recovery phrase may have (BIP-39).
const WORD_COUNTS: [usize; 5] = [12, 15, 18, 21, 24];

/// Says whether a text is as many words, of the lengths BIP-39 uses, as a recovery phrase has. Phones capitalise, and lists have commas.
///
/// The words themselves are not looked up: a phrase with a typing mistake is still a secret.
pub(super) fn is_recovery_phrase(text: &str) -> bool {
    let words = || text.split(|separator: char| separator.is_whitespace() || separator == ',').filter(|word| !word.is_empty());
    let is_word = |word: &str| (3..=8).contains(&word.len()) && word.bytes().all(|letter| letter.is_ascii_alphabetic());
    WORD_COUNTS.contains(&words().count()) && words().all(is_word)
}

/// Says whether a text opens a wallet: a recovery phrase or a private key.
#[must_use]
pub fn opens_wallet(text: &str) -> bool {
    let text = text.trim();
    is_recovery_phrase(text) || is_key_file(text) || is_private_key(text)
}

/// Says whether a text is a private key: hexadecimal, with `0x` or without, Bitcoin's, Litecoin's, Dogecoin's or Tron's in WIF, an extended
/// key (BIP-32), an XRP Ledger seed, a Stellar seed (SEP-23), a Solana key pair.
///
/// A hexadecimal transaction id looks the same, and so does a Solana one; they are no addresses either, and clearing them costs nothing.
pub(super) fn is_private_key(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return true;
    }
    if text.len() == 56 && text.starts_with('S') && text.bytes().all(|letter| matches!(letter, b'A'..=b'Z' | b'2'..=b'7')) {
        return true;
    }
    if base58::decode(text, Alphabet::BITCOIN).is_some_and(|bytes| bytes.len() == 64) {
        return true;
    }
    let is_bitcoin = match base58::decode_checked(text, Alphabet::BITCOIN).as_deref() {
        Some([0x80 | 0xef | 0xb0 | 0x9e, key @ ..]) => matches!(key.len(), 32 | 33),
        // xprv, yprv, zprv, Ltpv, dgpv (SLIP-132).
        Some(
            [0x04, 0x88, 0xad, 0xe4, ..]
            | [0x04, 0x9d, 0x78, 0x78, ..]
            | [0x04, 0xb2, 0x43, 0x0c, ..]
            | [0x01, 0x9d, 0x9c, 0xfe, ..]
            | [0x02, 0xfa, 0xc3, 0x98, ..],
        ) => true,
        Some(_) | None => false,
    };
    is_bitcoin
        || match base58::decode_checked(text, Alphabet::RIPPLE).as_deref() {
            Some([0x21, seed @ ..] | [0x01, 0xe1, 0x4b, seed @ ..]) => seed.len() == 16,
            Some(_) | None => false,
        }
}

/// Says whether a text is what Solana's tools keep a key pair in: a JSON list of 64 bytes.
pub(super) fn is_key_file(text: &str) -> bool {
    let Some(list) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    list.split(',').count() == 64 && list.split(',').all(|byte| byte.trim().parse::<u8>().is_ok())
}

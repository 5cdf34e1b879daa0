//! Base58Check: the base 58 text with a four-byte checksum that Bitcoin, Tron and the XRP Ledger share, in two alphabets.

use bs58::Alphabet;
use sha2::{Digest, Sha256};

/// The longest text decoded: an extended key (BIP-32). Decoding takes quadratic time.
const TEXT_BYTES_MAX: usize = 112;

/// The bytes of a checksum.
const CHECKSUM_BYTES: usize = 4;

/// Returns the bytes before the checksum, version first; `None` when the checksum is wrong.
pub(super) fn decode_checked(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    let mut bytes = decode(text, alphabet)?;
    let checksum = bytes.split_off(bytes.len().checked_sub(CHECKSUM_BYTES)?);
    let expected = Sha256::digest(Sha256::digest(&bytes));
    expected.starts_with(&checksum).then_some(bytes)
}

/// Returns the bytes of a text that has no checksum.
pub(super) fn decode(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    bs58::decode(text).with_alphabet(alphabet).into_vec().ok()
}

/// Returns bytes as text with their checksum.
pub(super) fn encode_checked(bytes: &[u8], alphabet: &Alphabet) -> String {
    let checksum = Sha256::digest(Sha256::digest(bytes));
    let whole: Vec<u8> = bytes.iter().chain(checksum.iter().take(CHECKSUM_BYTES)).copied().collect();
    bs58::encode(whole).with_alphabet(alphabet).into_string()
}

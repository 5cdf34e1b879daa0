//! How BitPay's clients sign: ECDSA over secp256k1 of the SHA-256 of the URL as they typed it and the body. The key pair is theirs; who
//! they are is its SIN.

use data_encoding::HEXLOWER_PERMISSIVE;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{Signature, VerifyingKey};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// What a SIN's bytes begin with: its version, and "ephemeral".
const SIN_PREFIX: [u8; 2] = [0x0f, 0x02];
/// How many bytes of a SIN check the others.
const CHECK_BYTES: usize = 4;
/// A SIN's bytes: prefix, RIPEMD-160, check.
const SIN_BYTES: usize = 26;

/// Returns the SIN of whoever signed a message; nothing when the signature is not of that public key.
pub fn signer(identity: &str, signature: &str, message: &[u8]) -> Option<String> {
    let key = VerifyingKey::from_sec1_bytes(&HEXLOWER_PERMISSIVE.decode(identity.as_bytes()).ok()?).ok()?;
    let signature = Signature::from_der(&HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).ok()?).ok()?;
    // Their libraries leave the larger of the two possible halves in every second signature; only the smaller is accepted here.
    let signature = signature.normalize_s().unwrap_or(signature);
    key.verify_prehash(&Sha256::digest(message), &signature).ok()?;
    Some(sin(&key))
}

fn sin(key: &VerifyingKey) -> String {
    let hash = Ripemd160::digest(Sha256::digest(key.to_encoded_point(true).as_bytes()));
    let payload = [SIN_PREFIX.as_slice(), &hash].concat();
    let check = Sha256::digest(Sha256::digest(&payload));
    bs58::encode([payload.as_slice(), &check[..CHECK_BYTES]].concat()).into_string()
}

/// Says whether text is a SIN.
pub fn is_sin(text: &str) -> bool {
    let Ok(bytes) = bs58::decode(text).into_vec() else { return false };
    let Some((payload, check)) = bytes.split_last_chunk::<CHECK_BYTES>() else { return false };
    bytes.len() == SIN_BYTES && payload.starts_with(&SIN_PREFIX) && Sha256::digest(Sha256::digest(payload)).starts_with(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret key is the number one; identity, SIN and the higher half are what the official Node client makes of it (npm
    /// bitpay-sdk 8.0.4).
    const IDENTITY: &str = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const SIN: &str = "Tf8DhWM5WDBB1CarpFdonta9YEBJgW1GYAt";
    const MESSAGE: &[u8] = b"https://refunds.example.com/compat/bitpay/refunds{\"amount\":10}";
    const LOW: &str = "304402200eccf49324af7a92f02803a04ddb1f01737d12a49aa478e7d9ec0432a01fb53402200840657348bcc34034292c996a2b5b87e204fea4b5e3f602fb7c28c551a3c925";
    const HIGH: &str = "304502200eccf49324af7a92f02803a04ddb1f01737d12a49aa478e7d9ec0432a01fb534022100f7bf9a8cb7433cbfcbd6d36695d4a476d8a9de41f964aa38c45635c77e92781c";

    #[test]
    fn signatures_are_those_of_other_programs() {
        for signature in [LOW, HIGH] {
            assert_eq!(signer(IDENTITY, signature, MESSAGE).as_deref(), Some(SIN));
            assert_eq!(signer(IDENTITY, signature, b"another message"), None);
        }
        assert_eq!(signer(IDENTITY, "30", MESSAGE), None);
        assert_eq!(signer("02", LOW, MESSAGE), None);
        assert_eq!(signer("no hex", LOW, MESSAGE), None);
    }

    #[test]
    fn a_mistyped_sin_is_none() {
        assert!(is_sin(SIN));
        for wrong in ["", "TfG", &SIN[1..], &SIN.replace('T', "U"), "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"] {
            assert!(!is_sin(wrong), "{wrong}");
        }
    }
}

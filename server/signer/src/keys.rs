//! Keys: the phrase on disk and the one account it pays from. Nothing here can be printed: no key type has `Debug`.
//!
//! | path | what | who knows it |
//! |---|---|---|
//! | `m/44'/60'/1'/0/0` | the hot account, pays refunds | this process |
//! | `m/44'/60'/0'` | deposits; its xpub gives address `0/index` | the engine, without the private half |
//!
//! The two are hardened apart, so the xpub says nothing about the hot account. This process signs for the hot account only: deposits
//! are collected with a wallet of the operator's, from the same phrase.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, Signature};
use bip32::secp256k1::ecdsa::SigningKey;
use bip32::secp256k1::elliptic_curve::zeroize::Zeroizing;
use bip32::{DerivationPath, Language, Mnemonic, Prefix, XPrv};
use thiserror::Error;

/// Where the account that pays hangs.
const HOT_PATH: &str = "m/44'/60'/1'/0/0";
/// Where the deposit addresses hang.
const DEPOSITS_PATH: &str = "m/44'/60'/0'";

/// What the phrase unlocks.
pub struct Keys {
    hot: SigningKey,
    hot_address: Address,
    deposits_xpub: String,
}

/// A transaction and its signature, ready for the network.
pub struct SignedTransaction {
    /// The hash of the bytes.
    pub txid: B256,
    /// EIP-2718 bytes.
    pub bytes: Vec<u8>,
}

impl Keys {
    /// Draws a new phrase of 24 words from the operating system's randomness and writes it where only this user can read it.
    ///
    /// # Errors
    /// `Exists` rather than overwriting; `File` when the disk refuses.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
            _ => KeyError::File(path.to_owned(), error),
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let mut entropy = Zeroizing::new([0; 32]);
        getrandom::fill(entropy.as_mut()).map_err(|_| KeyError::Randomness)?;
        let phrase = Mnemonic::from_entropy(*entropy, Language::English);
        let keys = Self::from_phrase(&phrase)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        file.write_all(phrase.phrase().as_bytes()).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all()).map_err(failed)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(keys)
    }

    /// Reads the phrase.
    ///
    /// # Errors
    /// `TooOpen` when others may read the file, `Phrase` when it holds something else than 24 words with their checksum (BIP-39).
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File(path.to_owned(), error);
        let mut file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.mode() & 0o077 != 0 {
            return Err(KeyError::TooOpen(path.to_owned()));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(failed)?;
        let phrase = Mnemonic::new(text.trim(), Language::English).map_err(|_| KeyError::Phrase(path.to_owned()))?;
        Self::from_phrase(&phrase)
    }

    fn from_phrase(phrase: &Mnemonic) -> Result<Self, KeyError> {
        let seed = phrase.to_seed("");
        let derive =
            |path: &str| -> Result<XPrv, bip32::Error> { XPrv::derive_from_path(seed.as_bytes(), &path.parse::<DerivationPath>()?) };
        let hot: SigningKey = derive(HOT_PATH).map_err(|_| KeyError::Derivation)?.private_key().clone();
        let deposits = derive(DEPOSITS_PATH).map_err(|_| KeyError::Derivation)?.public_key();
        Ok(Self { hot_address: Address::from_private_key(&hot), hot, deposits_xpub: deposits.to_string(Prefix::XPUB) })
    }

    /// Returns the account that pays.
    pub fn hot_address(&self) -> Address {
        self.hot_address
    }

    /// Returns the key that gives deposit addresses and can spend nothing.
    pub fn deposits_xpub(&self) -> &str {
        &self.deposits_xpub
    }

    /// Signs for the hot account. The same transaction gives the same bytes (RFC 6979).
    ///
    /// # Errors
    /// `Derivation` when the curve refuses, which no transaction brings about.
    pub fn sign(&self, transaction: TxEip1559) -> Result<SignedTransaction, KeyError> {
        let hash = transaction.signature_hash();
        let signature = self.hot.sign_prehash_recoverable(hash.as_slice()).map_err(|_| KeyError::Derivation)?;
        let signed = transaction.into_signed(Signature::from(signature));
        let mut bytes = Vec::new();
        signed.eip2718_encode(&mut bytes);
        Ok(SignedTransaction { txid: *signed.hash(), bytes })
    }
}

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A key file is never overwritten.
    #[error("{} exists already; it may hold money, so choose another key_file or move it away yourself", .0.display())]
    Exists(PathBuf),
    /// The disk refuses.
    #[error("cannot use the key file {path}: {error}; `refundry-signer init` makes one", path = .0.display(), error = .1)]
    File(PathBuf, #[source] io::Error),
    /// Others may read the phrase.
    #[error("others may read the key file; run: chmod 600 {}", .0.display())]
    TooOpen(PathBuf),
    /// No phrase.
    #[error("{} must hold 24 English words with their checksum (BIP-39); restore it from your copy", .0.display())]
    Phrase(PathBuf),
    /// No randomness.
    #[error("the operating system gives no randomness; try again once it has started fully")]
    Randomness,
    /// The mathematics refuse: about as likely as guessing a key.
    #[error("the phrase gives no usable key; make another one")]
    Derivation,
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// BIP-39's vector for entropy of zeros.
    const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

    /// Returns keys everybody knows.
    pub fn known_keys() -> Keys {
        Keys::from_phrase(&Mnemonic::new(PHRASE, Language::English).expect("a phrase")).expect("keys")
    }

    #[test]
    fn deposit_addresses_follow_from_the_xpub_as_other_wallets_derive_them() {
        let xpub: bip32::XPub = known_keys().deposits_xpub().parse().expect("an xpub");
        let first = xpub.derive_child(0.into()).and_then(|key| key.derive_child(0.into())).expect("a child");
        // What any Ethereum wallet shows for this phrase at m/44'/60'/0'/0/0.
        assert_eq!(Address::from_public_key(first.public_key()).to_string(), "0xF278cF59F82eDcf871d630F28EcC8056f25C1cdb");
    }

    #[test]
    fn signing_twice_gives_the_same_bytes() {
        let transaction = TxEip1559 { chain_id: 1, nonce: 3, gas_limit: 21_000, ..TxEip1559::default() };
        let (one, two) = (known_keys().sign(transaction.clone()).expect("bytes"), known_keys().sign(transaction).expect("bytes"));
        assert_eq!((one.txid, &one.bytes), (two.txid, &two.bytes));
        assert_eq!(one.txid, alloy_primitives::keccak256(&one.bytes));
    }

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = std::env::temp_dir().join(format!("refundry-keys-{}", std::process::id()));
        let path = folder.join("key");
        let made = Keys::create(&path).expect("keys");
        assert_eq!(std::fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
        assert_eq!(Keys::load(&path).expect("keys").hot_address(), made.hot_address());
        assert!(matches!(Keys::create(&path), Err(KeyError::Exists(_))));

        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).expect("permissions");
        assert!(matches!(Keys::load(&path), Err(KeyError::TooOpen(_))));
        std::fs::remove_dir_all(folder).expect("cleaned");
    }
}

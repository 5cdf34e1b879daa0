//! An authenticator in software, as a phone has one: it keeps a key pair, makes sure that it is its person, and signs what a page asks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Flags of what an authenticator says about itself (WebAuthn, 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_BACKED_UP: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const NEW_KEY: u8 = 0x40;

/// One passkey, and the browser it is in.
#[derive(Clone)]
pub struct Authenticator {
    pub key: SigningKey,
    pub credential: Vec<u8>,
    /// Whose it is, as it was told when it was made.
    pub user: String,
    /// How often it signed; zero all the time for those that do not count.
    pub counter: u32,
    /// Where the browser stands.
    pub origin: String,
    /// For which site it signs.
    pub site: String,
    /// Whether it made sure that it is its person.
    pub is_verified: bool,
    /// Whether other devices get it, too.
    pub may_be_backed_up: bool,
    pub is_backed_up: bool,
}

impl Authenticator {
    /// A new one, at the page with this origin.
    pub fn at(origin: &str, site: &str) -> Self {
        let key = SigningKey::from_slice(&engine::random_bytes()).expect("a key");
        Self {
            key,
            credential: engine::random_bytes().to_vec(),
            user: String::new(),
            counter: 0,
            origin: origin.to_owned(),
            site: site.to_owned(),
            is_verified: true,
            may_be_backed_up: true,
            is_backed_up: false,
        }
    }

    /// Counts its next answer.
    pub fn count_on(&mut self) {
        self.counter = self.counter.saturating_add(1);
    }

    /// Answers `navigator.credentials.create`.
    pub fn make(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        options["user"]["id"].as_str().expect("whose it is").clone_into(&mut self.user);
        let point = self.key.verifying_key().to_encoded_point(false);
        let (x, y) = (point.x().expect("a point"), point.y().expect("a point"));
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR: a key for ECDSA with SHA-256 on P-256.
        let key = [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20], &x[..], &[0x22, 0x58, 0x20], &y[..]].concat();
        let length = u16::try_from(self.credential.len()).expect("a short id").to_be_bytes();
        let told = [&self.about(NEW_KEY), [0; 16].as_slice(), &length, &self.credential, &key].concat();
        let length = u8::try_from(told.len()).expect("less than 256 bytes");
        // {"fmt": "none", "attStmt": {}, "authData": told} in CBOR.
        let attestation = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(), &[length], &told].concat();
        let response = json!({
            "clientDataJSON": encoded(&self.page("webauthn.create", &options)),
            "attestationObject": encoded(&attestation),
            "transports": ["internal"],
        });
        self.answer(&response)
    }

    /// Answers `navigator.credentials.get`.
    pub fn sign(&self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        let (page, told) = (self.page("webauthn.get", &options), self.about(0));
        let signature: Signature = self.key.sign(&[told.as_slice(), &Sha256::digest(&page)].concat());
        let response = json!({
            "clientDataJSON": encoded(&page),
            "authenticatorData": encoded(&told),
            "signature": encoded(signature.to_der().as_bytes()),
            "userHandle": self.user,
        });
        self.answer(&response)
    }

    fn answer(&self, response: &Value) -> String {
        let id = encoded(&self.credential);
        let answer = json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {}, "response": response,
        });
        answer.to_string()
    }

    /// What the browser says of the page that asked.
    fn page(&self, kind: &str, options: &Value) -> Vec<u8> {
        let page = json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        page.to_string().into_bytes()
    }

    /// What the authenticator says of itself.
    fn about(&self, more: u8) -> Vec<u8> {
        let flags = [(self.is_verified, VERIFIED), (self.may_be_backed_up, MAY_BE_BACKED_UP), (self.is_backed_up, BACKED_UP)];
        let flags = flags.iter().filter(|(is_so, _)| *is_so).fold(PRESENT | more, |flags, (_, flag)| flags | flag);
        [&Sha256::digest(self.site.as_bytes())[..], &[flags], &self.counter.to_be_bytes()].concat()
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

//! Seals: what rows must keep and a stolen database must not tell. XChaCha20-Poly1305 with a key of the installation's secret; each sealed
//! text is bound to its row, so it opens nowhere else.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::Engine;
use crate::ids::random_bytes;

/// How long a nonce is, in bytes: long enough to be drawn at random.
const NONCE_BYTES: usize = 24;

impl Engine {
    /// Seals a text for one row of a table.
    pub(crate) fn seal_in_row(&self, table: &str, row: &[u8], text: &str) -> Vec<u8> {
        let bytes = random_bytes();
        let (nonce, _) = bytes.split_first_chunk::<NONCE_BYTES>().expect("32 bytes are more than a nonce");
        let payload = Payload { msg: text.as_bytes(), aad: &place(table, row) };
        let sealed = self.sealer().encrypt(&XNonce::from(*nonce), payload).expect("256 GiB fit under a seal, and no text is as long");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for this row; `None` when it was not, or was changed.
    pub(crate) fn unseal_in_row(&self, table: &str, row: &[u8], sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: &place(table, row) };
        String::from_utf8(self.sealer().decrypt(&XNonce::from(*nonce), payload).ok()?).ok()
    }

    fn sealer(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.master_key().sealing_key().into())
    }
}

fn place(table: &str, row: &[u8]) -> Vec<u8> {
    [table.as_bytes(), &[0], row].concat()
}

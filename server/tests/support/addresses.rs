//! Addresses of nobody.

use domain::destination::Destination;
use domain::money::Network;

/// Returns a valid Tron address that differs by `index`.
pub fn tron_address(index: u64) -> String {
    let mut account = [0x41; 20];
    account[12..].copy_from_slice(&index.to_be_bytes());
    Destination::of_account(Network::Tron, account, None).expect("an address").address().to_owned()
}

//! Sanctions lists: accounts that nobody is paid at. Operators import them as files; claims are screened against them, and releases again.
//!
//! An account is listed whatever form or tag its address is written with. One that a list names on any EVM chain is listed on all of them:
//! one key holds it everywhere.

use std::collections::{BTreeMap, BTreeSet};

use domain::claim::{FieldError, FieldErrors};
use domain::destination::{Destination, DestinationError};
use domain::money::Network;
use jiff::Timestamp;

use crate::store::sanctions::{self as rows, ListedAccount};
use crate::store::{StoreError, Tx};
use crate::{Engine, Error};

/// How many wrong lines are described; the others are counted.
const WRONG_LINES_MAX: usize = 20;

/// What screening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screening {
    /// The account is on no list.
    Clear,
    /// It is on these.
    Listed {
        /// Their names, in order.
        lists: Vec<String>,
    },
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many accounts are on the list now.
    pub accounts: usize,
    /// How many were on it before.
    pub before: u64,
    /// How many lines named an account that another line had named.
    pub repeated: usize,
    /// How many lines were left out because nothing is ever paid on their network, by the network's name.
    pub left_out: BTreeMap<String, usize>,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SanctionsList {
    /// Its name.
    pub name: String,
    /// How many accounts are on it.
    pub accounts: u64,
    /// When it was imported.
    pub imported_at: Timestamp,
}

impl Engine {
    /// Says whether a destination is on a sanctions list.
    ///
    /// # Errors
    /// `Store` when the database fails: then nobody knows, and nothing may be paid.
    pub async fn screen(&self, destination: &Destination) -> Result<Screening, Error> {
        let mut tx = self.store().read().await?;
        Ok(screened(&mut tx, destination).await?)
    }

    /// Looks an address up, on whatever network it is one.
    ///
    /// # Errors
    /// `Invalid` for what is an address nowhere.
    pub async fn screen_address(&self, address: &str) -> Result<Screening, Error> {
        let account = match judge(address) {
            Judged::Account(account) => account,
            Judged::Elsewhere(network) => {
                return Err(Error::field("address", "other_network", format!("nothing is paid on {network}, so no list is kept for it")));
            }
            Judged::Wrong(error) => return Err(Error::field("address", error.code(), error.to_string())),
        };
        let mut tx = self.store().read().await?;
        Ok(found(rows::lists_naming(&mut tx, &account).await?))
    }

    /// Replaces a list by the addresses of a text: one a line, alone or as `network,address`; `#` begins a comment. All or nothing.
    ///
    /// # Errors
    /// `Invalid` names the wrong lines, or the list's name; then the list stays as it was.
    pub async fn import_sanctions(&self, list: &str, text: &str) -> Result<Imported, Error> {
        let list = check_list(list)?.to_owned();
        let parsed = parse(text)?;
        if parsed.accounts.is_empty() {
            let message = "there is no address to import: check the file; to have the list no longer, drop it";
            return Err(Error::field("file", "empty", message));
        }
        let accounts: Vec<ListedAccount> = parsed.accounts.into_iter().collect();
        let (now, count) = (self.now(), accounts.len());
        let before = self.store().write(move |tx| Box::pin(async move { rows::replace(tx, &list, &accounts, now).await })).await?;
        Ok(Imported { accounts: count, before, repeated: parsed.repeated, left_out: parsed.left_out })
    }

    /// Drops a list; returns how many accounts were on it.
    ///
    /// # Errors
    /// `NotFound` when there is no such list.
    pub async fn drop_sanctions(&self, list: &str) -> Result<u64, Error> {
        let list = list.to_owned();
        let dropped = self.store().write(move |tx| Box::pin(async move { rows::remove(tx, &list).await })).await?;
        if dropped == 0 { Err(Error::NotFound) } else { Ok(dropped) }
    }

    /// Returns all lists, by name.
    ///
    /// # Errors
    /// `Store` when the database fails.
    pub async fn sanctions_lists(&self) -> Result<Vec<SanctionsList>, Error> {
        let mut tx = self.store().read().await?;
        let lists = rows::lists(&mut tx).await?.into_iter().map(|row| SanctionsList {
            name: row.list,
            accounts: u64::try_from(row.accounts).unwrap_or_default(),
            imported_at: row.imported_at.0,
        });
        Ok(lists.collect())
    }
}

/// Says whether a destination is on a sanctions list, within a transaction.
pub(crate) async fn screened(tx: &mut Tx, destination: &Destination) -> Result<Screening, StoreError> {
    let account = listed_account(destination.network(), destination.account());
    rows::lists_naming(tx, &account).await.map(found)
}

fn found(lists: Vec<String>) -> Screening {
    if lists.is_empty() { Screening::Clear } else { Screening::Listed { lists } }
}

fn listed_account(network: Network, address: String) -> ListedAccount {
    ListedAccount { network: (!network.is_evm()).then_some(network), address }
}

fn check_list(name: &str) -> Result<&str, Error> {
    let is_right = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if is_right { Ok(name) } else { Err(Error::field("list", "invalid", "use 1 to 64 letters, digits, dashes, dots and underscores")) }
}

/// A file, read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parsed {
    accounts: BTreeSet<ListedAccount>,
    repeated: usize,
    left_out: BTreeMap<String, usize>,
}

/// Reads a file, or says which of its lines are wrong.
fn parse(text: &str) -> Result<Parsed, FieldErrors> {
    let mut parsed = Parsed::default();
    let mut wrong = Vec::new();
    for (line, text) in (1_usize..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let text = text.split('#').next().unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        match parse_line(text) {
            Ok(Judged::Account(account)) => {
                if !parsed.accounts.insert(account) {
                    parsed.repeated = parsed.repeated.saturating_add(1);
                }
            }
            Ok(Judged::Elsewhere(network)) => {
                let count = parsed.left_out.entry(network).or_default();
                *count = count.saturating_add(1);
            }
            Ok(Judged::Wrong(error)) => wrong.push(FieldError::new(&format!("line {line}"), error.code(), error.to_string())),
            Err(message) => wrong.push(FieldError::new(&format!("line {line}"), "network", message)),
        }
    }
    let more = wrong.len().saturating_sub(WRONG_LINES_MAX);
    if more > 0 {
        wrong.truncate(WRONG_LINES_MAX);
        wrong.push(FieldError::new("file", "wrong_lines", format!("{more} more lines are wrong")));
    }
    FieldErrors(wrong).into_result().map(|()| parsed)
}

/// What a text is.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    /// An account that could be paid.
    Account(ListedAccount),
    /// An address of a network that is never paid on.
    Elsewhere(String),
    /// Neither.
    Wrong(DestinationError),
}

fn parse_line(text: &str) -> Result<Judged, String> {
    let Some((name, address)) = text.split_once(',') else { return Ok(judge(text)) };
    let (name, address) = (name.trim(), address.trim());
    match network_named(name) {
        Named::One(network) => Ok(match Destination::account_of(network, &digits_only(network, address)) {
            Ok(address) => Judged::Account(listed_account(network, address)),
            Err(error) => Judged::Wrong(error),
        }),
        Named::Several => Ok(judge(address)),
        Named::Elsewhere => Ok(match judge(address) {
            // Chains that came from one of ours have its addresses and its keys.
            Judged::Account(account) => Judged::Account(account),
            Judged::Elsewhere(_) | Judged::Wrong(_) => Judged::Elsewhere(name.to_owned()),
        }),
        Named::Unknown => Err(format!("there is no network {name}: write one of {}, or the address alone", names())),
    }
}

/// Finds out what an address without a network is: no text is an address of two networks, EVM chains apart.
fn judge(text: &str) -> Judged {
    let mut refused = DestinationError::NotAnAddress;
    let mut foreign = BTreeSet::new();
    for network in Network::ALL {
        match Destination::account_of(network, &digits_only(network, text)) {
            Ok(address) => return Judged::Account(listed_account(network, address)),
            Err(DestinationError::OtherNetwork { found }) => drop(foreign.insert((network, found))),
            // Nearly right on one network says more than "none of ours" on the others.
            Err(error @ (DestinationError::Checksum | DestinationError::Length { .. })) => refused = error,
            Err(_) => {}
        }
    }
    match foreign.first() {
        // Each of ours knows it for another's.
        Some((_, found)) if foreign.len() == Network::ALL.len() => Judged::Elsewhere(found.to_string()),
        Some(_) | None => Judged::Wrong(refused),
    }
}

/// An EVM account is its digits: lists write them in any case, with right checksums or without.
fn digits_only(network: Network, address: &str) -> String {
    if network.is_evm() { address.to_ascii_lowercase() } else { address.to_owned() }
}

/// What stands before a comma.
enum Named {
    /// One of our networks.
    One(Network),
    /// A token that many networks have.
    Several,
    /// A network that is never paid on.
    Elsewhere,
    /// None of these: perhaps a slip of the pen.
    Unknown,
}

/// Returns the network of a name: ours, or the coin that lists (OFAC's "Digital Currency Address - XBT") name instead.
fn network_named(name: &str) -> Named {
    let name = name.to_ascii_lowercase();
    if let Ok(network) = name.parse() {
        return Named::One(network);
    }
    match name.as_str() {
        "xbt" | "btc" => Named::One(Network::Bitcoin),
        "eth" => Named::One(Network::Ethereum),
        "arb" => Named::One(Network::Arbitrum),
        "bnb" => Named::One(Network::Bsc),
        "doge" => Named::One(Network::Dogecoin),
        "ltc" => Named::One(Network::Litecoin),
        "sol" => Named::One(Network::Solana),
        "trx" => Named::One(Network::Tron),
        "xlm" => Named::One(Network::Stellar),
        "xrp" => Named::One(Network::Xrpl),
        "usdt" | "usdc" => Named::Several,
        "bch" | "bsv" | "btg" | "dash" | "etc" | "xmr" | "xvg" | "zec" => Named::Elsewhere,
        _ => Named::Unknown,
    }
}

fn names() -> String {
    Network::ALL.map(Network::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVM: &str = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";
    const BITCOIN: &str = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h";
    const TRON: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";

    fn account(network: Option<Network>, address: &str) -> ListedAccount {
        ListedAccount { network, address: address.to_owned() }
    }

    #[test]
    fn reads_the_lines_of_a_list() {
        let text = format!(
            "\u{feff}# SDN list\r\n\r\n{EVM}\n  ETH , {} # again\nXBT,{BITCOIN}\r\nUSDT,{TRON}\nbase,{EVM}\n\
             xrpl,XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi\n",
            EVM.to_ascii_uppercase().replace("0X", "0x")
        );
        let parsed = parse(&text).expect("a right file");
        let expected = BTreeSet::from([
            account(None, EVM),
            account(Some(Network::Bitcoin), BITCOIN),
            account(Some(Network::Tron), TRON),
            account(Some(Network::Xrpl), "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"),
        ]);
        assert_eq!((parsed.accounts, parsed.repeated), (expected, 2));
        assert!(parsed.left_out.is_empty());
    }

    #[test]
    fn leaves_out_networks_that_are_never_paid_on_and_says_which() {
        let zec = "ZEC,t1MMXtBrSp1XG38Lx9cePcNUCJj5vdWfUWL\nZEC,t1g7wowvQ8gn2v8jrU1biyJ26sieNqNsBJy";
        let parsed = parse(&format!("cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9\n{zec}\nETC,{EVM}\n")).expect("a right file");
        assert_eq!(parsed.left_out, BTreeMap::from([("Cosmos".to_owned(), 1), ("ZEC".to_owned(), 2)]));
        assert_eq!(parsed.accounts, BTreeSet::from([account(None, EVM)]), "Ethereum Classic has Ethereum's keys");
    }

    #[test]
    fn names_every_wrong_line() {
        let text = format!("{BITCOIN}\nnetwork,address,comment\nXBT,{EVM}\netherum,{EVM}\n{}\nhello\nTRX,\n", &TRON[..33]);
        let wrong = parse(&text).expect_err("wrong lines");
        let lines: Vec<&str> = wrong.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(lines, ["line 2", "line 3", "line 4", "line 5", "line 6", "line 7"]);
        assert!(wrong.to_string().contains("line 4: there is no network etherum: write one of arbitrum,"), "{wrong}");
        assert!(wrong.to_string().contains("line 5: the address has 33 characters instead of 34"), "{wrong}");
    }

    #[test]
    fn describes_a_few_wrong_lines_and_counts_the_rest() {
        let wrong = parse(&"hello\n".repeat(25)).expect_err("wrong lines");
        assert_eq!(wrong.0.len(), 21);
        assert_eq!(wrong.message("file"), Some("5 more lines are wrong"));
    }

    #[test]
    fn a_list_has_a_plain_name() {
        assert!(check_list("ofac-sdn_2026.01").is_ok());
        for name in ["", "two words", "a/b", &"x".repeat(65)] {
            assert!(check_list(name).is_err(), "{name}");
        }
    }
}

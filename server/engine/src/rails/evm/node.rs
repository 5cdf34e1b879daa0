//! A node's JSON-RPC interface. Its answers are untrusted: read strictly, bounded in size and time, and quoted without the URL, which may
//! hold a password.

use std::collections::BTreeMap;
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U256};
use domain::money::Network;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use thiserror::Error;

use crate::rails::RailError;

/// How long a node may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read: a full block has a few megabytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much of a node's own words is passed on.
const WORDS_MAX: usize = 200;

/// A node of one network.
pub struct Node {
    http: reqwest::Client,
    url: reqwest::Url,
}

/// Why a call brought nothing.
#[derive(Debug, Error)]
pub enum NodeError {
    /// No answer, or one that is no answer.
    #[error("{0}")]
    Silent(String),
    /// The node refused the call.
    #[error("{message} ({code})")]
    Refused {
        /// JSON-RPC's number; 3 is a revert (EIP-1474's drafts, as geth has it).
        code: i64,
        /// Its words, shortened.
        message: String,
    },
}

impl NodeError {
    /// Says whether a contract stopped the call, as opposed to the node.
    pub fn is_revert(&self) -> bool {
        match self {
            Self::Silent(_) => false,
            Self::Refused { code: 3, .. } => true,
            Self::Refused { message, .. } => {
                let message = message.to_lowercase();
                ["revert", "out of gas", "outofgas", "invalid opcode", "gas required exceeds"].iter().any(|word| message.contains(word))
            }
        }
    }

    /// Returns the rail's error: nothing is known.
    pub fn on(self, network: Network) -> RailError {
        RailError::Unreachable { network, detail: self.to_string() }
    }
}

impl Node {
    /// Returns a node by its URL, which may hold a user and password. Nothing is connected yet.
    ///
    /// # Errors
    /// Says what is wrong with the URL without repeating it.
    pub fn new(url: &str) -> Result<Self, &'static str> {
        let url: reqwest::Url = url.parse().map_err(|_| "rpc_url is no URL; write http://host:8545 or https://…")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("rpc_url must begin with http:// or https://");
        }
        let http = reqwest::Client::builder()
            .timeout(ANSWER_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| "the HTTP client does not start; check the system's certificates")?;
        Ok(Self { http, url })
    }

    /// Calls a method.
    ///
    /// # Errors
    /// `Silent` proves nothing; `Refused` is what the node said.
    pub async fn call<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, NodeError> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (status, bytes) = self.post(method, &body).await?;
        // Some nodes answer refusals with a status of their own, so the body is asked first.
        match serde_json::from_slice::<Reply>(&bytes) {
            Ok(Reply { error: Some(error), .. }) => Err(NodeError::Refused { code: error.code, message: shorten(&error.message) }),
            Ok(Reply { result, .. }) if status.is_success() => {
                serde_json::from_value(result).map_err(|error| NodeError::Silent(format!("{method}: {}", shorten(&error.to_string()))))
            }
            Ok(_) | Err(_) => Err(NodeError::Silent(format!("{method}: no JSON-RPC answer, HTTP {status}"))),
        }
    }

    /// Calls a method several times at once and returns the answers in the order of the parameters.
    ///
    /// # Errors
    /// As [`Self::call`]: one call that brings nothing spoils all.
    pub async fn call_many<T: DeserializeOwned>(&self, method: &str, params: Vec<Value>) -> Result<Vec<T>, NodeError> {
        let calls: Vec<Value> =
            (0_u64..).zip(params).map(|(id, params)| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).collect();
        let (status, bytes) = self.post(method, &json!(calls)).await?;
        let Ok(replies) = serde_json::from_slice::<Vec<NumberedReply>>(&bytes) else {
            return Err(match serde_json::from_slice::<Reply>(&bytes) {
                Ok(Reply { error: Some(error), .. }) => NodeError::Refused { code: error.code, message: shorten(&error.message) },
                Ok(_) | Err(_) => NodeError::Silent(format!("{method}: no JSON-RPC answer to several calls at once, HTTP {status}")),
            });
        };
        // Answers may come in any order.
        let mut by_id: BTreeMap<u64, Reply> = replies.into_iter().map(|NumberedReply { id, reply }| (id, reply)).collect();
        let answers = (0_u64..).take(calls.len()).map(|id| match by_id.remove(&id) {
            None => Err(NodeError::Silent(format!("{method}: one of several calls was not answered"))),
            Some(Reply { error: Some(error), .. }) => Err(NodeError::Refused { code: error.code, message: shorten(&error.message) }),
            Some(Reply { result, .. }) => {
                serde_json::from_value(result).map_err(|error| NodeError::Silent(format!("{method}: {}", shorten(&error.to_string()))))
            }
        });
        answers.collect()
    }

    async fn post(&self, method: &str, body: &Value) -> Result<(reqwest::StatusCode, Vec<u8>), NodeError> {
        let silent = |error: reqwest::Error| NodeError::Silent(format!("{method}: {}", error.without_url()));
        let mut response = self.http.post(self.url.clone()).json(body).send().await.map_err(silent)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(silent)? {
            if bytes.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                return Err(NodeError::Silent(format!("{method}: the answer is too long")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((status, bytes))
    }

    /// Returns a block's header, or nothing above the head.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn header(&self, block: BlockName) -> Result<Option<Header>, NodeError> {
        self.call("eth_getBlockByNumber", json!([block, false])).await
    }

    /// Returns the newest block's header.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn head(&self) -> Result<Header, NodeError> {
        self.header(BlockName::Latest).await?.ok_or_else(|| NodeError::Silent("the node has no block yet".into()))
    }

    /// Returns a mined transaction's receipt.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn receipt(&self, txid: &str) -> Result<Option<Receipt>, NodeError> {
        self.call("eth_getTransactionReceipt", json!([txid])).await
    }

    /// Returns how many transactions an account has sent up to a block.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn nonce(&self, account: Address, block: BlockName) -> Result<u64, NodeError> {
        let Quantity(nonce) = self.call("eth_getTransactionCount", json!([account, block])).await?;
        nonce.try_into().map_err(|_| NodeError::Silent("eth_getTransactionCount: the nonce is too large".into()))
    }
}

/// A block as JSON-RPC names it.
#[derive(Clone, Copy, Debug)]
pub enum BlockName {
    /// By its height.
    Number(u64),
    /// The newest.
    Latest,
    /// The newest, and what waits for the next.
    Pending,
}

impl Serialize for BlockName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.collect_str(&format_args!("{number:#x}")),
            Self::Latest => serializer.serialize_str("latest"),
            Self::Pending => serializer.serialize_str("pending"),
        }
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    result: Value,
    error: Option<ReplyError>,
}

/// A reply to one of several calls.
#[derive(Deserialize)]
struct NumberedReply {
    id: u64,
    #[serde(flatten)]
    reply: Reply,
}

#[derive(Deserialize)]
struct ReplyError {
    code: i64,
    message: String,
}

/// Returns a node's words without what could break a log or a page.
fn shorten(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect()
}

/// A block without its transactions.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Its height.
    #[serde(deserialize_with = "quantity")]
    pub number: u64,
    /// Its name, which stands for all blocks before it, too.
    pub hash: B256,
    /// The name of the block before it.
    pub parent_hash: B256,
    /// Seconds since 1970.
    #[serde(deserialize_with = "quantity")]
    pub timestamp: u64,
    /// What one unit of gas costs (EIP-1559).
    #[serde(default, deserialize_with = "quantity")]
    pub base_fee_per_gas: u64,
}

/// A block with its transactions.
#[derive(Debug, Deserialize)]
pub struct FullBlock {
    /// What it says of itself.
    #[serde(flatten)]
    pub header: Header,
    /// What is in it, in order.
    pub transactions: Vec<Transaction>,
}

/// A transaction in a block or waiting for one.
#[derive(Debug, Deserialize)]
pub struct Transaction {
    /// Its id.
    pub hash: B256,
    /// Who sent it.
    pub from: Address,
    /// Where to; nowhere when it makes a contract.
    pub to: Option<Address>,
    /// How much of the network's own coin.
    #[serde(deserialize_with = "large_quantity")]
    pub value: U256,
    /// The slot of its sender.
    #[serde(deserialize_with = "quantity")]
    pub nonce: u64,
}

/// What became of a transaction in a block.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Its block.
    pub block_hash: B256,
    /// Its block's height.
    #[serde(deserialize_with = "quantity")]
    pub block_number: u64,
    /// 1 for success, 0 for a revert.
    #[serde(deserialize_with = "quantity")]
    pub status: u64,
    /// How much gas it used.
    #[serde(deserialize_with = "quantity")]
    pub gas_used: u64,
    /// What one unit of gas cost.
    #[serde(deserialize_with = "quantity")]
    pub effective_gas_price: u64,
    /// What a rollup charged for its data on the chain below (OP Stack), beside the gas.
    #[serde(default)]
    pub l1_fee: Option<Quantity>,
    /// What contracts said.
    pub logs: Vec<Log>,
}

/// What a contract said.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// The contract.
    pub address: Address,
    /// Which event, and its indexed arguments.
    pub topics: Vec<B256>,
    /// Its other arguments.
    pub data: Bytes,
    /// In which transaction.
    pub transaction_hash: B256,
    /// In which block.
    pub block_hash: B256,
    /// Its block's height.
    #[serde(deserialize_with = "quantity")]
    pub block_number: u64,
    /// Its place in the block.
    #[serde(deserialize_with = "quantity")]
    pub log_index: u64,
}

/// A number as JSON-RPC writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(pub U256);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        large_quantity(deserializer).map(Self)
    }
}

/// Reads `0x` and hexadecimal without a zero in front, nothing else.
fn large_quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<U256, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text.strip_prefix("0x").filter(|digits| *digits == "0" || !digits.starts_with('0'));
    let digits = digits.filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    digits.and_then(|digits| U256::from_str_radix(digits, 16).ok()).ok_or_else(|| D::Error::custom("a quantity is no hexadecimal number"))
}

fn quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    large_quantity(deserializer)?.try_into().map_err(|_| D::Error::custom("a quantity is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_strictly() {
        let read = |text: &str| serde_json::from_str::<Quantity>(text).map(|Quantity(units)| units).ok();
        assert_eq!(read(r#""0x0""#), Some(U256::ZERO));
        assert_eq!(read(r#""0xde0b6b3a7640000""#), Some(U256::from(1_000_000_000_000_000_000_u64)));
        assert_eq!(read(&format!("\"0x{}\"", "f".repeat(64))), Some(U256::MAX));
        for text in [
            r#""""#,
            r#""0x""#,
            r#""0x01""#,
            r#""12""#,
            "12",
            "null",
            r#""0x-1""#,
            r#""0x1_0""#,
            r#""0x 1""#,
            &format!("\"0x1{}\"", "0".repeat(64)),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let hash = format!("0x{}", "0".repeat(64));
        let header = |number: &str| {
            let header = json!({ "number": number, "hash": hash, "parentHash": hash, "timestamp": "0x1" });
            serde_json::from_value::<Header>(header)
        };
        assert!(header("0x1").is_ok() && header(&format!("0x1{}", "0".repeat(16))).is_err());
    }

    #[test]
    fn passwords_in_the_url_are_never_repeated() {
        let refusal = Node::new("https://user:hunter2@ no host").err().expect("a refusal");
        assert!(!refusal.contains("hunter2"));
        assert!(Node::new("file:///etc/passwd").is_err());
    }

    #[tokio::test]
    async fn an_unreachable_node_is_described_without_its_url() {
        let node = Node::new("http://user:hunter2@127.0.0.1:9/v3/secret-key").expect("a node");
        let error = node.head().await.expect_err("nobody listens there");
        assert!(matches!(error, NodeError::Silent(_)) && !error.is_revert());
        let words = error.to_string();
        assert!(words.contains("eth_getBlockByNumber") && !words.contains("hunter2") && !words.contains("secret-key"), "{words}");
    }
}

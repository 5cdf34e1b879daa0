//! Arrivals: how much of a token really came. A token that takes a fee on transfers may say more in its `Transfer` event than the receiver
//! got, so what counts is by how much the receiver's balance grew in that block, and never more than the events say (odd case 28).
//!
//! Balances are asked for by the block's hash, so they are those of the block that the events came from. A node that has forgotten them, or
//! the block, refuses: then nothing is known, the look fails and is tried again. The larger number is never taken on doubt.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256};
use domain::money::Amount;
use serde_json::{Value, json};

use super::EvmRail;
use super::node::{Header, Log, Node, NodeError};
use super::payouts::TRANSFER_EVENT;
use super::preflight::{BALANCE_OF, number, with_address};
use crate::rails::RailError;

/// How many accounts one question is about, with two balances each; nodes refuse more calls at once.
const ACCOUNTS_MAX: usize = 50;

/// What a `Transfer` event tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    /// The token.
    pub contract: Address,
    /// Whose it was. New tokens were nobody's (ERC-20: from the zero address).
    pub from: Option<Address>,
    /// Who got it.
    pub to: Address,
    /// How much, as the event says, or as arrived.
    pub units: u128,
    /// Its transaction.
    pub txid: B256,
}

impl Transfer {
    /// Reads an event. What somebody sends to themselves arrives nowhere.
    pub fn read(log: &Log) -> Option<Self> {
        let [event, from, to] = log.topics.as_slice() else { return None };
        if *event != TRANSFER_EVENT || log.data.len() != 32 || to[..12] != [0; 12] || from == to {
            return None;
        }
        let source = (from[..12] == [0; 12]).then(|| Address::from_word(*from)).filter(|source| !source.is_zero());
        let units = countable(U256::from_be_slice(&log.data))?;
        Some(Self { contract: log.address, from: source, to: Address::from_word(*to), units, txid: log.transaction_hash })
    }
}

/// Returns an amount that is something and that the books can hold. Transfers of nothing are used to put look-alike addresses before people.
pub(super) fn countable(units: U256) -> Option<u128> {
    u128::try_from(units).ok().filter(|units| (1..=Amount::UNITS_MAX).contains(units))
}

impl EvmRail {
    /// Takes down what one block's transfers to our addresses say to what arrived. What is missing is missing from the last ones.
    pub(super) async fn measure(&self, node: &Node, block: &Header, transfers: &mut [Transfer]) -> Result<(), RailError> {
        let told = transfers.iter().filter(|transfer| !self.exact_tokens.contains(&transfer.contract));
        let accounts: BTreeSet<(Address, Address)> = told.map(|transfer| (transfer.contract, transfer.to)).collect();
        let accounts: Vec<(Address, Address)> = accounts.into_iter().collect();
        let mut left = BTreeMap::new();
        for some in accounts.chunks(ACCOUNTS_MAX) {
            let question = |(contract, account): &(Address, Address)| {
                let call = json!({ "to": contract, "data": Bytes::from(with_address(BALANCE_OF, *account)) });
                [block.parent_hash, block.hash].map(|hash| json!([call, { "blockHash": hash }]))
            };
            let questions: Vec<Value> = some.iter().flat_map(question).collect();
            let answers: Vec<Bytes> = node.call_many("eth_call", questions).await.map_err(|error| self.forgotten(block, error))?;
            for (account, balances) in some.iter().zip(answers.chunks(2)) {
                let [Some(before), Some(after)] = [balances.first().and_then(number), balances.get(1).and_then(number)] else {
                    return Err(self.unreachable(format!("{} did not tell a balance at block {}", account.0, block.number)));
                };
                left.insert(*account, (before, after));
            }
        }
        for (account, (before, after)) in left {
            let mut its: Vec<&mut Transfer> = transfers.iter_mut().filter(|transfer| (transfer.contract, transfer.to) == account).collect();
            let told = its.iter().fold(U256::ZERO, |sum, transfer| sum.saturating_add(U256::from(transfer.units)));
            if after.saturating_sub(before) >= told {
                continue;
            }
            let txids: BTreeSet<B256> = its.iter().map(|transfer| transfer.txid).collect();
            let gone = self.gone(node, block, account, &txids).await?;
            let arrived = after.saturating_add(gone).saturating_sub(before).min(told);
            if arrived < told {
                let (block, (token, address)) = (block.number, account);
                tracing::warn!(network = %self.network, block, %token, %address, %told, %arrived, "less of a token arrived than its events say");
            }
            share(arrived, its.iter_mut().map(|transfer| &mut transfer.units));
        }
        Ok(())
    }

    /// Adds up what left an account in a block, when its owner emptied it in the same one. What left in the transactions that filled it is
    /// a fee.
    async fn gone(
        &self,
        node: &Node,
        block: &Header,
        (contract, account): (Address, Address),
        filled_by: &BTreeSet<B256>,
    ) -> Result<U256, RailError> {
        let filter = json!({ "blockHash": block.hash, "address": contract, "topics": [TRANSFER_EVENT, account.into_word()] });
        let logs: Vec<Log> = node.call("eth_getLogs", json!([filter])).await.map_err(|error| self.forgotten(block, error))?;
        let left = logs.iter().filter(|log| !filled_by.contains(&log.transaction_hash)).filter_map(Transfer::read);
        let left = left.filter(|transfer| transfer.contract == contract && transfer.from == Some(account));
        Ok(left.fold(U256::ZERO, |sum, transfer| sum.saturating_add(U256::from(transfer.units))))
    }

    /// Says what an operator can do about a node that does not know what accounts held at a block.
    fn forgotten(&self, block: &Header, error: NodeError) -> RailError {
        match error {
            NodeError::Silent(_) => error.on(self.network),
            NodeError::Refused { .. } => self.unreachable(format!(
                "it does not say what accounts held at block {}, so how much of a token arrived is not known: {error}. If it has forgotten, \
                 let rpc_url name a node that keeps older states, or name tokens without a fee on transfers in exact_tokens",
                block.number
            )),
        }
    }
}

/// Shares out what arrived in the order of the transfers: none gets more than its event says.
fn share<'t>(arrived: U256, units: impl Iterator<Item = &'t mut u128>) {
    let mut left = arrived;
    for units in units {
        let given = u128::try_from(left).map_or(*units, |left| left.min(*units));
        left = left.saturating_sub(U256::from(given));
        *units = given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_missing_from_the_last_transfers() {
        let shared = |arrived: U256, mut units: [u128; 3]| {
            share(arrived, units.iter_mut());
            units
        };
        assert_eq!(shared(U256::from(60), [10, 20, 30]), [10, 20, 30]);
        assert_eq!(shared(U256::from(59), [10, 20, 30]), [10, 20, 29]);
        assert_eq!(shared(U256::from(15), [10, 20, 30]), [10, 5, 0]);
        assert_eq!(shared(U256::ZERO, [10, 20, 30]), [0, 0, 0]);
        assert_eq!(shared(U256::MAX, [10, 20, 30]), [10, 20, 30], "never more than the events say");
    }
}

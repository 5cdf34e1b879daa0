//! What the rail's accounts hold, at the last final block: the books count what is final, too.

use alloy_primitives::{Address, Bytes};
use domain::destination::Destination;
use domain::money::Asset;
use serde_json::{Value, json};

use super::EvmRail;
use super::node::{BlockName, Node, NodeError, Quantity};
use super::preflight::{BALANCE_OF, number, with_address};
use crate::rails::{Holdings, RailError};

/// How many balances one question asks for; nodes refuse more calls at once.
const BALANCES_MAX: usize = 100;

impl EvmRail {
    pub(super) async fn count_holdings(&self, asset: &Asset, deposits: &[Destination]) -> Result<Holdings, RailError> {
        let contract = self.contract(asset.id)?;
        let node = self.node().await?;
        let head = node.head().await.map_err(|error| error.on(self.network))?;
        let block = BlockName::Number(head.number.saturating_add(1).saturating_sub(u64::from(asset.finality.max(1))));
        let addresses = deposits.iter().map(|deposit| self.address(deposit)).collect::<Result<Vec<_>, _>>()?;
        let hot_units = self.sum(node, contract, &[self.hot], block).await?;
        let mut deposit_units = 0_u128;
        for some in addresses.chunks(BALANCES_MAX) {
            let units = self.sum(node, contract, some, block).await?;
            deposit_units = deposit_units.checked_add(units).ok_or_else(|| self.unreachable("its balances are too large"))?;
        }
        Ok(Holdings { hot_units, deposit_units })
    }

    /// Adds up what accounts hold at a block. A node that has forgotten the block's state, or is behind, refuses: nothing is known then.
    async fn sum(&self, node: &Node, contract: Option<Address>, accounts: &[Address], block: BlockName) -> Result<u128, RailError> {
        let unreachable = |error: NodeError| error.on(self.network);
        let balances = match contract {
            None => {
                let params: Vec<Value> = accounts.iter().map(|account| json!([account, block])).collect();
                let answers: Vec<Quantity> = node.call_many("eth_getBalance", params).await.map_err(unreachable)?;
                answers.into_iter().map(|Quantity(units)| Some(units)).collect::<Vec<_>>()
            }
            Some(contract) => {
                let question = |account: &Address| {
                    let data = Bytes::from(with_address(BALANCE_OF, *account));
                    json!([{ "to": contract, "data": data }, block])
                };
                let answers: Vec<Bytes> = node.call_many("eth_call", accounts.iter().map(question).collect()).await.map_err(unreachable)?;
                answers.iter().map(number).collect()
            }
        };
        balances.into_iter().try_fold(0_u128, |sum, balance| {
            let balance = balance.ok_or_else(|| self.unreachable("a token did not tell a balance at the last final block"))?;
            let units = u128::try_from(balance).ok().and_then(|units| sum.checked_add(units));
            units.ok_or_else(|| self.unreachable("its balances are too large"))
        })
    }
}

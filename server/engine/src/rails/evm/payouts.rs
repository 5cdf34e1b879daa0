//! Payouts: their signed bytes, checked against the order, and what became of them on the chain.

use alloy_consensus::TxEip1559;
use alloy_consensus::transaction::RlpEcdsaDecodableTx;
use alloy_primitives::{B256, Bytes, TxKind, U256, b256, hex};
use domain::money::Amount;
use domain::signing::{GasFees, SignRequest, SignedBytes, erc20_transfer};
use serde_json::{Value, json};

use super::EvmRail;
use super::node::{BlockName, FullBlock, Node, NodeError, Quantity, Receipt};
use crate::rails::{Broadcast, PayoutOrder, PayoutStatus, PrepareError, RailError, SignedPayout};

/// `Transfer(address,address,uint256)`, ERC-20.
pub const TRANSFER_EVENT: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

impl EvmRail {
    /// Asks for no more than the network wants now and in the next blocks, where the order allows more: so the fee can be raised later.
    /// Without a node that says what the network wants, for all that the order allows.
    pub(super) async fn sign_payout(&self, order: &PayoutOrder, slot: u64) -> Result<SignedPayout, PrepareError> {
        let contract = self.contract(order.asset.id)?;
        let head = match self.node().await {
            Ok(node) => node.head().await.ok(),
            Err(_) => None,
        };
        let highest = self.fees_max(order, contract);
        let fees = head.map_or(highest, |head| self.first_fees(highest, u128::from(head.base_fee_per_gas)));
        let answer = self.signer.sign(self.sign_request(order, slot, fees)?).await?;
        Ok(self.checked(order, slot, &answer)?)
    }

    /// Has a payout that waits signed once more. What is asked for follows from the bytes that wait, the order and the settings, so a lost
    /// answer is asked for again.
    pub(super) async fn raise_payout(&self, order: &PayoutOrder, waiting: &SignedPayout) -> Result<Option<SignedPayout>, PrepareError> {
        let fees_of = |signed: &SignedPayout| {
            let transaction = TxEip1559::eip2718_decode(&mut signed.bytes.as_slice()).ok()?;
            let TxEip1559 { gas_limit, max_fee_per_gas, max_priority_fee_per_gas, .. } = *transaction.tx();
            Some(GasFees { gas_limit, max_fee_per_gas, max_priority_fee_per_gas })
        };
        let waits = fees_of(waiting).ok_or_else(|| self.misconfigured("stored bytes are no transaction; the row is damaged".into()))?;
        let fees = self.raised_fees(waits, self.fees_max(order, self.contract(order.asset.id)?));
        if !fees.replace(&waits) {
            return Ok(None);
        }
        let Some(answer) = self.signer.raise(self.sign_request(order, waiting.slot, fees)?).await? else { return Ok(None) };
        let raised = self.checked(order, waiting.slot, &answer)?;
        Ok(Some(raised).filter(|raised| fees_of(raised).is_some_and(|fees| fees.replace(&waits))))
    }

    fn checked(&self, order: &PayoutOrder, slot: u64, answer: &SignedBytes) -> Result<SignedPayout, RailError> {
        self.check(order, slot, answer).map_err(|what| {
            let detail = format!(
                "the signer's bytes are not the payout's ({what}); compare hot_address and chain_id with `refundry-signer address`"
            );
            self.misconfigured(detail)
        })
    }

    /// Returns what the signer is asked, to sign or to say whether it would.
    pub(super) fn sign_request(&self, order: &PayoutOrder, slot: u64, fees: GasFees) -> Result<SignRequest, RailError> {
        let contract = self.contract(order.asset.id)?;
        Ok(SignRequest {
            payout: order.payout,
            network: self.network,
            chain_id: self.chain_id,
            asset: order.asset.id,
            contract: contract.map(|contract| contract.to_string()),
            to: order.destination.address().to_owned(),
            units: order.net_units,
            slot,
            fees,
        })
    }

    /// Reads the signer's bytes and compares them with the order: nothing else is ever stored or sent.
    fn check(&self, order: &PayoutOrder, slot: u64, answer: &SignedBytes) -> Result<SignedPayout, &'static str> {
        let bytes = hex::decode(&answer.bytes).map_err(|_| "not hexadecimal")?;
        let mut rest = bytes.as_slice();
        let signed = TxEip1559::eip2718_decode(&mut rest).map_err(|_| "not a transaction")?;
        if !rest.is_empty() {
            return Err("more than a transaction");
        }
        if signed.hash().to_string() != answer.txid {
            return Err("another id");
        }
        if signed.recover_signer().ok() != Some(self.hot) {
            return Err("another account");
        }
        let contract = self.contract(order.asset.id).map_err(|_| "another asset")?;
        let to = self.address(&order.destination).map_err(|_| "another destination")?;
        let (callee, value, input) = match contract {
            None => (to, U256::from(order.net_units), Bytes::new()),
            Some(contract) => (contract, U256::ZERO, Bytes::from(erc20_transfer(to.into_array(), order.net_units))),
        };
        let transaction = signed.tx();
        let expected = TxEip1559 {
            chain_id: self.chain_id,
            nonce: slot,
            to: TxKind::Call(callee),
            value,
            input,
            gas_limit: transaction.gas_limit,
            max_fee_per_gas: transaction.max_fee_per_gas,
            max_priority_fee_per_gas: transaction.max_priority_fee_per_gas,
            ..TxEip1559::default()
        };
        if *transaction != expected {
            return Err("another transaction");
        }
        let cost_max = u128::from(transaction.gas_limit).checked_mul(transaction.max_fee_per_gas);
        if contract.is_none() && cost_max.is_none_or(|cost| cost > order.fee_units) {
            return Err("a higher fee");
        }
        Ok(SignedPayout { slot, txid: answer.txid.clone(), bytes })
    }

    pub(super) async fn send_payout(&self, signed: &SignedPayout) -> Broadcast {
        let node = match self.node().await {
            Ok(node) => node,
            Err(error) => return Broadcast::Unknown(error.to_string()),
        };
        match node.call::<String>("eth_sendRawTransaction", json!([hex::encode_prefixed(&signed.bytes)])).await {
            Ok(txid) if txid == signed.txid => Broadcast::Accepted,
            Ok(_) => Broadcast::Unknown("the node answered with another transaction id".into()),
            Err(NodeError::Refused { message, .. }) if is_known_already(&message) => Broadcast::Accepted,
            Err(error) => Broadcast::Unknown(error.to_string()),
        }
    }

    pub(super) async fn payout_status(&self, signed: &SignedPayout) -> Result<PayoutStatus, RailError> {
        let node = self.node().await?;
        let unreachable = |error: NodeError| error.on(self.network);
        if let Some(receipt) = node.receipt(&signed.txid).await.map_err(unreachable)?
            && let Some(confirmations) = self.confirmations(node, &receipt).await?
        {
            let fee = fee_units(&receipt).ok_or_else(|| self.unreachable("the fee in the receipt makes no sense"))?;
            let succeeded = receipt.status == 1 && self.has_moved(&receipt, signed);
            return Ok(PayoutStatus::Mined { confirmations, succeeded, fee: Amount { units: fee, asset: self.coin } });
        }
        let waiting: Option<Value> = node.call("eth_getTransactionByHash", json!([signed.txid])).await.map_err(unreachable)?;
        if waiting.is_some() {
            return Ok(PayoutStatus::Pending);
        }
        match self.is_superseded(node, signed).await {
            Ok(true) => Ok(PayoutStatus::Superseded),
            Ok(false) => Ok(PayoutStatus::NotSeen),
            Err(NodeError::Refused { message, .. }) => {
                tracing::warn!(
                    txid = signed.txid,
                    message,
                    "the node lacks the history to say whether the slot was used; ask an archive node"
                );
                Ok(PayoutStatus::NotSeen)
            }
            Err(error) => Err(error.on(self.network)),
        }
    }

    /// Returns how deep a receipt's block lies in the chain, or `None` when the chain has another block there.
    ///
    /// # Errors
    /// `Unreachable` also when the node has no block there: whoever gave the receipt had, so the one asked now is behind.
    pub(super) async fn confirmations(&self, node: &Node, receipt: &Receipt) -> Result<Option<u32>, RailError> {
        let unreachable = |error: NodeError| error.on(self.network);
        let block = node.header(BlockName::Number(receipt.block_number)).await.map_err(unreachable)?;
        let block = block.ok_or_else(|| self.unreachable("the node is behind the block of a receipt"))?;
        if block.hash != receipt.block_hash {
            return Ok(None);
        }
        let head = node.head().await.map_err(unreachable)?;
        Ok(Some(depth(block.number, head.number)))
    }

    /// A transaction that calls a token succeeds only if the token says that it moved something; some answer "false" and go on.
    fn has_moved(&self, receipt: &Receipt, signed: &SignedPayout) -> bool {
        let Ok(transaction) = TxEip1559::eip2718_decode(&mut signed.bytes.as_slice()) else { return false };
        let (TxKind::Call(contract), Some(to)) = (transaction.tx().to, transaction.tx().input.get(4..36)) else { return true };
        let topics = [TRANSFER_EVENT, self.hot.into_word(), B256::from_slice(to)];
        receipt.logs.iter().any(|log| log.address == contract && log.topics == topics)
    }

    /// Looks for positive proof: the final block in which the account used our slot up, holding another transaction for it. A missing
    /// receipt alone proves nothing, since the node asked may be behind.
    async fn is_superseded(&self, node: &Node, signed: &SignedPayout) -> Result<bool, NodeError> {
        let head = node.head().await?;
        let Some(last_final) = head.number.saturating_add(1).checked_sub(self.finality) else { return Ok(false) };
        let is_used_at = async |number: u64| node.nonce(self.hot, BlockName::Number(number)).await.map(|nonce| nonce > signed.slot);
        if !is_used_at(last_final).await? {
            return Ok(false);
        }
        let (mut used, mut step) = (last_final, 1_u64);
        let mut unused = loop {
            let earlier = last_final.saturating_sub(step);
            if !is_used_at(earlier).await? {
                break earlier;
            }
            if earlier == 0 {
                return Ok(false);
            }
            (used, step) = (earlier, step.saturating_mul(2));
        };
        while used.saturating_sub(unused) > 1 {
            let middle = unused.midpoint(used);
            if is_used_at(middle).await? { used = middle } else { unused = middle }
        }
        let block: Option<FullBlock> = node.call("eth_getBlockByNumber", json!([BlockName::Number(used), true])).await?;
        let transactions = block.map(|block| block.transactions).unwrap_or_default();
        let user = transactions.iter().find(|transaction| transaction.from == self.hot && transaction.nonce == signed.slot);
        Ok(user.is_some_and(|transaction| transaction.hash.to_string() != signed.txid))
    }
}

/// Returns a block's depth; its own block counts as one.
pub fn depth(block: u64, head: u64) -> u32 {
    u32::try_from(head.saturating_sub(block).saturating_add(1)).unwrap_or(u32::MAX)
}

/// Returns what a transaction cost, in base units of the coin.
fn fee_units(receipt: &Receipt) -> Option<u128> {
    let gas = u128::from(receipt.gas_used).checked_mul(u128::from(receipt.effective_gas_price))?;
    let data = receipt.l1_fee.map_or(Some(0), |Quantity(fee)| fee.try_into().ok())?;
    gas.checked_add(data)
}

/// Geth, Nethermind and Reth say "already known", Besu and Erigon "known transaction" in some form, Anvil "already imported".
fn is_known_already(message: &str) -> bool {
    let message = message.to_lowercase();
    ["already known", "already imported", "known transaction", "alreadyknown"].iter().any(|words| message.contains(words))
}

//! Scripts: what happens in a simulated world, as data. One line each, so that a failing one can be printed, cut down and played again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::chain::ChainFault;
use crate::merchant::Mood;
use crate::power::{Blow, Point};

/// Something that somebody does. Numbers name an invoice or refund by its age and wrap around, so that a script stays playable when
/// lines are taken out. To add one: a variant here, an arm in `World::perform` and a line in `generate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The merchant asks for a payment.
    Invoice {
        /// In which coin.
        coin: Coin,
    },
    /// A payer sends this much of an invoice's price, in percent.
    Pay {
        /// For which invoice.
        invoice: u8,
        /// How much.
        percent: u16,
    },
    /// A payer sends as much to the invoice's account, where payments are told apart by tags, without the tag or with nobody's.
    PayAstray {
        /// For which invoice.
        invoice: u8,
        /// How much.
        percent: u16,
        /// Whether it has a tag that no invoice has; it has none otherwise.
        has_tag: bool,
    },
    /// Staff says which invoice a payment without its tag was for.
    Attribute {
        /// Which payment.
        case: u8,
        /// For which invoice.
        invoice: u8,
    },
    /// Staff gives back a payment that nobody can place.
    SendBack {
        /// Which payment.
        case: u8,
    },
    /// A payer gives an address.
    Claim {
        /// Of which refund.
        refund: u8,
        /// Whose address.
        payer: u8,
    },
    /// A payer uses the cancel link.
    CancelAsPayer {
        /// Of which refund.
        refund: u8,
    },
    /// The merchant stops a refund.
    CancelAsMerchant {
        /// Which refund.
        refund: u8,
    },
    /// The merchant tries a failed payout again.
    Retry {
        /// Of which refund.
        refund: u8,
    },
    /// The merchant gives back a part of what was paid.
    Refund {
        /// Of which invoice.
        invoice: u8,
        /// How much, in percent.
        percent: u8,
        /// To whose address, where the merchant knows; the payer is asked otherwise.
        payer: Option<u8>,
        /// Whether the money is set aside at once.
        immediate: bool,
    },
    /// Somebody of the merchant's staff does something about a refund.
    Staff {
        /// What.
        deed: Deed,
        /// About which refund.
        refund: u8,
    },
    /// Something happens after which the merchant's money stands still for a day.
    Freeze,
    /// The merchant changes the policy.
    Policy {
        /// Which of the policies in `world.rs`.
        number: u8,
    },
    /// Time goes by.
    Wait {
        /// How long.
        seconds: u32,
    },
    /// The worker looks at the chains and carries out what is due.
    Work,
    /// A chain, its node or the signer goes wrong.
    Breaks {
        /// Which chain.
        coin: Coin,
        /// In which way.
        fault: ChainFault,
    },
    /// A chain, its node and the signer are well again.
    Heals {
        /// Which chain.
        coin: Coin,
    },
    /// The newest blocks are replaced.
    Reorg {
        /// Of which chain.
        coin: Coin,
        /// How many.
        depth: u8,
        /// Whether payers' transfers in them are lost (spent otherwise) instead of coming back.
        loses_deposits: bool,
    },
    /// The node forgets what waits for a block.
    Evicts {
        /// Of which chain.
        coin: Coin,
    },
    /// The operator uses the hot account by hand, and so a slot.
    TakesSlot {
        /// Of which chain.
        coin: Coin,
    },
    /// The merchant's server changes its mood.
    Receiver {
        /// To which.
        mood: Mood,
    },
    /// The mail server changes its mood.
    PostOffice {
        /// To which.
        mood: Mood,
    },
    /// The process is stopped and started.
    Restart,
    /// No process runs for a while, so no payer can reach the pages; then one is started.
    Outage {
        /// How long.
        seconds: u32,
    },
    /// A payer's transfer of the last minutes is lost, however many blocks are above it.
    Loses {
        /// On which chain.
        coin: Coin,
    },
    /// The payer's transfer that was lost first is in a block again.
    BringsBack {
        /// On which chain.
        coin: Coin,
    },
}

impl Action {
    /// Says whether it is something that goes wrong, and nothing that people do.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        match self {
            Self::Breaks { .. }
            | Self::Reorg { .. }
            | Self::Evicts { .. }
            | Self::TakesSlot { .. }
            | Self::Receiver { .. }
            | Self::PostOffice { .. }
            | Self::Restart
            | Self::Outage { .. }
            | Self::Loses { .. } => true,
            Self::Invoice { .. }
            | Self::Pay { .. }
            | Self::PayAstray { .. }
            | Self::Attribute { .. }
            | Self::SendBack { .. }
            | Self::Claim { .. }
            | Self::CancelAsPayer { .. }
            | Self::CancelAsMerchant { .. }
            | Self::Retry { .. }
            | Self::Refund { .. }
            | Self::Staff { .. }
            | Self::Freeze
            | Self::Policy { .. }
            | Self::Wait { .. }
            | Self::Work
            | Self::Heals { .. }
            | Self::BringsBack { .. } => false,
        }
    }
}

/// What staff does about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// A second person lets it go on its way.
    Approve,
    /// A second person says no.
    Decline,
    /// It is kept from being sent.
    Hold,
    /// A person lets it go.
    LetGo,
    /// It is offered again.
    Reissue,
}

impl Deed {
    /// All deeds.
    pub const ALL: [Self; 5] = [Self::Approve, Self::Decline, Self::Hold, Self::LetGo, Self::Reissue];
}

/// Which chain and coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coin {
    /// A token; the operator pays its gas.
    Usdt,
    /// A native coin; its fee is taken in kind.
    Eth,
    /// A coin of a network with tags: all invoices have one account.
    Xrp,
}

impl Coin {
    /// All coins.
    pub const ALL: [Self; 3] = [Self::Usdt, Self::Eth, Self::Xrp];
}

/// What goes wrong while an action is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mishap {
    /// At which point.
    pub at: Point,
    /// At which passing of it, counted from 1. Never reached, nothing goes wrong.
    pub nth: u8,
    /// What.
    pub blow: Blow,
    /// What the other process does meanwhile, when this one waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meanwhile: Option<Action>,
}

/// One line of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    #[serde(rename = "do")]
    pub action: Action,
    /// Whether the second process does it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second: bool,
    /// What goes wrong meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mishap: Option<Mishap>,
}

/// What happens, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script(pub Vec<Step>);

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            let line = serde_json::to_string(step).map_err(|_| fmt::Error)?;
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl FromStr for Script {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(serde_json::from_str).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::script;

    #[test]
    fn what_is_printed_can_be_read_again() {
        for seed in 0..200 {
            let script = script(seed, 40);
            assert_eq!(script.to_string().parse::<Script>().expect("a script"), script);
        }
    }

    #[test]
    fn a_word_nobody_knows_is_refused() {
        assert!(r#"{"do":"dance"}"#.parse::<Script>().is_err());
        assert!(r#"{"do":"work","mishpa":null}"#.parse::<Script>().is_err());
    }
}

//! Assets: a letter coin for the eye, the name in words for everybody.

use domain::language::Language;
use domain::money::Network;
use leptos::prelude::*;
use words::{Sentence as _, payer};

use crate::language::{rich, staff_language};

/// The sign of an asset. Decoration: its name must be in text beside it.
#[component]
pub(crate) fn Coin(#[prop(into)] symbol: String, network: Network) -> impl IntoView {
    let chip = network.standard_of(&symbol).map(|_| match network {
        Network::Arbitrum => "Ar",
        Network::Avalanche => "Av",
        Network::Base => "Ba",
        Network::Bitcoin => "B",
        Network::Bsc => "Bn",
        Network::Dogecoin => "D",
        Network::Ethereum => "E",
        Network::Litecoin => "L",
        Network::Optimism => "O",
        Network::Polygon => "P",
        Network::Solana => "S",
        Network::Stellar => "St",
        Network::Ton => "To",
        Network::Tron => "T",
        Network::Xrpl => "X",
    });
    let sign = match symbol.as_str() {
        "USDT" => "₮".to_owned(),
        "BTC" => "₿".to_owned(),
        "USDC" => "$".to_owned(),
        other => other.chars().take(1).collect(),
    };
    view! {
        <span class=format!("coin {}", symbol.to_ascii_lowercase()) aria-hidden="true">
            {sign} {chip.map(|chip| view! { <sub>{chip}</sub> })}
        </span>
    }
    .into_any()
}

/// An asset's sign and name: USDT on Tron.
#[component]
pub(crate) fn AssetName(
    #[prop(into)] symbol: String,
    network: Network,
    #[prop(optional)] with_standard: bool,
    #[prop(default = staff_language())] language: Language,
) -> impl IntoView {
    let standard = network.standard_of(&symbol).filter(|_| with_standard);
    let on = rich(&payer::AssetOn { asset: "", network: network.title() }, language, |name, text| match name {
        "asset" => ().into_any(),
        _ => text.into_any(),
    });
    view! {
        <span class="asset">
            <Coin symbol=symbol.clone() network />
            <span>
                {symbol} " "
                <span class="soft">
                    {on}
                    {standard.map(|standard| view! { <small>{payer::StandardNetwork { standard }.to(language)}</small> })}
                </span>
            </span>
        </span>
    }
    .into_any()
}

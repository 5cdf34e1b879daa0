//! What a payer may type, on every network: right addresses, slips, other networks' addresses, secrets and hostile text.

use proptest::prelude::*;

use super::*;

const BITCOIN: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
const BITCOIN_BASE58: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const BITCOIN_TAPROOT: &str = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const DOGECOIN: &str = "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L";
const LITECOIN: &str = "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9";
const LITECOIN_BASE58: &str = "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9";
const SOLANA: &str = "9WzDXwBbmkg8ZTbNMqUxvQRAyrZ8DsGYdAVoxKPPQmMx";
const STELLAR: &str = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
const STELLAR_MUXED: &str = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK";
const TON: &str = "UQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPuwA";
const TON_BOUNCEABLE: &str = "EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPrHF";
const TRON: &str = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
const XRPL: &str = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";
const XRPL_TAGGED: &str = "XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi";

/// A right address for each network, and each format.
const SAMPLES: [(Network, &str); 21] = [
    (Network::Bitcoin, BITCOIN),
    (Network::Bitcoin, BITCOIN_BASE58),
    (Network::Bitcoin, BITCOIN_TAPROOT),
    (Network::Arbitrum, EVM),
    (Network::Avalanche, EVM),
    (Network::Base, EVM),
    (Network::Bsc, EVM),
    (Network::Ethereum, EVM),
    (Network::Optimism, EVM),
    (Network::Polygon, EVM),
    (Network::Dogecoin, DOGECOIN),
    (Network::Litecoin, LITECOIN),
    (Network::Litecoin, LITECOIN_BASE58),
    (Network::Solana, SOLANA),
    (Network::Stellar, STELLAR),
    (Network::Stellar, STELLAR_MUXED),
    (Network::Ton, TON),
    (Network::Ton, TON_BOUNCEABLE),
    (Network::Tron, TRON),
    (Network::Xrpl, XRPL),
    (Network::Xrpl, XRPL_TAGGED),
];

const ALPHANUMERIC: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Parses with the tag question answered where it is asked.
fn parse(network: Network, address: &str) -> Result<Destination, DestinationError> {
    let says_own_tag = address.trim().starts_with(['X', 'M']);
    Destination::parse(network, address, (uses_tag(network) && !says_own_tag).then_some("none"))
}

fn refusal(network: Network, address: &str) -> DestinationError {
    match parse(network, address) {
        Ok(destination) => panic!("{address:?} was taken for {destination:?}"),
        Err(refusal) => refusal,
    }
}

#[test]
fn a_right_address_is_taken_with_space_around_it() {
    for (network, address) in SAMPLES {
        let destination = parse(network, address).expect("a right address");
        for typed in [format!(" {address}"), format!("{address}\r\n"), format!("\t{address}\u{a0}")] {
            assert_eq!(parse(network, &typed).as_ref(), Ok(&destination), "{typed:?}");
        }
        assert_eq!(destination.network(), network);
        assert_eq!(destination.chunks().concat(), destination.address());
        assert!(destination.chunks().iter().all(|chunk| (1..=4).contains(&chunk.len())));
    }
    assert_eq!(parse(Network::Tron, TRON).expect("a right address").chunks()[..2], ["TDD9", "7ygu"]);
}

/// The samples whose format has a checksum: all but Solana's.
fn checked_samples() -> impl Iterator<Item = (Network, &'static str)> {
    SAMPLES.into_iter().filter(|(network, _)| *network != Network::Solana)
}

#[test]
fn every_network_has_a_sample() {
    for network in Network::ALL {
        assert!(SAMPLES.iter().any(|(home, _)| *home == network), "{network}");
    }
}

#[test]
fn every_single_wrong_character_is_refused() {
    for (network, address) in checked_samples() {
        for at in 0..address.len() {
            for wrong in ALPHANUMERIC.chars().filter(|wrong| !address[at..].starts_with(*wrong)) {
                let typed = format!("{}{wrong}{}", &address[..at], &address[at..][1..]);
                let refusal = refusal(network, &typed);
                let is_beginning = at < 5;
                assert!(is_beginning || refusal == DestinationError::Checksum, "{typed}: {refusal:?}");
            }
        }
    }
}

#[test]
fn every_dropped_doubled_or_swapped_character_is_refused() {
    for (network, address) in checked_samples() {
        for at in 0..address.len() {
            let (before, behind) = address.split_at(at);
            let dropped = format!("{before}{}", &behind[1..]);
            let doubled = format!("{before}{}{behind}", &behind[..1]);
            let mut swapped: Vec<char> = address.chars().collect();
            swapped.swap(at, at.saturating_sub(1));
            let swapped: String = swapped.into_iter().collect();
            for typed in [dropped, doubled, swapped].iter().filter(|typed| *typed != address) {
                refusal(network, typed);
            }
        }
    }
}

#[test]
fn one_case_is_refused_where_case_matters() {
    for (network, address) in checked_samples() {
        let is_case_blind = address.starts_with("bc1") || address.starts_with("ltc1");
        if network.is_evm() || is_case_blind {
            continue;
        }
        for typed in [address.to_ascii_lowercase(), address.to_ascii_uppercase()] {
            if typed != address {
                refusal(network, &typed);
            }
        }
    }
}

#[test]
fn invisible_and_foreign_letters_are_refused_wherever_they_are() {
    let invisible = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{202e}', '\u{2060}', '\u{feff}', '\u{ad}', '\0', ' ', '\n'];
    for (network, address) in SAMPLES {
        for at in 1..address.len() {
            let (before, behind) = address.split_at(at);
            for stray in invisible {
                let typed = format!("{before}{stray}{behind}");
                assert_eq!(refusal(network, &typed), DestinationError::Checksum, "{typed:?}");
            }
        }
        assert_eq!(refusal(network, &format!("{address}\u{200b}")), DestinationError::Checksum);
    }
    // Cyrillic Т and а, full-width T, Greek ο, Arabic digits.
    for typed in [
        "\u{422}DD97yguPESTpcrJMqU6h2ozZbibv4Vaqm",
        "TDD97yguPESTpcrJMqU6h2ozZbibv4V\u{430}qm",
        "\u{ff34}DD97yguPESTpcrJMqU6h2ozZbibv4Vaqm",
        "TDD97yguPESTpcrJMqU6h2\u{3bf}zZbibv4Vaqm",
        "TDD\u{669}7yguPESTpcrJMqU6h2ozZbibv4Vaqm",
    ] {
        assert_eq!(refusal(Network::Tron, typed), DestinationError::NotAnAddress, "{typed:?}");
    }
}

#[test]
fn each_network_names_the_others_addresses() {
    let found = |network, address| match refusal(network, address) {
        DestinationError::OtherNetwork { found } => found.to_string(),
        other => panic!("{address} on {network}: {other:?}"),
    };
    for (home, address) in SAMPLES {
        for network in Network::ALL.into_iter().filter(|network| foreign::family(*network) != foreign::family(home)) {
            assert_eq!(found(network, address), foreign::family(home).to_string(), "{address} on {network}");
        }
    }
    for (address, name) in [
        ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7", "Bitcoin test network"),
        ("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "Bitcoin test network"),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "Bitcoin test network"),
        ("T7oKJ3q7s94kDH6tpkBowhetT1JKfcfdSCmAXbS75iATyLD", "XRP Ledger test network"),
        ("tltc1qw508d6qejxtdg4y5r3zarvary0c5xw7klfsuq0", "Litecoin test network"),
        ("ltcmweb1qqvadfjdgvn4rtnyp8d2dxktxpg4gw5dzsj5hw6mvwfrc2dyxw9m2sqjrcx9ppyv9v4ghv3v0h2dk6r2yq", "Litecoin MWEB"),
        ("kQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPgpP", "TON test network"),
        ("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "Bitcoin Cash"),
        ("cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9", "Cosmos"),
        ("lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypq", "Lightning"),
    ] {
        for network in Network::ALL {
            assert_eq!(found(network, address), name, "{address} on {network}");
        }
    }
}

#[test]
fn a_mistyped_address_of_another_network_claims_no_more_than_it_shows() {
    assert_eq!(refusal(Network::Bitcoin, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqn"), DestinationError::NotAnAddress);
    let bad_checksum = "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    assert_eq!(refusal(Network::Tron, bad_checksum), DestinationError::OtherNetwork { found: Foreign::EthereumStyle });
    assert_eq!(refusal(Network::Base, bad_checksum), DestinationError::Checksum);
}

#[test]
fn a_secret_is_known_as_one_on_every_network() {
    let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let longer = [phrase, phrase].join("\n");
    let litecoin_key = base58::encode_checked(&[&[0xb0], [7; 32].as_slice(), &[1]].concat(), bs58::Alphabet::BITCOIN);
    let solana_key_file = format!("[{}]", ["17"; 64].join(", "));
    for network in Network::ALL {
        for typed in [phrase, "Legal, winner, thank, year, wave, sausage, worth, useful, legal, winner, thank, yellow", &longer] {
            assert_eq!(refusal(network, typed), DestinationError::RecoveryPhrase);
        }
        for typed in [
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
            "sEdTM1uX8pu2do5XvTnutH6HsouMaM2",
            "SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR",
            "4ZpP1nWd7VxtRMbTuD8pQx8gTnyWEvY2WLxDMmKgSSPyWv7dxvJ4YqMXyRzqKQ1kCSHnMN5fDPq5r3UY8TsqbR3p",
            &litecoin_key,
            &solana_key_file,
            "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
            "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
        ] {
            assert_eq!(refusal(network, typed), DestinationError::PrivateKey, "{typed}");
        }
        let sentence = "please send my refund to the wallet that I used when I paid";
        for typed in [sentence, "legal winner thank year wave sausage worth useful legal winner thank"] {
            assert_eq!(refusal(network, typed), DestinationError::NotAnAddress);
        }
    }
}

#[test]
fn hostile_text_is_refused() {
    let long = ["1", "T", "r", "X", "0x", "bc1q", "\u{200d}", " legal"].map(|start| start.repeat(10_000));
    let uri = ["bitcoin:", "tron:", "ethereum:"].map(|scheme| format!("{scheme}{TRON}?amount=1&req-x=1"));
    let others = ["0", "0x", "T", "1", "bc1", "🦀", "{{7*7}}", "' OR 1=1 --", "=cmd()", "<b>", "http://localhost/", "vitalik.eth"];
    for network in Network::ALL {
        for typed in long.iter().chain(&uri) {
            assert_eq!(refusal(network, typed), DestinationError::NotAnAddress);
        }
        for typed in others {
            refusal(network, typed);
        }
        for typed in ["", " ", "\u{3000}\n"] {
            assert_eq!(refusal(network, typed), DestinationError::Empty);
        }
    }
}

#[test]
fn the_tag_is_asked_for_where_exchanges_need_it() {
    let number = |number| Ok(Some(Tag::Number(number)));
    let tag = |address, tag| Destination::parse(Network::Xrpl, address, tag).map(|destination| destination.tag().cloned());
    assert_eq!(tag(XRPL, None), Err(DestinationError::TagMissing));
    assert_eq!(tag(XRPL, Some(" ")), Err(DestinationError::TagMissing));
    assert_eq!(tag(XRPL, Some("none")), Ok(None));
    assert_eq!(tag(XRPL, Some("12345")), number(12345));
    assert_eq!(tag(XRPL_TAGGED, None), number(u32::MAX.into()));
    assert_eq!(tag(XRPL_TAGGED, Some("4294967295")), number(u32::MAX.into()));
    for beside in ["1", "none"] {
        assert_eq!(tag(XRPL_TAGGED, Some(beside)), Err(DestinationError::TagContradicts));
    }
    let without = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ";
    assert_eq!(tag(without, None), Ok(None));
    assert_eq!(tag(without, Some("0")), Err(DestinationError::TagContradicts));

    let on_tron = |tag| Destination::parse(Network::Tron, TRON, Some(tag)).map(|destination| destination.tag().cloned());
    assert_eq!(on_tron(""), Ok(None));
    assert_eq!(on_tron("none"), Ok(None));
    assert_eq!(on_tron("7"), Err(DestinationError::TagInvalid));
}

#[test]
fn a_muxed_account_is_an_account_and_its_memo_id() {
    let parsed = |address, tag| Destination::parse(Network::Stellar, address, tag);
    let muxed = parsed(STELLAR_MUXED, None).expect("a right address");
    assert_eq!((muxed.address(), muxed.tag()), (STELLAR, Some(&Tag::Number(1 << 63))));
    assert_eq!(muxed.tag_text().as_deref(), Some("9223372036854775808"));
    assert_eq!(parsed(STELLAR, Some("9223372036854775808")), Ok(muxed));
    for beside in ["9223372036854775807", "memo", "none"] {
        assert_eq!(parsed(STELLAR_MUXED, Some(beside)), Err(DestinationError::TagContradicts), "{beside}");
    }
    assert_eq!(parsed(STELLAR, None), Err(DestinationError::TagMissing));
    assert_eq!(parsed(STELLAR, Some("memo of Ann")).expect("a text memo").tag_text().as_deref(), Some("memo of Ann"));
}

#[test]
fn a_ton_address_keeps_its_form_and_is_one_account_in_any() {
    let parsed = |address| parse(Network::Ton, address).expect("a right address");
    let (settling, bouncing) = (parsed(TON), parsed(TON_BOUNCEABLE));
    assert_ne!(settling, bouncing);
    assert_eq!((settling.account(), bouncing.account()), (TON.to_owned(), TON.to_owned()));
    let own = [TON.to_owned()];
    assert_eq!(bouncing.refuse_forbidden(&Forbidden { own: &own, contracts: &[] }), Err(DestinationError::OwnAddress));
    assert_eq!(parse(Network::Tron, TRON).expect("a right address").account(), TRON);
}

/// Returns a made-up address of each network.
fn made_up(network: Network, account: [u8; 20]) -> Option<String> {
    Destination::of_account(network, account, None).ok().map(|destination| destination.address().to_owned())
}

proptest! {
    #[test]
    fn any_account_of_any_network_is_read_again(account: [u8; 20], which in 0..Network::ALL.len()) {
        let network = Network::ALL[which];
        if let Some(address) = made_up(network, account) {
            let again = parse(network, &address);
            prop_assert_eq!(again.as_ref().map(Destination::address), Ok(address.as_str()));
            for other in Network::ALL.into_iter().filter(|other| foreign::family(*other) != foreign::family(network)) {
                prop_assert_eq!(parse(other, &address), Err(DestinationError::OtherNetwork { found: foreign::family(network) }));
            }
        }
    }

    #[test]
    fn any_wrong_character_in_any_address_is_seen(account: [u8; 20], which in 0..Network::ALL.len(), at: usize, letter in 33u8..127) {
        let network = Network::ALL[which];
        // Without a checksum, or with one that only letters carry (EIP-55), a wrong character may go unseen.
        let is_blind = network == Network::Solana || network.is_evm();
        if let Some(address) = made_up(network, account).filter(|_| !is_blind) {
            let mut typed = address.clone().into_bytes();
            let at = at.checked_rem(typed.len()).unwrap_or_default();
            typed[at] = letter;
            let typed = String::from_utf8(typed).expect("ASCII");
            // TON's two alphabets write the same bits in two ways.
            let is_same = typed == address || network == Network::Ton && typed.replace('+', "-").replace('/', "_") == address;
            prop_assert_eq!(parse(network, &typed).is_ok(), is_same, "{}", typed);
        }
    }
}

#[test]
fn an_evm_address_without_checksum_is_taken_and_known() {
    let lower = EVM.to_ascii_lowercase();
    assert_eq!(parse(Network::Base, &lower), parse(Network::Base, EVM));
    assert!(Destination::is_unchecked(Network::Base, &lower));
    assert!(!Destination::is_unchecked(Network::Base, EVM));
    assert!(!Destination::is_unchecked(Network::Bitcoin, BITCOIN));
    assert!(!Destination::is_unchecked(Network::Base, SOLANA));
    assert!(Destination::is_unchecked(Network::Solana, SOLANA));
    assert!(Destination::is_unchecked(Network::Ton, &format!("0:{}", "7a".repeat(32))));
    assert!(!Destination::is_unchecked(Network::Ton, TON));
    assert_ne!(parse(Network::Base, EVM), parse(Network::Ethereum, EVM));
}

#[test]
fn our_own_addresses_and_contracts_are_refused_in_any_form() {
    let refuse = |network, address, own: &[&str], contracts: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (own, contracts) = (owned(own), owned(contracts));
        parse(network, address).and_then(|to| to.refuse_forbidden(&Forbidden { own: &own, contracts: &contracts }))
    };
    let contract = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913";
    assert_eq!(refuse(Network::Base, EVM, &[&EVM.to_ascii_lowercase()], &[contract]), Err(DestinationError::OwnAddress));
    assert_eq!(refuse(Network::Base, contract, &[EVM], &[contract]), Err(DestinationError::TokenContract));
    assert_eq!(refuse(Network::Bitcoin, BITCOIN, &[&BITCOIN.to_ascii_uppercase()], &[]), Err(DestinationError::OwnAddress));
    // One account, another tag: still ours.
    assert_eq!(refuse(Network::Xrpl, XRPL, &[XRPL_TAGGED], &[]), Err(DestinationError::OwnAddress));
    assert_eq!(refuse(Network::Tron, TRON, &["", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"], &[EVM]), Ok(()));
}

#[test]
fn a_destination_survives_the_wire_and_is_judged_again() {
    for (network, address) in SAMPLES {
        let destination = parse(network, address).expect("a right address");
        let json = serde_json::to_string(&destination).expect("it serialises");
        assert_eq!(serde_json::from_str::<Destination>(&json).expect("it parses again"), destination);
        let text = destination.tag_text();
        assert_eq!(Destination::parse(network, destination.address(), text.as_deref()), Ok(destination));
    }
    let json = |json: &str| serde_json::from_str::<Destination>(json).map_err(|error| error.to_string());
    let right = format!(r#"{{"network":"xrpl","address":"{XRPL}","tag":"7"}}"#);
    assert_eq!(serde_json::to_string(&json(&right).expect("a right one")).expect("it serialises"), right);
    for wrong in [
        format!(r#"{{"network":"bitcoin","address":"{TRON}"}}"#),
        format!(r#"{{"network":"xrpl","address":"{XRPL}"}}"#),
        format!(r#"{{"network":"tron","address":"{TRON}","tag":"7"}}"#),
        format!(r#"{{"network":"tron","address":"{TRON}","memo":"7"}}"#),
    ] {
        assert!(json(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn logs_do_not_carry_whole_addresses() {
    let destination = parse(Network::Tron, TRON).expect("a right address");
    assert_eq!(destination.masked(), "TDD97y…v4Vaqm");
    assert_eq!(format!("{destination:?}"), "Destination(tron TDD97y…v4Vaqm)");
}

/// The words of the design's table of address messages.
#[test]
fn payers_read_what_is_wrong_and_what_to_do() {
    let read = |network, symbol: &str, typed: &str| refusal(network, typed).message(network, symbol);
    let tron = |typed: &str| read(Network::Tron, "USDT", typed);
    assert_eq!(tron(""), "Enter the address to send the refund to");
    assert_eq!(
        tron(BITCOIN),
        "This is a Bitcoin address. This refund is USDT on Tron, so it needs an address that starts with T. \
         USDT sent to a Bitcoin address cannot be recovered."
    );
    assert_eq!(
        tron(EVM),
        "This is an Ethereum-style address. This refund is USDT on Tron, so it needs an address that starts with T. \
         USDT sent to an Ethereum-style address cannot be recovered."
    );
    assert_eq!(tron("TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqn"), "This address has a typing mistake. Copy it again from your wallet.");
    assert_eq!(tron(&TRON[..33]), "A Tron address has 34 characters. This one has 33.");
    assert_eq!(read(Network::Ethereum, "ETH", &EVM[..41]), "An Ethereum address has 42 characters. This one has 41.");
    assert_eq!(read(Network::Bitcoin, "BTC", &BITCOIN[..41]), "A Bitcoin address of this kind has 42 characters. This one has 41.");
    assert_eq!(
        read(Network::Xrpl, "XRP", TRON),
        "This is a Tron address. This refund is XRP on XRP Ledger, so it needs an address that starts with r or X. \
         XRP sent to a Tron address cannot be recovered."
    );
    assert_eq!(tron("hello"), "This does not look like a wallet address.");
    assert_eq!(
        tron("legal winner thank year wave sausage worth useful legal winner thank yellow"),
        "That looks like a recovery phrase. Never share it. We did not store it."
    );
    let say = |error: DestinationError| error.message(Network::Tron, "USDT");
    assert_eq!(say(DestinationError::OwnAddress), "This is the address you paid to. Use an address from your own wallet.");
    assert_eq!(say(DestinationError::TokenContract), "This is the USDT contract, not a wallet. Money sent there cannot be recovered.");
    assert_eq!(say(DestinationError::TagInvalid), "Tron addresses have no memo or tag. Leave it empty.");
    let xrp = |error: DestinationError| error.message(Network::Xrpl, "XRP");
    assert_eq!(xrp(DestinationError::TagMissing), "Enter the memo or tag, or choose that your wallet does not use one");
    assert_eq!(
        xrp(DestinationError::TagInvalid),
        "This tag does not fit the address. Copy both again from your wallet. A tag has digits only."
    );

    let stellar = |error: DestinationError| error.message(Network::Stellar, "XLM");
    assert_eq!(
        stellar(DestinationError::TagInvalid),
        "This tag does not fit the address. Copy both again from your wallet. A memo has up to 28 letters, digits and signs."
    );
    assert_eq!(
        stellar(DestinationError::TagContradicts),
        "This address has its own tag inside, and it is not the one you entered. Leave the tag empty, or copy both again from your wallet."
    );
    assert_eq!(
        stellar(DestinationError::TagSecret),
        "That looks like the key of a wallet, not a tag. Never share it. We did not store it."
    );
    assert_eq!(
        read(Network::Solana, "SOL", TRON),
        "This is a Tron address. This refund is SOL on Solana, so it needs a Solana address. SOL sent to a Tron address cannot be recovered."
    );
}

#[test]
fn programs_get_a_code_and_the_field_at_fault() {
    let error = refusal(Network::Tron, BITCOIN);
    assert_eq!((error.code(), error.field(), error.is_secret()), ("other_network", "address", false));
    assert_eq!(error.to_string(), "this is a Bitcoin address: use one of the refund's network");
    assert_eq!((DestinationError::TagMissing.code(), DestinationError::TagMissing.field()), ("tag_missing", "tag"));
    assert!(DestinationError::RecoveryPhrase.is_secret());
    for error in [DestinationError::TagContradicts, DestinationError::TagSecret] {
        assert!(error.field() == "tag" && error.code().starts_with("tag_"));
    }
    assert!(DestinationError::TagSecret.is_secret());
}

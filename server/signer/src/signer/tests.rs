//! Stories of the signer: what it signs, what it never signs, and what it remembers after a restart.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use alloy_consensus::transaction::RlpEcdsaDecodableTx;
use domain::ids::PayoutId;
use domain::signing::GasFees;

use super::*;
use crate::keys::tests::known_keys;

const PAYER: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const SOMEBODY_ELSE: &str = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
const USDC: &str = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const ONE_ETH: u128 = 1_000_000_000_000_000_000;
const NOON: i64 = 1_790_000_000 - 1_790_000_000 % 86_400 + 43_200;

/// A signer with a log of its own, removed at the end.
struct Desk {
    signer: Option<Signer>,
    folder: PathBuf,
}

impl Desk {
    fn open() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!("refundry-signer-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let mut desk = Self { signer: None, folder };
        desk.restart();
        desk
    }

    /// Ends the signer as a crash would and starts another on the same log.
    fn restart(&mut self) {
        self.signer = None;
        let rule = |contract: Option<&str>, payout_units_max, day_units_max| AssetRule {
            network: Network::Base,
            chain_id: 8453,
            contract: contract.map(|text| text.parse().expect("an address")),
            payout_units_max,
            day_units_max,
            fee_units_max: ONE_ETH / 1000,
        };
        let rules = BTreeMap::from([
            ("USDC-BASE".parse().expect("an asset"), rule(Some(USDC), 1_000_000_000, 2_500_000_000)),
            ("ETH-BASE".parse().expect("an asset"), rule(None, ONE_ETH, 2 * ONE_ETH)),
        ]);
        let log = Log::open(&self.log_path()).unwrap_or_else(|error| panic!("{error}"));
        self.signer = Some(Signer::new(known_keys(), rules, log));
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("signed.jsonl")
    }

    fn ask_at(&mut self, request: &SignRequest, second: i64) -> Answer {
        let now = Timestamp::from_second(second).expect("a time");
        self.signer.as_mut().expect("a running signer").answer(&Request::Sign(request.clone()), now)
    }

    fn check(&mut self, request: &SignRequest) -> Answer {
        let now = Timestamp::from_second(NOON).expect("a time");
        self.signer.as_mut().expect("a running signer").answer(&Request::Check(request.clone()), now)
    }

    fn ask(&mut self, request: &SignRequest) -> Answer {
        self.ask_at(request, NOON)
    }

    fn raise(&mut self, request: &SignRequest) -> Answer {
        let now = Timestamp::from_second(NOON).expect("a time");
        self.signer.as_mut().expect("a running signer").answer(&Request::Raise(request.clone()), now)
    }

    fn signed(&mut self, request: &SignRequest) -> SignedBytes {
        match self.ask(request) {
            Answer::Signed(signed) => signed,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).expect("cleaned");
    }
}

/// A payout of 100 USDC that is fine.
fn usdc(number: u64) -> SignRequest {
    SignRequest {
        payout: payout(number),
        network: Network::Base,
        chain_id: 8453,
        asset: "USDC-BASE".parse().expect("an asset"),
        contract: Some(USDC.into()),
        to: PAYER.into(),
        units: 100_000_000,
        slot: number,
        fees: GasFees { gas_limit: 120_000, max_fee_per_gas: 2_000_000_000, max_priority_fee_per_gas: 1_000_000 },
    }
}

/// A payout of half an ether that is fine.
fn ether(number: u64) -> SignRequest {
    SignRequest {
        asset: "ETH-BASE".parse().expect("an asset"),
        contract: None,
        units: ONE_ETH / 2,
        fees: GasFees { gas_limit: 21_000, ..usdc(number).fees },
        ..usdc(number)
    }
}

fn payout(number: u64) -> PayoutId {
    format!("01900000-0000-7000-8000-{number:012}").parse().expect("an id")
}

fn declined(reason: DeclineReason) -> Answer {
    Answer::Declined { reason }
}

fn deferred(reason: DeferReason) -> Answer {
    Answer::Deferred { reason }
}

fn decode(signed: &SignedBytes) -> TxEip1559 {
    let bytes = hex::decode(&signed.bytes).expect("hexadecimal");
    let transaction = TxEip1559::eip2718_decode(&mut bytes.as_slice()).expect("a transaction");
    assert_eq!(transaction.recover_signer().expect("a signature"), known_keys().hot_address());
    assert_eq!(transaction.hash().to_string(), signed.txid);
    transaction.strip_signature()
}

#[test]
fn signs_exactly_what_was_asked() {
    let mut desk = Desk::open();
    let coin = decode(&desk.signed(&ether(1)));
    assert_eq!((coin.chain_id, coin.nonce, coin.gas_limit), (8453, 1, 21_000));
    assert_eq!((coin.to, coin.value, coin.input.len()), (TxKind::Call(PAYER.parse().expect("an address")), U256::from(ONE_ETH / 2), 0));

    let token = decode(&desk.signed(&usdc(2)));
    assert_eq!((token.to, token.value), (TxKind::Call(USDC.parse().expect("an address")), U256::ZERO));
    let to: Address = PAYER.parse().expect("an address");
    assert_eq!(token.input, Bytes::from(erc20_transfer(to.into_array(), 100_000_000)));
}

#[test]
fn one_payout_has_one_set_of_bytes_for_ever() {
    let mut desk = Desk::open();
    let first = desk.signed(&usdc(1));
    assert_eq!(desk.signed(&usdc(1)), first);

    let dearer = SignRequest { fees: GasFees { max_fee_per_gas: 9_000_000_000, ..usdc(1).fees }, ..usdc(1) };
    assert_eq!(desk.signed(&dearer), first, "fees chosen anew do not make new bytes");

    desk.restart();
    assert_eq!(desk.signed(&usdc(1)), first, "a restart forgets nothing");
}

/// A payout with both prices of its gas multiplied.
fn dearer(request: &SignRequest, percent: u128) -> SignRequest {
    let times = |price: u128| price.saturating_mul(percent).div_ceil(100);
    let fees = GasFees {
        max_fee_per_gas: times(request.fees.max_fee_per_gas),
        max_priority_fee_per_gas: times(request.fees.max_priority_fee_per_gas),
        ..request.fees
    };
    SignRequest { fees, ..request.clone() }
}

/// Odd case 19: the same transfer in the same slot for a higher fee, and nothing else.
#[test]
fn a_payout_that_waits_is_signed_again_for_a_higher_fee() {
    let mut desk = Desk::open();
    let first = desk.signed(&usdc(1));
    let Answer::Signed(second) = desk.raise(&dearer(&usdc(1), 125)) else { panic!("it is a tenth higher") };
    let (before, after) = (decode(&first), decode(&second));
    let fees = |transaction: TxEip1559| TxEip1559 { max_fee_per_gas: 0, max_priority_fee_per_gas: 0, ..transaction };
    assert_eq!((after.max_fee_per_gas, after.max_priority_fee_per_gas), (2_500_000_000, 1_250_000));
    assert_eq!(fees(after), fees(before), "all but its fees: nonce, recipient, amount");

    for request in [dearer(&usdc(1), 125), dearer(&usdc(1), 130), usdc(1)] {
        assert_eq!(desk.raise(&request), Answer::Signed(second.clone()), "less than a tenth more gets the bytes of the last time");
    }
    let Answer::Signed(third) = desk.raise(&dearer(&usdc(1), 400)) else { panic!("it is within the limit") };
    assert_eq!(desk.raise(&dearer(&usdc(1), 417)), Answer::Signed(third.clone()));
    assert_eq!(desk.raise(&dearer(&usdc(1), 500)), deferred(DeferReason::OverFeeLimit));
    assert_eq!(desk.signed(&usdc(1)), first, "who asks to sign gets the first bytes, as ever");

    desk.restart();
    assert_eq!(desk.raise(&usdc(1)), Answer::Signed(third), "a restart forgets nothing");
    assert_eq!(desk.ask(&SignRequest { slot: 1, ..usdc(2) }), declined(DeclineReason::SlotTaken));
}

#[test]
fn only_the_fee_of_what_was_signed_is_raised() {
    let mut desk = Desk::open();
    assert_eq!(desk.raise(&usdc(1)), deferred(DeferReason::NeverSigned));
    desk.ask(&SignRequest { units: 0, ..usdc(2) });
    assert_eq!(desk.raise(&usdc(2)), deferred(DeferReason::NeverSigned), "what was declined stays so, and says nothing else");
    let first = desk.signed(&usdc(1));
    let log = std::fs::read(desk.log_path()).expect("a log");
    for other in [
        SignRequest { to: SOMEBODY_ELSE.into(), ..usdc(1) },
        SignRequest { units: 100_000_001, ..usdc(1) },
        SignRequest { slot: 2, ..usdc(1) },
        SignRequest { contract: None, ..usdc(1) },
        SignRequest { chain_id: 1, ..usdc(1) },
    ] {
        assert_eq!(desk.raise(&dearer(&other, 150)), deferred(DeferReason::SignedOtherwise), "{other:?}");
    }
    let more_gas = SignRequest { fees: GasFees { gas_limit: 120_001, ..dearer(&usdc(1), 150).fees }, ..usdc(1) };
    assert_eq!(desk.raise(&more_gas), Answer::Signed(first.clone()));
    let all_tip = SignRequest { fees: GasFees { max_priority_fee_per_gas: u128::MAX / 11, ..dearer(&usdc(1), 150).fees }, ..usdc(1) };
    assert_eq!(desk.raise(&all_tip), deferred(DeferReason::OverFeeLimit));
    assert_eq!(std::fs::read(desk.log_path()).expect("a log"), log, "nothing was written");

    // The day's limit counts a payout once, however often it is signed.
    let thousand = |number| SignRequest { units: 1_000_000_000, ..usdc(number) };
    desk.signed(&thousand(3));
    assert!(matches!(desk.raise(&dearer(&thousand(3), 150)), Answer::Signed(_)));
    desk.restart();
    assert!(matches!(desk.ask(&thousand(4)), Answer::Signed(_)));
    assert_eq!(desk.ask(&thousand(5)), deferred(DeferReason::OverDayLimit));
}

#[test]
fn a_log_in_which_a_fee_was_raised_of_nothing_is_not_opened() {
    let mut desk = Desk::open();
    desk.signed(&usdc(1));
    desk.raise(&dearer(&usdc(1), 150));
    let log = std::fs::read_to_string(desk.log_path()).expect("a log");
    desk.signer = None;
    let (first, raised) = log.split_once('\n').expect("two lines");
    for torn in [raised.to_owned(), format!("{first}\n{raised}{raised}"), format!("{first}\n{}", raised.replace(PAYER, SOMEBODY_ELSE))] {
        std::fs::write(desk.log_path(), torn).expect("a log");
        assert!(Log::open(&desk.log_path()).is_err());
    }
}

#[test]
fn a_signed_payout_is_never_called_declined() {
    let mut desk = Desk::open();
    let first = desk.signed(&usdc(1));
    for other in [
        SignRequest { to: SOMEBODY_ELSE.into(), ..usdc(1) },
        SignRequest { units: 1, ..usdc(1) },
        SignRequest { slot: 9, ..usdc(1) },
        SignRequest { asset: "DOGE-BASE".parse().expect("an asset"), ..usdc(1) },
    ] {
        assert_eq!(desk.ask(&other), deferred(DeferReason::SignedOtherwise));
    }
    assert_eq!(desk.signed(&usdc(1)), first);
}

#[test]
fn refuses_for_good_what_its_settings_do_not_allow() {
    let hot = known_keys().hot_address().to_string();
    let cases = [
        (SignRequest { asset: "USDT-BASE".parse().expect("an asset"), ..usdc(1) }, DeclineReason::AssetNotConfigured),
        (SignRequest { network: Network::Ethereum, ..usdc(2) }, DeclineReason::OtherNetwork),
        (SignRequest { chain_id: 1, ..usdc(3) }, DeclineReason::OtherChain),
        (SignRequest { contract: Some(SOMEBODY_ELSE.into()), ..usdc(4) }, DeclineReason::OtherContract),
        (SignRequest { contract: None, ..usdc(5) }, DeclineReason::OtherContract),
        (SignRequest { contract: Some(USDC.into()), ..ether(6) }, DeclineReason::OtherContract),
        (SignRequest { to: PAYER.replace("Aeb", "aeb"), ..usdc(7) }, DeclineReason::AddressRejected),
        (SignRequest { to: "rPayer".into(), ..usdc(8) }, DeclineReason::AddressRejected),
        (SignRequest { to: USDC.into(), ..usdc(9) }, DeclineReason::DestinationForbidden),
        (SignRequest { to: hot.clone(), ..usdc(10) }, DeclineReason::DestinationForbidden),
        (SignRequest { to: hot, ..ether(11) }, DeclineReason::DestinationForbidden),
        (SignRequest { units: 0, ..usdc(12) }, DeclineReason::NothingToSend),
        (SignRequest { units: 1_000_000_001, ..usdc(13) }, DeclineReason::OverPayoutLimit),
        (SignRequest { units: ONE_ETH + 1, ..ether(14) }, DeclineReason::OverPayoutLimit),
    ];
    let mut desk = Desk::open();
    for (request, reason) in &cases {
        assert_eq!(desk.ask(request), declined(*reason), "{request:?}");
    }
    // The word holds: the engine has given the money back, so even a request that is fine now comes too late.
    desk.restart();
    for number in 1..=cases.len() {
        let number = u64::try_from(number).expect("small");
        assert_eq!(desk.ask(&usdc(number)), declined(cases[usize::try_from(number - 1).expect("small")].1));
    }
}

#[test]
fn a_check_says_what_signing_would_and_leaves_no_trace() {
    let mut desk = Desk::open();
    desk.signed(&usdc(1));
    let log = std::fs::read(desk.log_path()).expect("a log");

    assert_eq!(desk.check(&SignRequest { slot: 1, ..usdc(2) }), Answer::WouldSign, "whatever its slot");
    let too_much = SignRequest { units: 1_000_000_001, ..usdc(2) };
    assert_eq!(desk.check(&too_much), declined(DeclineReason::OverPayoutLimit));
    let dear = GasFees { max_fee_per_gas: 8_333_333_334, ..usdc(2).fees };
    assert_eq!(desk.check(&SignRequest { fees: dear, ..usdc(2) }), deferred(DeferReason::OverFeeLimit));
    assert_eq!(desk.check(&SignRequest { slot: 0, ..usdc(1) }), Answer::WouldSign, "its bytes exist");
    assert_eq!(desk.check(&SignRequest { to: SOMEBODY_ELSE.into(), ..usdc(1) }), deferred(DeferReason::SignedOtherwise));

    assert_eq!(std::fs::read(desk.log_path()).expect("a log"), log, "nothing was written");
    desk.signed(&usdc(2));
    let thousand = |number| SignRequest { units: 1_000_000_000, ..usdc(number) };
    desk.signed(&thousand(3));
    desk.signed(&thousand(4));
    assert_eq!(desk.check(&thousand(5)), deferred(DeferReason::OverDayLimit));
    assert_eq!(desk.check(&SignRequest { units: 300_000_000, ..usdc(5) }), Answer::WouldSign, "a smaller one has room");

    desk.ask(&SignRequest { units: 1_000_000_001, ..usdc(6) });
    assert_eq!(desk.check(&usdc(6)), declined(DeclineReason::OverPayoutLimit), "the word holds");
}

#[test]
fn never_pays_the_zero_address() {
    let zero = format!("0x{}", "0".repeat(40));
    let mut desk = Desk::open();
    assert!(matches!(
        desk.ask(&SignRequest { to: zero, ..ether(1) }),
        Answer::Declined { reason: DeclineReason::DestinationForbidden | DeclineReason::AddressRejected }
    ));
}

#[test]
fn a_nonce_pays_one_payout() {
    let mut desk = Desk::open();
    desk.signed(&usdc(1));
    assert_eq!(desk.ask(&SignRequest { slot: 1, ..ether(2) }), declined(DeclineReason::SlotTaken));
    desk.restart();
    assert_eq!(desk.ask(&SignRequest { slot: 1, ..usdc(3) }), declined(DeclineReason::SlotTaken));
}

#[test]
fn high_fees_wait_for_better_times() {
    let mut desk = Desk::open();
    let fees = |gas_limit, max_fee_per_gas, max_priority_fee_per_gas| GasFees { gas_limit, max_fee_per_gas, max_priority_fee_per_gas };
    for fees in [fees(120_000, 8_333_333_334, 1), fees(u64::MAX, u128::MAX / 2, 1), fees(21_000, 5, 6)] {
        assert_eq!(desk.ask(&SignRequest { fees, ..usdc(1) }), deferred(DeferReason::OverFeeLimit), "{fees:?}");
    }
    desk.signed(&SignRequest { fees: fees(120_000, 8_333_333_333, 1), ..usdc(1) });
}

#[test]
fn the_day_limit_holds_until_midnight_and_survives_a_restart() {
    let mut desk = Desk::open();
    let thousand = |number| SignRequest { units: 1_000_000_000, ..usdc(number) };
    desk.signed(&thousand(1));
    desk.signed(&thousand(2));
    desk.restart();
    assert_eq!(desk.ask(&thousand(3)), deferred(DeferReason::OverDayLimit));
    desk.signed(&SignRequest { units: 500_000_000, ..usdc(4) });
    assert_eq!(desk.ask(&SignRequest { units: 1, ..usdc(5) }), deferred(DeferReason::OverDayLimit));
    assert!(matches!(desk.ask(&ether(6)), Answer::Signed(_)), "each asset has its own");

    let yesterday = NOON - 86_400;
    assert_eq!(desk.ask_at(&thousand(3), yesterday), deferred(DeferReason::OverDayLimit), "a clock set back wins nothing");
    let midnight = NOON + 43_200;
    assert_eq!(desk.ask_at(&thousand(3), midnight - 1), deferred(DeferReason::OverDayLimit));
    assert!(matches!(desk.ask_at(&thousand(3), midnight), Answer::Signed(_)), "what was deferred is signed later");
}

#[test]
fn a_line_that_was_never_answered_is_cut_off_and_judged_anew() {
    let mut desk = Desk::open();
    let first = desk.signed(&usdc(1));
    desk.signed(&usdc(2));
    let whole = std::fs::read(desk.log_path()).expect("a log");
    std::fs::write(desk.log_path(), &whole[..whole.len() - 1]).expect("a torn log");

    desk.restart();
    assert_eq!(desk.signed(&usdc(1)), first);
    let elsewhere = SignRequest { to: SOMEBODY_ELSE.into(), ..usdc(2) };
    assert_eq!(decode(&desk.signed(&elsewhere)).nonce, 2, "payout 2 has no line, so it is free");
    desk.restart();
    assert_eq!(desk.ask(&usdc(2)), deferred(DeferReason::SignedOtherwise));
}

#[test]
fn a_line_somebody_else_wrote_is_not_signed_after_the_fact() {
    let mut desk = Desk::open();
    desk.signed(&usdc(1));
    let forged = std::fs::read_to_string(desk.log_path()).expect("a log").replace(PAYER, SOMEBODY_ELSE);
    std::fs::write(desk.log_path(), forged).expect("a forged log");

    desk.restart();
    assert_eq!(desk.ask(&SignRequest { to: SOMEBODY_ELSE.into(), ..usdc(1) }), deferred(DeferReason::KeyChanged));
}

#[test]
fn a_signed_line_that_makes_no_transaction_any_more_is_not_declined() {
    let mut desk = Desk::open();
    desk.signed(&usdc(1));
    let damaged = std::fs::read_to_string(desk.log_path()).expect("a log").replace(PAYER, "0x12");
    std::fs::write(desk.log_path(), damaged).expect("a damaged log");

    desk.restart();
    assert_eq!(desk.ask(&SignRequest { to: "0x12".into(), ..usdc(1) }), deferred(DeferReason::SignedOtherwise));
}

#[test]
fn says_who_it_is() {
    let mut desk = Desk::open();
    let now = Timestamp::from_second(NOON).expect("a time");
    let Answer::Hello(greeting) = desk.signer.as_mut().expect("a signer").answer(&Request::Hello, now) else { panic!("no greeting") };
    let address = known_keys().hot_address().to_string();
    assert_eq!(greeting, Greeting { version: VERSION, accounts: vec![Account { network: Network::Base, address }] });
}

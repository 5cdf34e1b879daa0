//! Statements: what happened on a MID's accounts, adding up to what they hold.

use domain::view::{AccountLineView, StatementView};
use engine::Error;
use engine::statements::parse_instant;
use jiff::{SignedDuration, Timestamp};

use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, START, World};

/// Pays a refund out: received 150, credited 101.102104, sent 47.647896 for a fee of 1.25 (TX-13).
async fn paid_refund(world: &World) {
    let invoice = world.invoice("A-1").await;
    world.pay(&invoice, "150").await;
    world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
    world.wait("PT72H").await;
    world.settle().await;
}

fn start() -> Timestamp {
    START.parse().expect("an instant")
}

async fn statement(world: &World, from: Timestamp, to: Option<Timestamp>) -> StatementView {
    world.engine.statement(&world.caller, world.mid, from, to).await.expect("a statement")
}

fn lines(statement: &StatementView) -> impl Iterator<Item = &AccountLineView> {
    statement.accounts.iter().chain(&statement.fees).chain(&statement.residuals)
}

fn figures(lines: &[AccountLineView]) -> Vec<[&str; 5]> {
    lines.iter().map(|line| [&*line.account, &*line.opening, &*line.debits, &*line.credits, &*line.closing]).collect()
}

stories! {
    async fn a_statement_shows_each_account_with_its_movements_and_fees_apart(world: World) {
        paid_refund(&world).await;
        let statement = statement(&world, start(), None).await;
        assert_eq!(
            figures(&statement.accounts),
            [
                ["custody", "0.000000", "150.000000", "47.647896", "102.352104"],
                ["holding", "0.000000", "150.000000", "150.000000", "0.000000"],
                ["merchant_available", "0.000000", "0.000000", "101.102104", "101.102104"],
                ["payout_in_flight", "0.000000", "47.647896", "47.647896", "0.000000"],
                ["refund_payable", "0.000000", "48.897896", "48.897896", "0.000000"],
            ]
        );
        assert_eq!(figures(&statement.fees), [["fee_recovery", "0.000000", "0.000000", "1.250000", "1.250000"]]);
        assert_eq!(figures(&statement.residuals), [[""; 5]; 0]);
        let custody: Vec<_> = statement.movements.iter().filter(|movement| movement.account == "custody").collect();
        let told: Vec<_> = custody.iter().map(|movement| (&*movement.number, &*movement.against, &*movement.balance)).collect();
        assert_eq!(told, [("P02", "holding", "150.000000"), ("P08", "payout_in_flight", "102.352104")]);
        assert_eq!((custody[0].debit.as_deref(), custody[0].credit.as_deref()), (Some("150.000000"), None));
        assert_eq!((custody[1].debit.as_deref(), custody[1].credit.as_deref()), (None, Some("47.647896")));
        assert_eq!(custody[0].invoice_reference.as_deref(), Some("A-1"));
        assert_eq!(custody[1].refund_reference.as_deref(), Some("REFUND-A-1"));
    }

    /// Up to the present, a statement closes with the balances. What follows one statement opens with what that one closed with.
    async fn statements_follow_each_other_and_end_at_the_balances(world: World) {
        paid_refund(&world).await;
        let turn = start().saturating_add(SignedDuration::from_hours(1)).expect("an instant");
        let (first, second) = (statement(&world, start(), Some(turn)).await, statement(&world, turn, None).await);
        for line in lines(&second) {
            let before = lines(&first).find(|before| (&before.account, &before.asset) == (&line.account, &line.asset));
            assert_eq!(before.map_or("0.000000", |before| &before.closing), line.opening, "{}", line.account);
            if line.account != "holding" {
                let held = world.balance(&line.account).await;
                assert_eq!(line.closing, if held.is_empty() { "0.000000" } else { &held }, "{}", line.account);
            }
        }
        let movements = [first.movements, second.movements].concat();
        assert_eq!(movements.len(), statement(&world, start(), None).await.movements.len());
        let nothing_yet = start().checked_sub(SignedDuration::from_hours(1)).expect("an instant");
        let empty = statement(&world, nothing_yet, Some(start())).await;
        assert!(lines(&empty).next().is_none() && empty.movements.is_empty(), "{empty:?}");
    }

    async fn a_native_coins_unspent_fee_is_a_residual(world: World) {
        let new = world.new_invoice("A-1", "ETH-ETHEREUM");
        let new = engine::invoices::NewInvoice { rate: Some("2500".to_owned()), ..new };
        let id = domain::ids::InvoiceId(uuid::Uuid::now_v7());
        let invoice = world.engine.create_invoice(&world.caller, new, id).await.expect("an invoice");
        world.pay(&invoice, "0.05").await;
        world.claim(&world.refund(&invoice).await, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").await;
        world.wait("PT72H").await;
        world.settle().await;
        let statement = statement(&world, start(), None).await;
        let zero = "0.000000000000000000";
        let fee = "0.001000000000000000";
        assert_eq!(figures(&statement.residuals), [["residual", zero, zero, fee, fee]]);
        assert_eq!(statement.accounts[0].closing, "0.041000000000000000");
    }

    async fn a_statement_is_its_merchants_alone_and_has_a_beginning_before_its_end(world: World) {
        let (_, other) = world.engine.add_mid("Somebody Else", "Shop", None).await.expect("a MID");
        let theirs = world.engine.statement(&world.caller, other, start(), None).await;
        assert!(matches!(theirs, Err(Error::NotFound)), "{theirs:?}");
        let later = start().saturating_add(SignedDuration::from_hours(1)).expect("an instant");
        let turned = world.engine.statement(&world.caller, world.mid, later, Some(start())).await;
        let Err(Error::Invalid(errors)) = turned else { panic!("{turned:?}") };
        assert_eq!(errors.0[0].field, "from");
    }

    /// Parts of a long statement are what the whole one says.
    async fn a_long_statement_is_read_in_parts(world: World) {
        world.policy(|policy| policy.on_over = domain::policy::OnOver::CreditAll).await;
        for number in 0..3 {
            let invoice = world.invoice(&format!("A-{number}")).await;
            for _ in 0..35 {
                world.pay(&invoice, "1").await;
            }
        }
        let whole = statement(&world, start(), None).await;
        let mut parts = world.engine.open_statement(&world.caller, world.mid, start(), None).await.expect("a statement");
        let (mut movements, mut edges) = (Vec::new(), Vec::new());
        while let Some(part) = parts.next_part().await.expect("a part") {
            movements.extend(part.movements);
            edges.push((part.is_first, part.is_last));
        }
        assert!(movements.iter().filter(|movement| movement.account == "custody").count() > 100);
        assert_eq!(movements, whole.movements);
        let first = edges.iter().filter(|(is_first, _)| *is_first).count();
        let last = edges.iter().filter(|(_, is_last)| *is_last).count();
        assert_eq!((first, last), (whole.accounts.len(), whole.accounts.len()));
        assert!(edges.len() > whole.accounts.len(), "an account has more than one part");
    }
}

#[test]
fn a_period_is_told_by_instants_or_dates() {
    let read = |text: &str| parse_instant("from", text).map(|instant| instant.to_string()).ok();
    assert_eq!(read("2026-07-01").as_deref(), Some("2026-07-01T00:00:00Z"));
    assert_eq!(read("2026-07-01T10:00:00+02:00").as_deref(), Some("2026-07-01T08:00:00Z"));
    for text in ["", "yesterday", "2026-13-01", "2026-07-01T00:00:00", "1"] {
        assert_eq!(read(text), None, "{text}");
    }
}

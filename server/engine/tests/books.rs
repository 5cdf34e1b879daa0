//! The proof of the books: it finds every row that says something else than the postings.

use crate::store::run;
use crate::support::stories;
use crate::support::world::World;

/// Changes a row behind the engine's back and says what the proof then finds.
async fn found_after(world: &World, sql: &str) -> String {
    let changed = run(world, sql).await.unwrap_or_else(|refused| panic!("{sql}: {refused}"));
    assert!(changed > 0, "{sql} changed nothing");
    world.engine.verify_ledger().await.expect("a verification").violations.join("; ")
}

stories! {
    /// `refundry ledger verify` reads rows alone: one that lies is named, whichever side it is on.
    async fn the_proof_names_every_row_that_lies(world: World) {
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        world.assert_books_agree().await;

        let found = found_after(&world, "UPDATE invoice_caps SET orphaned = paid").await;
        assert!(found.contains("says 150000000 paid, 48897896 committed and 150000000 vanished, its rows say 150000000 paid"), "{found}");
        let found = found_after(&world, "UPDATE invoice_caps SET committed = paid").await;
        assert!(found.contains("150000000 committed and 150000000 vanished, its rows say 150000000 paid, 48897896 committed"), "{found}");
        let found = found_after(&world, "UPDATE balances SET credits = debits WHERE account = 'refund_payable'").await;
        assert!(found.contains("the balance says debits 0 and credits 0, its postings say 0 and 48897896"), "{found}");
        assert!(found.contains("refunds owe 48897896"), "{found}");
        let found = found_after(&world, "UPDATE deposits SET state = 'seen'").await;
        assert!(found.contains("its rows say 0 paid"), "{found}");
    }
}

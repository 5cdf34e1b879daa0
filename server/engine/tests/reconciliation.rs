//! Reconciliation: the books beside what the rails hold.

use domain::view::{ReconciliationState, ReconciliationView};
use engine::callers::Caller;
use engine::{Error, PageRequest};

use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

/// Compares now and returns what was found for USDT, and whether all is right.
async fn usdt(world: &World) -> (ReconciliationView, bool) {
    let found = world.engine.reconcile_now(&Caller::operator()).await.expect("a reconciliation");
    let usdt = found.assets.into_iter().find(|found| found.asset == "USDT-TRON").expect("one for USDT");
    (usdt, found.ok)
}

stories! {
    async fn books_and_rail_agree_through_a_whole_refund(world: World) {
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        let (found, ok) = usdt(&world).await;
        assert_eq!((found.state, found.ledger.as_str(), found.rail.as_deref()), (ReconciliationState::Matched, "150.000000", Some("150.000000")));
        assert!(ok);
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        let (found, ok) = usdt(&world).await;
        assert_eq!(found.rail.as_deref(), Some("102.352104"));
        assert_eq!((found.state, found.float.as_deref(), ok), (ReconciliationState::Matched, Some("0.000000"), true));
    }

    /// The merchant's own watcher reports a deposit that our rail never saw: the books say more than is there, and nothing is moved.
    async fn missing_coins_are_told(world: World) {
        let invoice = world.invoice("A-1").await;
        let reported = world.reported(&invoice, "w-1", "101.102104", true);
        world.engine.report_deposit(&world.caller, reported).await.expect("a deposit");
        let (found, ok) = usdt(&world).await;
        assert_eq!((found.state, found.float.as_deref(), ok), (ReconciliationState::Differs, Some("-101.102104"), false));
        assert!(found.note.contains("shortfall"), "{}", found.note);
        assert_eq!(world.balance("custody").await, "101.102104");
    }

    /// A payout that is on the chain and waits for its last blocks is nobody's loss.
    async fn a_payout_under_way_is_no_alarm(world: World) {
        let invoice = world.invoice("A-1").await;
        world.pay(&invoice, "150").await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        let (found, ok) = usdt(&world).await;
        assert_eq!((found.in_flight.as_str(), ok), ("47.647896", true));
    }

    async fn every_comparison_is_kept_for_the_operator_alone(world: World) {
        let refused = world.engine.reconcile_now(&world.caller).await.map(|found| found.ok);
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
        usdt(&world).await;
        let (newest, _) = usdt(&world).await;
        let refused = world.engine.reconciliations(&world.caller, None, PageRequest::default()).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
        let key = world.engine.add_operator_key().await.expect("a key").secret;
        let operator = world.engine.key(&key).await.expect("a look-up").expect("the key");
        let asset = Some("USDT-TRON".parse().expect("an asset"));
        let kept = world.engine.reconciliations(&operator, asset, PageRequest { limit: 1, after: None }).await.expect("a list");
        assert_eq!(kept.data, [newest]);
        let rest = world.engine.reconciliations(&operator, asset, PageRequest { limit: 10, after: kept.next }).await.expect("a list");
        assert_eq!(rest.data.len(), 1);
        let written = world.engine.set_policy(&operator, world.mid, domain::policy::Policy::default()).await;
        assert!(matches!(written, Err(Error::Forbidden)), "an operator's key changes nothing");
    }

    async fn the_worker_compares_by_the_hour(world: World) {
        let worker = world.engine.clone();
        let stop = tokio::time::sleep(std::time::Duration::from_secs(1));
        worker.run_worker(stop).await;
        let count = async || {
            let page = PageRequest { limit: 100, after: None };
            world.engine.reconciliations(&Caller::operator(), None, page).await.expect("a list").data.len()
        };
        let assets = world.engine.assets().all().count();
        assert_eq!(count().await, assets, "one for each asset");
        world.wait("PT59M").await;
        assert_eq!(count().await, assets);
        world.wait("PT1M").await;
        assert_eq!(count().await, assets.saturating_mul(2));
    }
}

//! Several engines on the same rows, as several processes are. That they live through kills and pauses, under load, is shown with real
//! processes in server/tests/nodes.

use domain::claim::MasterKey;
use domain::ids::InvoiceId;
use domain::money::Network;
use engine::sandbox::SandboxDeposit;
use engine::{Config, Engine, OpenError};
use uuid::Uuid;

use crate::support::stories;
use crate::support::world::{self, World};

stories! {
    /// Whichever process made the address and whichever looks: one payment is one deposit, and all of them know it.
    async fn a_payment_is_seen_by_whoever_looks(world: World) {
        let other = world.beside().await;
        other.watch(Network::Tron).await.expect("a look");
        let mut invoices = Vec::new();
        for number in 0..3 {
            // Handed out after the other one had read which addresses there are.
            let invoice = world.invoice(&format!("N-{number}")).await;
            let id = InvoiceId(invoice.id);
            let deposit = SandboxDeposit::of(id, "150");
            other.sandbox_deposit(&world.caller, deposit).await.expect("a payment");
            world.engine.watch(Network::Tron).await.expect("a look");
            invoices.push(invoice);
        }
        for invoice in &invoices {
            let seen = world.look(invoice).await;
            assert_eq!((seen.deposits.len(), seen.refunds.len()), (1, 1), "{seen:?}");
        }
        world.assert_books_agree().await;
    }

    async fn all_processes_look_at_the_same_moment_and_record_once(world: World) {
        let invoice = world.invoice("N-1").await;
        let others = [world.beside().await, world.beside().await, world.beside().await];
        world.pay(&invoice, "150").await;
        let looks = others.map(|other| tokio::spawn(async move { other.watch(Network::Tron).await }));
        for look in looks {
            look.await.expect("no panic").expect("a look");
        }
        assert_eq!(world.look(&invoice).await.deposits.len(), 1);
        world.assert_books_agree().await;
    }

    async fn the_sandbox_clock_is_everybodys(world: World) {
        let open = || async { Engine::open(world::config(&world.database.url(), None)).await.expect("an engine") };
        let (mover, follower) = (open().await, open().await);
        let before = follower.now();
        mover.sandbox_advance("PT72H".parse().expect("a period")).await.expect("a moved clock");
        follower.follow_clock().await.expect("a look at the clock");
        let moved = follower.now().duration_since(before).as_hours();
        assert_eq!(moved, 72);
        follower.follow_clock().await.expect("a look at the clock");
        assert_eq!(follower.now().duration_since(before).as_hours(), 72, "once");
    }

    /// A second machine that made a key of its own would hand out links that open nothing.
    async fn another_secret_key_is_refused(world: World) {
        let config = || world::config(&world.database.url(), None);
        let other = Engine::open(Config { master_key: MasterKey::new([8; 32]), ..config() }).await;
        assert!(matches!(other, Err(OpenError::OtherKey)));
        assert!(Engine::open(config()).await.is_ok(), "and the right one is still right");
    }

    /// Two processes are asked to make the same invoice, as when an answer was lost and the load balancer chose another.
    async fn the_same_request_to_two_processes_makes_one_invoice(world: World) {
        let (other, id) = (world.beside().await, InvoiceId(Uuid::now_v7()));
        let new = || engine::invoices::NewInvoice { rate: Some("0.9890991".to_owned()), ..world.new_invoice("N-1", "USDT-TRON") };
        let (first, second) =
            tokio::join!(world.engine.create_invoice(&world.caller, new(), id), other.create_invoice(&world.caller, new(), id));
        let made: Vec<_> = [first, second].into_iter().flatten().collect();
        assert!(!made.is_empty() && made.iter().all(|invoice| invoice.id == id.0));
        let again = other.create_invoice(&world.caller, new(), id).await.expect("the same invoice");
        assert_eq!(again.address, made[0].address);
    }
}

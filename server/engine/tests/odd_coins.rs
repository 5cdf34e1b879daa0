//! The odd cases of requirements 3.6 about what came: another coin, a tag that is missing or nobody's. Each a story on SQLite and on PostgreSQL.

use domain::claim::ClaimForm;
use domain::destination::Destination;
use domain::ids::{CaseId, InvoiceId, RefundId};
use domain::invoice::{InvoiceStatus, NotDone, Resolution};
use domain::merchant::Role;
use domain::money::Network;
use domain::refund::StateName;
use engine::Error;
use engine::refunding::NewRefund;
use uuid::Uuid;

use crate::support::payments::{again, lumens, only_case, pay_otherwise, pay_with_tag};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form};

fn stellar_address() -> String {
    let destination = Destination::of_account(Network::Stellar, [9; 20], None);
    destination.expect("an address").address().to_owned()
}

stories! {
    /// P02s: money in another asset is no payment. A person gives it back; it cannot be accepted. Odd case 27: each asset has its cap.
    async fn odd_case_13_and_27_another_asset_than_was_asked_for(world: World) {
        let invoice = world.invoice("O-13").await;
        pay_otherwise(&world, &invoice, "80", |deposit| deposit.asset = Some("USDC-TRON".to_owned())).await;
        let case = only_case(&world, &invoice).await;
        assert_eq!((case.state.as_str(), case.asset.as_str(), case.exceptions.to_text().as_str()), ("manual", "USDC-TRON", "wrong_asset"));
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Pending, "it still wants USDT");
        assert_eq!(world.balance("suspense").await, "80.000000");
        world.pay(&invoice, "101.102104").await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Complete);

        let manager = world.person(Role::Manager).await;
        let resolve = async |how| world.engine.resolve_case(&manager, InvoiceId(invoice.id), CaseId(case.id), how).await;
        assert!(matches!(resolve(Resolution::Accept).await, Err(Error::NotDone(NotDone::OtherAsset))));
        resolve(Resolution::Refund).await.expect("given back");
        assert!(matches!(resolve(Resolution::Refund).await, Err(Error::NotDone(NotDone::CaseIsDecided))));
        let refund = world.refund(&invoice).await;
        assert_eq!((refund.asset.as_str(), refund.amount.as_str(), refund.reason.name()), ("USDC-TRON", "80.000000", "wrong_asset"));
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// P02s: what comes without its tag, or with nobody's, is held apart until a person says which invoice it is for.
    async fn odd_case_14_a_payment_without_its_tag_is_attributed(world: World) {
        let (paid, other, dollars) = (lumens(&world, "O-14").await, lumens(&world, "O-14b").await, world.invoice("O-14c").await);
        assert_eq!(paid.address, other.address);
        assert_ne!(paid.tag, other.tag);
        let account = pay_with_tag(&world, &paid, "1000", "none").await;
        assert!(account.is_for_untagged && account.tag.is_none() && account.address == paid.address);
        assert_eq!((world.look(&paid).await.status, world.balance("suspense").await), (InvoiceStatus::Pending, "1000.0000000".to_owned()));
        let case = only_case(&world, &account).await;
        assert_eq!((case.state.as_str(), case.why.as_deref(), case.exceptions.to_text().as_str()), ("manual", Some("policy"), "missing_tag"));

        let (manager, viewer) = (world.person(Role::Manager).await, world.person(Role::Viewer).await);
        let (from, id) = (InvoiceId(account.id), CaseId(case.id));
        let attribute = async |caller, to: Uuid| world.engine.attribute_case(caller, from, id, InvoiceId(to)).await;
        assert!(matches!(attribute(&viewer, paid.id).await, Err(Error::Forbidden)));
        assert!(matches!(attribute(&manager, dollars.id).await, Err(Error::NotDone(NotDone::OtherAsset))));
        assert!(matches!(attribute(&manager, account.id).await, Err(Error::Invalid(_))));
        assert!(matches!(attribute(&manager, Uuid::now_v7()).await, Err(Error::Invalid(_))));
        let accepted = world.engine.resolve_case(&manager, from, id, Resolution::Accept).await;
        assert!(matches!(accepted, Err(Error::NotDone(NotDone::Untagged))), "{accepted:?}");
        let new = NewRefund { amount: Some("5".to_owned()), ..NewRefund::default() };
        let own = world.engine.create_refund(&world.caller, from, new, RefundId(Uuid::now_v7())).await;
        assert!(matches!(own, Err(Error::InvoiceState { .. })), "{own:?}");
        let settled = attribute(&manager, paid.id).await.expect("attributed");
        assert_eq!((settled.status, settled.deposits.len(), settled.exceptions.to_text().as_str()), (InvoiceStatus::Complete, 1, ""));
        assert_eq!((world.balance("suspense").await, world.balance("merchant_available").await), (String::new(), "1000.0000000".to_owned()));
        assert_eq!(only_case(&world, &account).await.state, "attributed");
        assert!(matches!(attribute(&manager, other.id).await, Err(Error::NotDone(NotDone::CaseIsDecided))));
        world.assert_books_agree().await;
    }

    /// Another tag than anybody's, and more than was asked for: judged as any deposit once its invoice is known. Or all of it goes back.
    async fn odd_case_14_a_payment_with_a_wrong_tag_is_judged_or_given_back(world: World) {
        let other = lumens(&world, "O-14b").await;
        let account = pay_with_tag(&world, &other, "1500", "424242").await;
        let from = InvoiceId(account.id);
        let case = account.cases.last().expect("a case").id;
        world.engine.attribute_case(&world.caller, from, CaseId(case), InvoiceId(other.id)).await.expect("attributed");
        let excess = world.refund(&other).await;
        assert_eq!((excess.amount.as_str(), excess.reason.name()), ("500.0000000", "overpaid"));

        let account = pay_with_tag(&world, &other, "70", "none").await;
        let case = account.cases.last().expect("a case").id;
        world.engine.resolve_case(&world.caller, from, CaseId(case), Resolution::Refund).await.expect("given back");
        let back = world.refund(&account).await;
        assert_eq!((back.amount.as_str(), back.reason.name(), back.amount_billed.as_deref()), ("70.0000000", "missing_tag", None));
        let to = ClaimForm { tag: "none".to_owned(), ..form(&stellar_address()) };
        world.engine.confirm_claim(&claim_token(&back), &to, None).await.expect("a claim");
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(again(&world, &back).await.state, StateName::Paid);
        assert_eq!(world.balance("suspense").await, "");
        let audit = world.engine.verify_audit(None, &[]).await.expect("an audit");
        assert!(audit.ok, "{:?}", audit.broken);
        world.assert_books_agree().await;
    }

    /// A tag is its invoice's for ever, and an account its MID's.
    async fn odd_case_14_tags_and_accounts_are_never_shared(world: World) {
        let old = lumens(&world, "O-14d").await;
        world.wait("P100D").await;
        world.engine.watch(Network::Stellar).await.expect("a look");
        let paid = pay_with_tag(&world, &old, "1000", old.tag.as_deref().expect("a tag")).await;
        assert_eq!((paid.id, paid.exceptions.to_text().as_str()), (old.id, "late"));
        let (_, mid) = world.engine.add_mid("Halden Audio", "Another store", None).await.expect("a MID");
        let key = world.engine.add_key(mid, true).await.expect("a key");
        let caller = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
        let another = World { caller, mid, ..world };
        let theirs = lumens(&another, "O-14e").await;
        assert_ne!(theirs.address, old.address);
        let account = pay_with_tag(&another, &theirs, "5", "none").await;
        assert_eq!((account.mid, account.address), (mid.0, theirs.address));
        assert_eq!(another.balance("suspense").await, "5.0000000");
        another.assert_books_agree().await;
    }

    /// What is in suspense is each payer's own: one payment that vanishes stops its own refund and no other.
    async fn odd_case_16_one_untagged_payment_vanishes(world: World) {
        let invoice = lumens(&world, "O-16f").await;
        pay_with_tag(&world, &invoice, "50", "none").await;
        world.wait("PT1H").await;
        let account = pay_with_tag(&world, &invoice, "60", "none").await;
        let from = InvoiceId(account.id);
        let mut refunds = Vec::new();
        for case in account.cases.iter().rev() {
            world.engine.resolve_case(&world.caller, from, CaseId(case.id), Resolution::Refund).await.expect("given back");
            refunds.push(world.refund(&account).await);
        }
        let states = async || {
            let mut states = Vec::new();
            for refund in &refunds {
                states.push(again(&world, refund).await.state);
            }
            states
        };
        world.engine.sandbox_reorg(Network::Stellar, 60).await.expect("a reorg");
        world.wait("PT11M").await;
        assert_eq!(states().await, [StateName::Canceled, StateName::AwaitingClaim], "the 60 went, the 50 are there");
        assert_eq!((world.balance("suspense").await, world.balance("refund_payable").await), (String::new(), "50.0000000".to_owned()));
        world.engine.sandbox_mine_again(Network::Stellar).await.expect("the blocks");
        world.engine.watch(Network::Stellar).await.expect("a look");
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!(states().await, [StateName::AwaitingClaim, StateName::AwaitingClaim]);
        assert_eq!(world.balance("refund_payable").await, "110.0000000");
        world.assert_books_agree().await;
    }
}

//! Money that comes from an address on a list. Each a story on SQLite and on PostgreSQL.

use domain::ids::{CaseId, InvoiceId};
use domain::invoice::{InvoiceStatus, NotDone, Resolution};
use domain::merchant::Role;
use domain::money::Network;
use domain::policy::DestinationSource;
use domain::refund::StateName;
use engine::Error;
use engine::clock::Clock as _;
use jiff::SignedDuration;

use crate::support::payments::{only_case, pay_from, pay_otherwise};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form, tron_address};

stories! {
    /// Risk outranks every other rule: money from a sanctioned address is the operator's to decide, and its payer reads nothing of that.
    async fn money_from_a_listed_address_is_the_operators_to_decide(world: World) {
        world.policy(|policy| policy.destination_source = DestinationSource::SourceAddress).await;
        let listed = tron_address(9);
        world.engine.import_sanctions("ofac", &listed).await.expect("a list");
        let (over, exact) = (world.invoice("S-1").await, world.invoice("S-2").await);
        pay_from(&world, &over, "150", &listed).await;
        pay_from(&world, &exact, "101.102104", &listed).await;
        let case = only_case(&world, &over).await;
        assert_eq!((case.state.as_str(), case.why.as_deref(), case.exceptions.to_text().as_str()), ("manual", Some("risk"), "over,risk"));
        assert_eq!(world.balance("holding").await, "150.000000 + 101.102104");
        let seen = world.engine.pay_page(InvoiceId(over.id), None).await.expect("the payer's page").invoice;
        assert_eq!((seen.status, seen.cases.len(), seen.exceptions.to_text().as_str()), (InvoiceStatus::Processing, 0, "over"));

        let (owner, operator) = (world.person(Role::Owner).await, world.operator().await);
        let refused = world.engine.resolve_case(&owner, InvoiceId(over.id), CaseId(case.id), Resolution::Refund).await;
        assert!(matches!(refused, Err(Error::NotDone(NotDone::OperatorOnly))), "{refused:?}");
        for invoice in [&over, &exact] {
            let case = only_case(&world, invoice).await;
            world.engine.resolve_case(&operator, InvoiceId(invoice.id), CaseId(case.id), Resolution::Refund).await.expect("given back");
        }
        let (over, exact) = (world.refund(&over).await, world.refund(&exact).await);
        assert_eq!((over.state, exact.state), (StateName::AwaitingClaim, StateName::AwaitingClaim), "never back there by itself");
        assert_eq!((over.reason.name(), exact.reason.name()), ("overpaid", "not_accepted"));
        let refused = world.engine.confirm_claim(&claim_token(&over), &form(&listed), None).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        world.claim(&exact, PAYERS_ADDRESS).await;
        world.assert_books_agree().await;
    }

    /// A list that was imported while a payment waited for its blocks counts.
    async fn a_payer_listed_before_the_payment_is_final_is_noticed(world: World) {
        let invoice = world.invoice("S-3").await;
        pay_otherwise(&world, &invoice, "101.102104", |deposit| {
            deposit.from = Some(tron_address(9));
            deposit.is_final = false;
        })
        .await;
        world.engine.import_sanctions("ofac", &tron_address(9)).await.expect("a list");
        world.clock.advance(SignedDuration::from_mins(1));
        world.engine.watch(Network::Tron).await.expect("a look");
        assert_eq!(only_case(&world, &invoice).await.why.as_deref(), Some("risk"));
        assert_eq!(world.balance("merchant_available").await, "");
        world.assert_books_agree().await;
    }
}

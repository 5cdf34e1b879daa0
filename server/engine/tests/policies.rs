//! Who says what in a policy: the merchant, its MIDs, the operator, and the second person (requirements 3.5 and 1.7, "Config scope").

use std::collections::BTreeMap;

use domain::ids::{InvoiceId, MerchantId, MidId};
use domain::lifecycle::Refused;
use domain::merchant::Role;
use domain::policy::{OnLate, OnOver, OnUnder, Overrides, Policy};
use domain::refund::StateName;
use engine::Error;
use engine::invoices::NewInvoice;
use engine::policies::{NewVersion, VersionState};
use engine::sandbox::SandboxDeposit;
use jiff::SignedDuration;

use crate::support::payments::{invoice_with, period};
use crate::support::stories;
use crate::support::world::World;

fn says(overrides: Overrides) -> NewVersion {
    NewVersion { overrides, ..NewVersion::default() }
}

fn delay(text: &str) -> Overrides {
    Overrides { security_delay: Some(text.parse().expect("a period")), ..Overrides::default() }
}

fn limit(text: &str) -> Overrides {
    Overrides { approval_above: Some(Some(text.parse().expect("limits"))), ..Overrides::default() }
}

fn is_about(refused: &Result<engine::policies::Version, Error>, field: &str, code: &str) -> bool {
    matches!(refused, Err(Error::Invalid(errors)) if errors.0[0].field == field && errors.0[0].code == code)
}

async fn second_mid(world: &World) -> MidId {
    world.engine.add_mid("Halden Audio", "US store", None).await.expect("a MID").1
}

stories! {
    /// What the merchant says holds for all its MIDs, those to come as well; what a MID says holds for that MID.
    async fn a_merchants_layer_lies_below_all_its_mids(world: World) {
        let (merchant, owner) = (world.merchant().await, world.person(Role::Owner).await);
        let own = says(Overrides { on_over: Some(OnOver::Hold), ..delay("P5D") });
        let version = world.engine.write_policy(&owner, merchant, own).await.expect("a version");
        assert_eq!((version.mid, version.number, version.state), (None, 1, VersionState::Active));
        world.engine.write_policy(&world.caller, world.mid, says(Overrides { on_over: Some(OnOver::CreditAll), ..Overrides::default() })).await.expect("a version");
        let other = second_mid(&world).await;
        let here = world.engine.policy(&owner, world.mid).await.expect("a policy").policy;
        let there = world.engine.policy(&owner, other).await.expect("a policy").policy;
        assert_eq!((here.on_over, there.on_over), (OnOver::CreditAll, OnOver::Hold));
        assert_eq!((here.security_delay.to_string(), there.security_delay.to_string()), ("P5D".to_owned(), "P5D".to_owned()));
        assert_eq!(world.engine.merchant_policy(&owner, merchant).await.expect("a policy").on_over, OnOver::Hold);
        // The next version says all there is to say: what it leaves out is inherited again.
        let version = world.engine.write_policy(&owner, merchant, says(Overrides::default())).await.expect("a version");
        assert_eq!(version.number, 2);
        assert_eq!(world.engine.policy(&owner, other).await.expect("a policy").policy.on_over, OnOver::SettleAndRefundExcess);
        let states: Vec<_> = world.engine.policy_versions(&owner, merchant).await.expect("versions").iter().map(|version| version.state).collect();
        assert_eq!(states, [VersionState::Active, VersionState::Superseded]);
        // A payment is judged by what the merchant says.
        world.engine.write_policy(&owner, merchant, says(Overrides { on_over: Some(OnOver::RefundAll), ..Overrides::default() })).await.expect("a version");
        world.engine.write_policy(&owner, world.mid, says(Overrides::default())).await.expect("a version");
        let invoice = world.invoice("P-1").await;
        world.pay(&invoice, "150").await;
        assert_eq!(world.refund(&invoice).await.amount, "150.000000");
    }

    /// TX-01, BV-01, BV-03: each MID gives back any subset of too much, too little and too late, by itself, and keeps the rest; no other
    /// MID's choice matters to it.
    async fn each_mid_gives_back_any_subset_of_the_three(world: World) {
        let key = world.engine.add_merchant_key(world.merchant().await, true).await.expect("a key").secret;
        let shops = world.engine.key(&key).await.expect("a look-up").expect("the key");
        let owner = world.person(Role::Owner).await;
        let mut paid = Vec::new();
        for subset in 0..8_u8 {
            let [over, under, late] = [1, 2, 4].map(|one| subset & one != 0);
            let mid = world.engine.add_mid("Halden Audio", &format!("Store {subset}"), None).await.expect("a MID").1;
            let policy = Policy {
                on_over: if over { OnOver::RefundAll } else { OnOver::CreditAll },
                on_under: if under { OnUnder::RefundAll } else { OnUnder::CreditAll },
                on_late: if late { OnLate::RefundAll } else { OnLate::CreditAll },
                ..Policy::default()
            };
            world.engine.set_policy(&owner, mid, policy).await.expect("a policy");
            for (name, amount, is_given_back) in [("over", "150", over), ("under", "50", under), ("late", "101.102104", late)] {
                let new = NewInvoice { mid, rate: Some("0.9890991".to_owned()), ..world.new_invoice(&format!("{name}-{subset}"), "USDT-TRON") };
                let id = InvoiceId(world.engine.new_id());
                world.engine.create_invoice(&shops, new, id).await.expect("an invoice");
                paid.push((name, id, amount, is_given_back));
            }
        }
        let pay = async |wanted: bool| {
            for (_, invoice, amount, _) in paid.iter().filter(|(name, ..)| (*name == "late") == wanted) {
                let (invoice, amount) = (*invoice, (*amount).to_owned());
                let deposit = SandboxDeposit::of(invoice, amount);
                world.engine.sandbox_deposit(&shops, deposit).await.expect("a deposit");
            }
        };
        pay(false).await;
        world.wait("PT21M").await;
        world.settle().await;
        pay(true).await;
        for (name, id, _, is_given_back) in &paid {
            let invoice = world.engine.invoice(&shops, *id).await.expect("the invoice");
            let offered = invoice.refunds.iter().filter(|refund| refund.state == StateName::AwaitingClaim).count();
            assert_eq!(offered, usize::from(*is_given_back), "{name} {}: {invoice:?}", invoice.reference);
        }
    }

    /// A MID can undo its merchant's limit, which is not the same as saying nothing of it; and that takes a second person.
    async fn a_mid_undoes_its_merchants_limit_with_a_second_person(world: World) {
        let (merchant, owner, manager) = (world.merchant().await, world.person(Role::Owner).await, world.person(Role::Manager).await);
        world.engine.write_policy(&owner, merchant, says(limit("USD:100"))).await.expect("a version");
        world.engine.write_policy(&manager, world.mid, says(delay("P4D"))).await.expect("a version");
        let limited = world.engine.policy(&owner, world.mid).await.expect("a policy").policy;
        assert!(limited.approval_above.is_some(), "what is not said is inherited");
        let none = says(Overrides { approval_above: Some(None), ..delay("P4D") });
        let draft = world.engine.write_policy(&manager, world.mid, none).await.expect("a draft");
        assert_eq!(draft.state, VersionState::Draft);
        world.engine.approve_policy(&owner, world.mid, draft.id).await.expect("approved");
        let versions = world.engine.policy_versions(&owner, world.mid).await.expect("versions");
        assert_eq!(versions[0].overrides.approval_above, Some(None), "no limit, written down as such");
        assert_eq!(world.engine.policy(&owner, world.mid).await.expect("a policy").policy.approval_above, None);
        let other = second_mid(&world).await;
        assert!(world.engine.policy(&owner, other).await.expect("a policy").policy.approval_above.is_some(), "the merchant's stands");
    }

    /// Whoever loosens a guard of any MID, for any asset, by whichever layer, needs a second person.
    async fn no_layer_loosens_a_guard_alone(world: World) {
        let (merchant, owner, manager) = (world.merchant().await, world.person(Role::Owner).await, world.person(Role::Manager).await);
        let strict = NewVersion {
            assets: BTreeMap::from([("USDT-TRON".parse().expect("an asset"), delay("P6D"))]),
            ..says(limit("USD:100"))
        };
        world.engine.write_policy(&owner, world.mid, strict.clone()).await.expect("a version");
        // The merchant's delay is the MID's, but for one asset.
        let draft = world.engine.write_policy(&manager, merchant, says(delay("PT1H"))).await.expect("a draft");
        assert_eq!(draft.state, VersionState::Draft);
        let own = world.engine.approve_policy(&manager, merchant, draft.id).await;
        assert!(matches!(own, Err(Error::Refused(Refused::OwnRequest))), "{own:?}");
        // A version belongs to its level.
        assert!(matches!(world.engine.approve_policy(&owner, world.mid, draft.id).await, Err(Error::NotFound)));
        assert_eq!(world.engine.discard_policy(&manager, merchant, draft.id).await.expect("given up").state, VersionState::Discarded);
        // One asset's delay is shortened, or its layer left out.
        let shorter = NewVersion { assets: BTreeMap::from([("USDT-TRON".parse().expect("an asset"), delay("PT1H"))]), ..strict };
        for looser in [shorter, says(limit("USD:100"))] {
            assert_eq!(world.engine.write_policy(&manager, world.mid, looser).await.expect("a draft").state, VersionState::Draft);
        }
        // Nor does an invoice: its asset's delay is six days.
        let mut new = world.new_invoice("P-1", "USDT-TRON");
        new.overrides = Some(delay("P5D"));
        let refused = world.engine.create_invoice(&world.caller, new, domain::ids::InvoiceId(uuid::Uuid::now_v7())).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0[0].field == "policy"), "{refused:?}");
    }

    /// A version that loosened nothing when it was scheduled does not loosen alone what was tightened since.
    async fn a_scheduled_version_is_weighed_again_when_its_time_comes(world: World) {
        let (owner, manager) = (world.person(Role::Owner).await, world.person(Role::Manager).await);
        let tomorrow = world.engine.now().saturating_add(SignedDuration::from_hours(24)).expect("tomorrow");
        let later = NewVersion { effective_at: Some(tomorrow), ..says(delay("PT72H")) };
        let later = world.engine.write_policy(&manager, world.mid, later).await.expect("scheduled");
        assert_eq!(later.state, VersionState::Scheduled);
        world.engine.write_policy(&owner, world.mid, says(Overrides { security_delay: Some("P6D".parse().expect("a period")), ..limit("USD:100") })).await.expect("stricter");
        world.wait("P1D").await;
        assert_eq!(world.engine.policy(&owner, world.mid).await.expect("a policy").policy.security_delay.to_string(), "P6D");
        let versions = world.engine.policy_versions(&owner, world.mid).await.expect("versions");
        assert_eq!(versions.iter().find(|version| version.id == later.id).expect("the version").state, VersionState::Draft);
        world.engine.approve_policy(&owner, world.mid, later.id).await.expect("approved");
        assert_eq!(world.engine.policy(&owner, world.mid).await.expect("a policy").policy.security_delay.to_string(), "PT72H");
    }

    /// A lock holds against what was written before it; only the operator lets that through.
    async fn what_was_locked_since_is_not_changed_by_an_older_version(world: World) {
        let (owner, manager, operator) = (world.person(Role::Owner).await, world.person(Role::Manager).await, world.operator().await);
        let tomorrow = || world.engine.now().saturating_add(SignedDuration::from_hours(24)).expect("tomorrow");
        let later = NewVersion { effective_at: Some(tomorrow()), ..says(delay("P5D")) };
        let later = world.engine.write_policy(&manager, world.mid, later).await.expect("scheduled");
        world.engine.lock_policy(&operator, world.mid, vec!["security_delay".to_owned()]).await.expect("a lock");
        let delay_now = async || world.engine.policy(&owner, world.mid).await.expect("a policy").policy.security_delay.to_string();
        world.wait("P1D").await;
        assert_eq!(delay_now().await, "PT72H", "it waits for somebody to look at it");
        let refused = world.engine.approve_policy(&owner, world.mid, later.id).await;
        assert!(is_about(&refused, "security_delay", "locked"), "{refused:?}");
        world.engine.approve_policy(&operator, world.mid, later.id).await.expect("approved");
        assert_eq!(delay_now().await, "P5D");
        let own = NewVersion { effective_at: Some(tomorrow()), ..says(delay("P7D")) };
        world.engine.write_policy(&operator, world.mid, own).await.expect("scheduled");
        world.wait("P1D").await;
        assert_eq!(delay_now().await, "P7D", "the operator may change what the operator keeps");
    }

    /// The operator keeps a setting of a merchant and all its MIDs, or of one MID: no layer gets round it.
    async fn what_the_operator_keeps_holds_on_every_level(world: World) {
        let (merchant, owner, operator) = (world.merchant().await, world.person(Role::Owner).await, world.operator().await);
        let other = second_mid(&world).await;
        assert!(matches!(world.engine.lock_policy(&owner, merchant, vec!["claim_ttl".to_owned()]).await, Err(Error::Forbidden)));
        world.engine.lock_policy(&operator, merchant, vec!["security_delay".to_owned()]).await.expect("a lock");
        for mid in [world.mid, other] {
            let refused = world.engine.write_policy(&owner, mid, says(delay("P5D"))).await;
            assert!(is_about(&refused, "security_delay", "locked"), "{refused:?}");
            assert_eq!(world.engine.policy_locks(&owner, mid).await.expect("locks"), ["security_delay"]);
        }
        let refused = world.engine.write_policy(&owner, merchant, says(delay("P5D"))).await;
        assert!(is_about(&refused, "security_delay", "locked"), "{refused:?}");
        world.engine.write_policy(&operator, merchant, says(delay("P5D"))).await.expect("the operator may");
        // What is locked can be repeated, not changed.
        world.engine.write_policy(&owner, merchant, says(Overrides { on_over: Some(OnOver::Hold), ..delay("P5D") })).await.expect("a version");

        world.engine.lock_policy(&operator, merchant, Vec::new()).await.expect("unlocked");
        world.engine.lock_policy(&operator, other, vec!["security_delay".to_owned()]).await.expect("a lock");
        let round = world.engine.write_policy(&owner, merchant, says(delay("P6D"))).await;
        assert!(is_about(&round, "security_delay", "locked"), "a MID's lock holds against its merchant: {round:?}");
        let by_asset = NewVersion {
            assets: BTreeMap::from([("USDT-TRON".parse().expect("an asset"), delay("P6D"))]),
            ..says(Overrides::default())
        };
        let round = world.engine.write_policy(&owner, other, by_asset).await;
        assert!(is_about(&round, "security_delay", "locked"), "{round:?}");
        world.engine.write_policy(&owner, world.mid, says(delay("P6D"))).await.expect("this MID's is not locked");
    }

    /// A key of one shop, another merchant, and nobody's merchant: all are told that there is nothing.
    async fn a_merchants_layer_is_its_own_peoples(world: World) {
        let (merchant, stranger, viewer) = (world.merchant().await, world.stranger().await, world.person(Role::Viewer).await);
        for caller in [&world.caller, &stranger] {
            let refused = world.engine.write_policy(caller, merchant, says(delay("P5D"))).await;
            assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
            assert!(matches!(world.engine.policy_versions(caller, merchant).await, Err(Error::NotFound)));
        }
        assert!(matches!(world.engine.write_policy(&viewer, merchant, says(delay("P5D"))).await, Err(Error::Forbidden)));
        assert!(world.engine.policy_versions(&viewer, merchant).await.expect("versions").is_empty());
        let nobody = MerchantId(uuid::Uuid::now_v7());
        assert!(matches!(world.engine.policy_versions(&world.operator().await, nobody).await, Err(Error::NotFound)));
    }

    /// Scope: merchant's MID, then asset, then invoice; locked settings are the operator's; a case keeps what judged it.
    async fn policies_have_layers_and_locks(world: World) {
        let mut assets = BTreeMap::new();
        assets.insert("USDT-TRON".parse().expect("an asset"), Overrides { on_over: Some(OnOver::RefundAll), ..Overrides::default() });
        let new = NewVersion { overrides: Overrides { on_over: Some(OnOver::CreditAll), ..Overrides::default() }, assets, effective_at: None, tried_on: None };
        world.engine.write_policy(&world.caller, world.mid, new).await.expect("a version");
        let by_asset = world.invoice("L-1").await;
        let by_invoice = invoice_with(&world, "L-2", |new| {
            new.overrides = Some(Overrides { on_over: Some(OnOver::SettleAndRefundExcess), ..Overrides::default() });
        })
        .await;
        for invoice in [&by_asset, &by_invoice] {
            world.pay(invoice, "150").await;
        }
        assert_eq!((world.refund(&by_asset).await.amount, world.refund(&by_invoice).await.amount), ("150.000000".to_owned(), "48.897896".to_owned()));

        let operator = world.operator().await;
        world.engine.lock_policy(&operator, world.mid, vec!["security_delay".to_owned()]).await.expect("locked");
        let faster = NewVersion { overrides: Overrides { security_delay: Some(period("PT1H")), ..Overrides::default() }, ..NewVersion::default() };
        let refused = world.engine.write_policy(&world.caller, world.mid, faster.clone()).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0[0].field == "security_delay"), "{refused:?}");
        world.engine.write_policy(&operator, world.mid, faster).await.expect("the operator may");
    }

    /// Scheduled activation, and four eyes where a guard is loosened.
    async fn a_policy_is_scheduled_and_a_looser_one_approved(world: World) {
        let (owner, manager) = (world.person(Role::Owner).await, world.person(Role::Manager).await);
        let tomorrow = world.engine.now().saturating_add(SignedDuration::from_hours(24)).expect("tomorrow");
        let later = NewVersion {
            overrides: Overrides { on_over: Some(OnOver::Hold), ..Overrides::default() },
            effective_at: Some(tomorrow),
            ..NewVersion::default()
        };
        world.engine.write_policy(&manager, world.mid, later).await.expect("scheduled");
        assert_eq!(world.engine.policy(&manager, world.mid).await.expect("a policy").policy.on_over, OnOver::SettleAndRefundExcess);
        world.wait("P1D").await;
        assert_eq!(world.engine.policy(&manager, world.mid).await.expect("a policy").policy.on_over, OnOver::Hold);

        world.policy(|policy| policy.approval_above = Some("USD:10".parse().expect("limits"))).await;
        let looser = NewVersion { overrides: Overrides { approval_above: Some(None), ..Overrides::default() }, ..NewVersion::default() };
        let draft = world.engine.write_policy(&manager, world.mid, looser).await.expect("a draft");
        assert_eq!(draft.state.name(), "draft");
        let own = world.engine.approve_policy(&manager, world.mid, draft.id).await;
        assert!(matches!(own, Err(Error::Refused(domain::lifecycle::Refused::OwnRequest))), "{own:?}");
        world.engine.approve_policy(&owner, world.mid, draft.id).await.expect("approved");
        assert_eq!(world.engine.policy(&manager, world.mid).await.expect("a policy").policy.approval_above, None);
    }
}

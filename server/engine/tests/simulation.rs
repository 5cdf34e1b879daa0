//! What a draft of a policy would have done is what it does: requirements 3.5, and the knobs of 1.7.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{CaseId, InvoiceId};
use domain::invoice::Resolution;
use domain::merchant::{Guard, Role};
use domain::policy::{LateGrace, OnLate, OnOver, OnUnder, Overrides, Period, Tolerance};
use domain::view::{EndingView, InvoiceView, SimulationView};
use engine::invoices::NewInvoice;
use engine::policies::NewVersion;
use engine::sandbox::SandboxDeposit;
use engine::simulation::Simulation;
use engine::{Error, PageRequest};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::support::stories;
use crate::support::world::{START, World, instant};

fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

fn draft(overrides: Overrides) -> NewVersion {
    NewVersion { overrides, ..NewVersion::default() }
}

/// Tries a draft on everything there is.
async fn simulated(world: &World, draft: NewVersion, page: PageRequest) -> SimulationView {
    let to = world.engine.now().saturating_add(SignedDuration::from_secs(1)).expect("an instant");
    let what = Simulation { draft, from: instant(START), to, page };
    world.engine.simulate_policy(&world.caller, world.mid, what).await.expect("a simulation")
}

async fn tried(world: &World, overrides: Overrides) -> SimulationView {
    simulated(world, draft(overrides), PageRequest { limit: 100, after: None }).await
}

stories! {
    /// Requirements 3.5: a version is tried on real payments before it is written, and what came of it stays with it.
    async fn a_version_keeps_what_it_was_tried_on(world: World) {
        let early = world.invoice("S-early").await;
        world.pay(&early, "150").await;
        world.wait("P2D").await;
        let late = world.invoice("S-late").await;
        world.pay(&late, "150").await;
        world.wait("P1D").await;
        let generous = draft(Overrides { on_over: Some(OnOver::CreditAll), ..Overrides::default() });
        let version = world.engine.write_policy(&world.caller, world.mid, generous.clone()).await.expect("a version");
        let kept = version.simulation.expect("it was tried");
        assert_eq!((kept.invoices, kept.changed), (2, 2), "the last thirty days");
        let stored = world.engine.policy_versions(&world.caller, world.mid).await.expect("versions");
        assert_eq!(stored[0].simulation.as_ref(), Some(&kept));

        // What happened since changes nothing of it, and another one is tried on the days that its author chose.
        let day = instant(START).saturating_add(SignedDuration::from_hours(24)).expect("an instant");
        let chosen = NewVersion { tried_on: Some((instant(START), day)), ..NewVersion::default() };
        let version = world.engine.write_policy(&world.caller, world.mid, chosen).await.expect("a version");
        let other = version.simulation.expect("it was tried");
        assert_eq!((other.from, other.to, other.invoices), (instant(START), day, 1));
        let stored = world.engine.policy_versions(&world.caller, world.mid).await.expect("versions");
        assert_eq!(stored[1].simulation.as_ref(), Some(&kept));

        // A period that cannot be tried is refused by its own name, and nothing is written.
        let backwards = NewVersion { tried_on: Some((day, instant(START))), ..NewVersion::default() };
        let refused = world.engine.write_policy(&world.caller, world.mid, backwards.clone()).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.message("tried_on.to").is_some()), "{refused:?}");
        let owner = world.person(Role::Owner).await;
        let refused = world.engine.write_policy(&owner, world.merchant().await, backwards).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.message("tried_on").is_some()), "{refused:?}");
        assert_eq!(world.engine.policy_versions(&world.caller, world.mid).await.expect("versions").len(), stored.len());
    }

    /// TX-02, TX-03, TX-04, BV-05 to BV-07: over, under and late, each option of theirs tried on the same payments.
    async fn a_draft_is_tried_on_what_payers_really_sent(world: World) {
        let (exact, over, under, late) =
            (world.invoice("S-exact").await, world.invoice("S-over").await, world.invoice("S-under").await, world.invoice("S-late").await);
        world.pay(&exact, "101.102104").await;
        world.pay(&over, "150").await;
        world.pay(&under, "50").await;
        world.wait("PT21M").await;
        world.pay(&late, "101.102104").await;

        let same = tried(&world, Overrides::default()).await;
        assert_eq!((same.invoices, same.with_exceptions, same.unchanged, same.changed, same.left_out), (4, 3, 4, 0, 0));
        assert_eq!((same.sums[0].live.credited.as_str(), same.sums[0].live.refunded.as_str()), ("202.204208", "200.000000"));
        assert_eq!(same.sums[0].live, same.sums[0].draft);

        let before = world.dump().await;
        let generous = tried(&world, Overrides {
            on_over: Some(OnOver::CreditAll),
            on_under: Some(OnUnder::Hold),
            late_grace: Some(LateGrace { fiat: period("PT10M"), coin: period("PT2H") }),
            ..Overrides::default()
        }).await;
        assert_eq!((generous.unchanged, generous.changed, generous.decided_by_person), (1, 3, 0));
        let [first, second, third] = generous.changes.as_slice() else { panic!("{:?}", generous.changes) };
        let by_reference: BTreeMap<&str, &[String]> =
            [first, second, third].into_iter().map(|change| (change.reference.as_str(), change.differences.as_slice())).collect();
        assert_eq!(by_reference["S-over"], [
            "150.000000 USDT-TRON would be credited to the merchant instead of 101.102104",
            "0.000000 USDT-TRON would be given back to the payer instead of 48.897896",
            "there would be no refund instead of 1 refund",
        ]);
        // CP6: ten minutes more, and the payment is in time; S-under is not judged before they are over.
        assert_eq!(by_reference["S-late"], [
            "101.102104 USDT-TRON would be credited to the merchant instead of 0.000000",
            "0.000000 USDT-TRON would be given back to the payer instead of 101.102104",
            "the invoice would be complete instead of expired",
            "its payment would count as exact and in time instead of late",
            "there would be no refund instead of 1 refund",
        ]);
        assert!(by_reference["S-under"].contains(&"the invoice would be processing instead of underpaid".to_owned()), "{by_reference:?}");
        let sums = &generous.sums[0];
        assert_eq!((sums.draft.credited.as_str(), sums.draft.refunded.as_str(), sums.draft.held.as_str()), ("352.204208", "0.000000", "50.000000"));
        assert_eq!(world.dump().await, before, "a simulation wrote something");

        world.wait("PT10M").await;
        let later = tried(&world, Overrides { on_under: Some(OnUnder::Hold), ..Overrides::default() }).await;
        assert_eq!(later.changes[0].draft.waits_for_a_person, ["policy"]);
    }

    /// What a refund's payer would notice of a draft: the delay, the link, and a person's look above a limit.
    async fn a_draft_can_change_only_the_terms_of_refunds(world: World) {
        let invoice = world.invoice("S-1").await;
        world.pay(&invoice, "150").await;
        let stricter = tried(&world, Overrides {
            security_delay: Some(period("P5D")),
            claim_ttl: Some(period("P30D")),
            review_above: Some(Some("USD:40".parse().expect("limits"))),
            ..Overrides::default()
        }).await;
        assert_eq!(stricter.changes[0].differences, [
            "the refund would wait P5D instead of PT72H before it is sent",
            "a person would look at the refund before it is sent",
            "its link would work P30D instead of P90D",
        ]);
        assert_eq!(stricter.sums[0].live, stricter.sums[0].draft);
    }

    /// A person's decision stays a person's: repeated where the draft asks for one too, named where it does not.
    async fn what_a_person_decided_is_said(world: World) {
        world.policy(|policy| policy.on_over = OnOver::Hold).await;
        let invoice = world.invoice("S-1").await;
        world.pay(&invoice, "150").await;
        let case = CaseId(world.look(&invoice).await.cases[0].id);
        world.engine.resolve_case(&world.caller, InvoiceId(invoice.id), case, Resolution::Refund).await.expect("decided");
        let holds = tried(&world, Overrides { on_over: Some(OnOver::Hold), on_late: Some(OnLate::CreditAll), ..Overrides::default() }).await;
        assert_eq!((holds.changed, holds.decided_by_person), (0, 1));
        let rules = tried(&world, Overrides { on_over: Some(OnOver::SettleAndRefundExcess), ..Overrides::default() }).await;
        assert_eq!((rules.changed, rules.changes[0].decided_by_person), (1, true));
        assert_eq!((rules.changes[0].live.refunds[0].amount.as_str(), rules.changes[0].draft.refunds[0].amount.as_str()), ("150.000000", "48.897896"));
    }

    /// Pages of changes, and the limits of a run: each names its field and what to do.
    async fn a_run_is_bounded_and_comes_in_pages(world: World) {
        let mut expected = Vec::new();
        for number in 0..5 {
            let invoice = world.invoice(&format!("S-{number}")).await;
            world.pay(&invoice, "150").await;
            expected.insert(0, invoice.reference);
            world.wait("PT1S").await;
        }
        let credit_all = draft(Overrides { on_over: Some(OnOver::CreditAll), ..Overrides::default() });
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let part = simulated(&world, credit_all.clone(), PageRequest { limit: 2, after }).await;
            assert_eq!((part.invoices, part.changed), (5, 5), "every page counts all");
            seen.extend(part.changes.into_iter().map(|change| change.reference));
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected);

        let start = instant(START);
        let at = |secs: i64| start.checked_add(SignedDuration::from_secs(secs)).expect("an instant");
        let try_it = async |draft: NewVersion, from: Timestamp, to: Timestamp, after: Option<String>| {
            let page = PageRequest { limit: 10, after };
            world.engine.simulate_policy(&world.caller, world.mid, Simulation { draft, from, to, page }).await
        };
        let part = try_it(credit_all.clone(), at(1), at(3), None).await.expect("a simulation");
        assert_eq!(part.invoices, 2, "`from` is part of the period, `to` is not");
        let year = SignedDuration::from_hours(24 * 367);
        let wrong = draft(Overrides { fee_cap: Some(rust_decimal::Decimal::ZERO), ..Overrides::default() });
        for (refused, field) in [
            (try_it(credit_all.clone(), start, start, None).await, "to"),
            (try_it(credit_all.clone(), start, start.checked_add(year).expect("an instant"), None).await, "from"),
            (try_it(credit_all.clone(), start, at(9), Some(Uuid::now_v7().to_string())).await, "after"),
            (try_it(credit_all.clone(), start, at(9), Some("next".to_owned())).await, "after"),
            (try_it(wrong, start, at(9), None).await, "draft.fee_cap"),
        ] {
            assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0[0].field == field), "{field}: {refused:?}");
        }
        let stranger = world.stranger().await;
        let what = Simulation { draft: credit_all, from: start, to: at(9), page: PageRequest::default() };
        assert!(matches!(world.engine.simulate_policy(&stranger, world.mid, what).await, Err(Error::NotFound)));
    }
}

/// SplitMix64: the same history from the same seed.
struct Dice(u64);

impl Dice {
    /// A history of its own each time, or the one of `HISTORY_SEED` again.
    fn fresh() -> Self {
        if let Some(seed) = std::env::var("HISTORY_SEED").ok().and_then(|seed| seed.parse().ok()) {
            return Self(seed);
        }
        let bytes = engine::random_bytes();
        Self(u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]))
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let side = (mixed ^ (mixed >> 31)).checked_rem(u64::try_from(sides).expect("sides"));
        usize::try_from(side.expect("at least one side")).expect("a side")
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    fn overrides(&mut self) -> Overrides {
        let mut said = Overrides::default();
        if self.roll(4) > 0 {
            said.on_over = Some(self.pick(OnOver::ALL));
        }
        if self.roll(4) > 0 {
            said.on_under = Some(self.pick(OnUnder::ALL));
        }
        if self.roll(4) > 0 {
            said.on_late = Some(self.pick(OnLate::ALL));
        }
        if self.roll(2) > 0 {
            said.late_grace = Some(LateGrace { fiat: period(self.pick(&["PT0S", "PT10M"])), coin: period(self.pick(&["PT2H", "PT1M"])) });
        }
        if self.roll(2) > 0 {
            let absolute = self.pick(&["", "USD:1", "USD:30"]).parse().expect("limits");
            said.tolerance = Some(Tolerance { percent: self.pick(&["0", "1", "20"]).parse().expect("percent"), absolute });
        }
        if self.roll(2) > 0 {
            said.topup_until = Some(period(self.pick(&["PT0S", "PT15M", "P1D"])));
        }
        if self.roll(2) > 0 {
            said.claim_floor = Some(self.pick(&["USD:3", "USD:25"]).parse().expect("limits"));
        }
        if self.roll(2) > 0 {
            said.late_rate_drift = Some(self.pick(&["0", "1", "5"]).parse().expect("percent"));
        }
        said.security_delay = Some(period(self.pick(&["PT0S", "PT24H", "PT72H"])));
        said
    }

    fn policy(&mut self) -> NewVersion {
        let mut new = draft(self.overrides());
        if self.roll(2) > 0 {
            new.assets.insert("USDT-TRON".parse().expect("an asset"), self.overrides());
        }
        new
    }

    fn script(&mut self, with: With) -> Vec<Step> {
        let mut script: Vec<Step> = Vec::new();
        let mut invoices = 0_usize;
        for _ in 0..45 {
            let other_steps = match with {
                With::OnlyWhatChainsDo => 9,
                With::PeopleToo => 13,
            };
            script.push(match self.roll(other_steps) {
                0 | 1 => {
                    invoices = invoices.saturating_add(1);
                    let own = (self.roll(4) == 0).then(|| Box::new(self.overrides()));
                    let rate = match with {
                        // A price that nobody asked for under one policy is the invoice's own under another: they must be one.
                        With::OnlyWhatChainsDo => "0.9890991",
                        With::PeopleToo => self.pick(&["0.9890991", "1.02"]),
                    };
                    Step::Invoice { rate, is_in_coins: self.roll(3) == 0, own }
                }
                2..=4 if invoices > 0 => Step::Pay(self.roll(invoices), self.amount()),
                5 if invoices > 0 => Step::PayInAnotherAsset(self.roll(invoices), self.amount()),
                9 if invoices > 0 => {
                    Step::Report { invoice: self.roll(invoices), amount: self.amount(), ago_secs: self.pick(&[0, 0, 30, 900]) }
                }
                10 => Step::ReportFinal(self.roll(8)),
                11 => Step::Decide { case: self.roll(5), how: self.pick(Resolution::ALL) },
                12 => Step::Guard(self.pick(&[Guard::Open, Guard::Open, Guard::Suspended])),
                _ => Step::Wait(self.pick(&["PT1S", "PT5M", "PT11M", "PT20M", "PT3H", "P1D"])),
            });
        }
        // Whatever still waits for a time comes to its end, working or not.
        script.push(Step::Wait("P2D"));
        script
    }

    fn amount(&mut self) -> &'static str {
        self.pick(&["101.102104", "101.102104", "98.039216", "100.5", "120", "60", "41.102104", "2.5", "0.000001", "150"])
    }
}

#[derive(Clone, Copy)]
enum With {
    /// What happens does not depend on the policy that is in force.
    OnlyWhatChainsDo,
    PeopleToo,
}

#[derive(Clone, Debug)]
enum Step {
    Invoice {
        rate: &'static str,
        is_in_coins: bool,
        own: Option<Box<Overrides>>,
    },
    Pay(usize, &'static str),
    PayInAnotherAsset(usize, &'static str),
    /// A merchant's watcher tells of a transfer that is not final, some time after the chain took it.
    Report {
        invoice: usize,
        amount: &'static str,
        ago_secs: i64,
    },
    /// One of those becomes final.
    ReportFinal(usize),
    Decide {
        case: usize,
        how: Resolution,
    },
    Guard(Guard),
    Wait(&'static str),
}

async fn play(world: &World, script: &[Step]) {
    let operator = world.operator().await;
    let mut invoices: Vec<InvoiceView> = Vec::new();
    let mut reported = Vec::new();
    for (number, step) in script.iter().enumerate() {
        match step {
            Step::Invoice { rate, is_in_coins, own } => {
                let new = NewInvoice {
                    rate: Some((*rate).to_owned()),
                    charged_amount: is_in_coins.then(|| "101.102104".to_owned()),
                    overrides: own.as_deref().cloned(),
                    ..world.new_invoice(&format!("R-{}", invoices.len()), "USDT-TRON")
                };
                invoices.push(world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice"));
            }
            Step::Pay(invoice, amount) => world.pay(&invoices[*invoice], amount).await,
            Step::PayInAnotherAsset(invoice, amount) => {
                let (id, asset) = (InvoiceId(invoices[*invoice].id), Some("USDC-TRON".to_owned()));
                let deposit = SandboxDeposit { asset, ..SandboxDeposit::of(id, *amount) };
                world.engine.sandbox_deposit(&world.caller, deposit).await.expect("a deposit");
            }
            Step::Report { invoice, amount, ago_secs } => {
                let mut report = world.reported(&invoices[*invoice], &format!("r-{number}"), amount, false);
                report.seen_at = report.seen_at.checked_sub(SignedDuration::from_secs(*ago_secs)).expect("an instant");
                world.engine.report_deposit(&world.caller, report.clone()).await.expect("a report");
                reported.push(report);
            }
            Step::ReportFinal(which) => {
                if let Some(report) = reported.get(*which).cloned() {
                    let report = engine::deposits::ReportedDeposit { is_final: true, ..report };
                    world.engine.report_deposit(&world.caller, report).await.expect("a report");
                }
            }
            Step::Decide { case, how } => {
                let mut open = Vec::new();
                for invoice in &invoices {
                    let cases = world.look(invoice).await.cases;
                    open.extend(
                        cases.into_iter().filter(|case| case.state == "manual").map(|case| (InvoiceId(invoice.id), CaseId(case.id))),
                    );
                }
                if let Some((invoice, case)) = open.get(*case) {
                    match world.engine.resolve_case(&operator, *invoice, *case, *how).await {
                        // Money in another asset cannot be accepted.
                        Ok(_) | Err(Error::NotDone(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            Step::Guard(guard) => world.engine.guard_mid(&operator, world.mid, *guard).await.expect("a guard"),
            Step::Wait(time) => world.wait(time).await,
        }
    }
}

/// Returns what the books say became of all payments, in the words of a simulation: credited, refunded, held, dust; in base units.
async fn books(world: &World) -> BTreeMap<String, [u128; 4]> {
    let mut sums: BTreeMap<String, [u128; 4]> = BTreeMap::new();
    for line in world.engine.balances(&world.caller, Some(world.mid)).await.expect("balances") {
        let side = match line.account.as_str() {
            "merchant_available" => 0,
            "refund_payable" => 1,
            "holding" | "suspense" => 2,
            "residual" => 3,
            _ => continue,
        };
        let units: u128 = line.balance.replace('.', "").parse().expect("units");
        let sum = &mut sums.entry(line.asset).or_default()[side];
        *sum = sum.checked_add(units).expect("a sum");
    }
    sums
}

fn live_sums(view: &SimulationView) -> BTreeMap<String, [u128; 4]> {
    let units = |text: &str| text.replace('.', "").parse::<u128>().expect("units");
    let of = |sums: &domain::view::MoneySplitView| [&sums.credited, &sums.refunded, &sums.held, &sums.dust].map(|side| units(side));
    view.sums.iter().map(|sums| (sums.asset.clone(), of(&sums.live))).collect()
}

fn all() -> PageRequest {
    PageRequest { limit: 100, after: None }
}

/// Whatever payers, people and the operator did: the policy that judged it judges it again in the same way, invoice by invoice; and
/// what a simulation calls life is what the books say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_judged_a_random_history_judges_it_again_alike() {
    for _ in 0..6 {
        let mut dice = Dice::fresh();
        let seed = dice.0;
        let (policy, script) = (dice.policy(), dice.script(With::PeopleToo));
        let world = World::on_sqlite().await;
        world.engine.write_policy(&world.caller, world.mid, policy.clone()).await.expect("a policy");
        play(&world, &script).await;
        let view = simulated(&world, policy.clone(), all()).await;
        assert_eq!((view.changed, view.left_out), (0, 0), "seed {seed}: {:#?}\n{policy:?}\n{script:?}", view.changes);
        assert_eq!(live_sums(&view), books(&world).await, "seed {seed}");
    }
}

/// Policy B tried on a history that A judged says what B does when the same history is played under B, and the other way round.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_says_what_playing_the_same_history_under_it_does() {
    let mut differed = BTreeSet::new();
    for _ in 0..5 {
        let mut dice = Dice::fresh();
        let seed = dice.0;
        let (a, b, script) = (dice.policy(), dice.policy(), dice.script(With::OnlyWhatChainsDo));
        let under = async |policy: &NewVersion, other: &NewVersion| {
            let world = World::on_sqlite().await;
            world.engine.write_policy(&world.caller, world.mid, policy.clone()).await.expect("a policy");
            play(&world, &script).await;
            simulated(&world, other.clone(), all()).await
        };
        let (a_tries_b, b_tries_a) = (under(&a, &b).await, under(&b, &a).await);
        let invoices = |view: &SimulationView| -> BTreeMap<String, (EndingView, EndingView)> {
            view.changes.iter().map(|change| (change.reference.clone(), (change.live.clone(), change.draft.clone()))).collect()
        };
        let mirrored: BTreeMap<_, _> =
            invoices(&b_tries_a).into_iter().map(|(reference, (live, draft))| (reference, (draft, live))).collect();
        for (reference, (live, draft)) in invoices(&a_tries_b) {
            assert_eq!(Some(&(live, draft)), mirrored.get(&reference), "seed {seed}, {reference}: {a:?}\n{b:?}\n{script:?}");
        }
        assert_eq!(a_tries_b.changed, b_tries_a.changed, "seed {seed}: {a:?}\n{b:?}\n{script:?}");
        let sums = |view: &SimulationView| view.sums.iter().map(|sums| (sums.live.clone(), sums.draft.clone())).collect::<Vec<_>>();
        assert_eq!(sums(&a_tries_b), sums(&b_tries_a).into_iter().map(|(live, draft)| (draft, live)).collect::<Vec<_>>(), "seed {seed}");
        assert_eq!((a_tries_b.left_out, a_tries_b.invoices), (0, b_tries_a.invoices), "seed {seed}");
        differed.insert(a_tries_b.changed > 0);
    }
    assert!(differed.contains(&true), "no two policies ever differed: the histories prove nothing");
}

//! Refunds that wait for a mail: none leaves before its payer could stop it, and no mail server stops any for good.

use domain::claim::CancelToken;
use domain::email::{EmailKind, EmailState};
use domain::refund::{CancelReason, StateName};

use crate::emails::{PAYER, emails, fates, hours_after, overpaid, set_addresses};
use crate::support::smtp::{self, SmtpServer};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

stories! {
    /// A dead mail server costs a refund that nobody has time to cancel not a second, and its mails wait.
    async fn a_dead_mail_server_slows_no_refund_without_a_delay(world: World) {
        let world = world.with_mail(smtp::settings(1)).await;
        world.policy(|policy| policy.security_delay = "PT0S".parse().expect("a period")).await;
        let (invoice, refund) = overpaid(&world, "HA-1", PAYER).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        world.wait("PT24H").await;
        let told = emails(&world, &refund).await;
        use EmailKind::{Arrived, Claim, Scheduled, Sent};
        use EmailState::{Obsolete, Sent as WasSent};
        assert_eq!(fates(&told), [(Claim, Obsolete), (Scheduled, Obsolete), (Sent, Obsolete), (Arrived, WasSent)]);
    }

    /// CP-10, odd case 23: a cancel link that nobody has yet is no time to cancel. The mail server is away for the whole delay; the refund
    /// waits, the mail that comes at last says until when, and from then on the payer has all of their time.
    async fn no_refund_leaves_before_its_payer_had_the_cancel_link_for_the_whole_delay(world: World) {
        let world = world.with_mail(smtp::settings(1)).await;
        let (invoice, refund) = overpaid(&world, "HA-1", PAYER).await;
        let (other_invoice, other) = overpaid(&world, "HA-2", PAYER).await;
        let confirmed_at = world.engine.now();
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.claim(&other, PAYERS_ADDRESS).await;
        world.wait("PT72H").await;
        world.settle().await;
        let waits = world.refund(&invoice).await;
        assert_eq!((waits.state, waits.blocked_by), (StateName::Scheduled, None), "due, and nobody was told how to cancel");
        assert!(waits.release_at.is_some_and(|at| at >= hours_after(confirmed_at, 144)), "no sooner than a mail of now allows: {waits:?}");

        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        world.wait("PT6H").await;
        let given_at = world.engine.now();
        world.engine.run_due_jobs().await.expect("jobs run");
        let release_at = world.refund(&invoice).await.release_at.expect("a delay");
        assert_eq!(release_at, hours_after(given_at, 72), "the whole delay from the mail on");
        let mails = server.received(2);
        assert_eq!(mails.len(), 2, "{:?}", server.subjects());
        let of = |reference: &str| mails.iter().find(|mail| mail.text.contains(reference)).expect("the confirmation");
        let clock = release_at.to_string()[11..16].to_owned();
        assert!(of("HA-1").text.contains(&clock), "the mail names the later end: {}", of("HA-1").text);

        world.wait("PT71H").await;
        world.settle().await;
        let cancel = CancelToken::from_untrusted(&of("HA-2").token("/cancel/"));
        world.engine.cancel_claim(&cancel, CancelReason::NotRequested, None).await.expect("in time");
        assert_eq!(world.refund(&invoice).await.state, StateName::Scheduled);
        world.wait("PT1H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        assert_eq!(world.refund(&other_invoice).await.state, StateName::Canceled);
        let notes: Vec<_> = world.refund(&invoice).await.timeline.into_iter().filter_map(|entry| entry.note).collect();
        assert_eq!(notes.iter().filter(|note| *note == "delayed").count(), 2, "when it was due, and when the link was given: {notes:?}");
        world.assert_books_agree().await;
    }

    /// Nobody waits for ever for a mail that never comes: from when the merchant is told, the delay runs once more.
    async fn a_cancel_link_that_cannot_be_delivered_delays_its_refund_once(world: World) {
        let server = SmtpServer::start();
        let dead = world.with_mail(smtp::settings(1)).await;
        set_addresses(&dead).await;
        let (invoice, refund) = overpaid(&dead, "HA-1", "refuse@example.com").await;
        dead.claim(&refund, PAYERS_ADDRESS).await;
        dead.wait("PT10H").await;
        let world = dead.with_mail(server.settings()).await;
        world.wait("PT10H").await;
        let told_at = world.engine.now();
        let fates = fates(&emails(&world, &refund).await);
        assert!(fates.contains(&(EmailKind::Scheduled, EmailState::Refused)), "{fates:?}");
        assert!(fates.contains(&(EmailKind::Undelivered, EmailState::Sent)), "{fates:?}");
        assert_eq!(world.refund(&invoice).await.release_at, Some(hours_after(told_at, 72)));
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
    }

    /// A mail server that was taken out of the settings is waited for by nobody.
    async fn without_a_mail_server_no_refund_waits_for_a_mail(world: World) {
        let world = world.with_mail(smtp::settings(1)).await;
        let (invoice, refund) = overpaid(&world, "HA-1", PAYER).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        let world = world.restart().await;
        world.wait("PT72H").await;
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
    }
}

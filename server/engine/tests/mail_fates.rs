//! What becomes of mails: refused, put off, lost on the way, come back, and what people are told of it.

use domain::email::{EmailKind, EmailState};
use domain::ids::EndpointId;
use domain::merchant::Role;
use domain::refund::StateName;
use engine::Error;
use engine::emails::Report;
use uuid::Uuid;

use crate::emails::{PAYER, emails, fates, overpaid, report, set_addresses};
use crate::support::sink::Sink;
use crate::support::smtp::SmtpServer;
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World};

stories! {
    /// Whose endpoint is switched off by its own 410, or took nothing for three days, reads it at the alert address: once, until it answers
    /// again. The mail names the host and none of the URL's secrets.
    async fn a_merchant_is_told_that_its_endpoint_takes_nothing(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_addresses(&world).await;
        let (sink, id) = (Sink::start().await, EndpointId(Uuid::now_v7()));
        let url = format!("{}/s3cr3t", sink.url);
        world.engine.add_endpoint(&world.caller, &url, None, id).await.expect("an endpoint");
        let happen = async |world: &World, reference: &str| {
            world.invoice(reference).await;
            world.pay(&world.invoice(&format!("{reference}-paid")).await, "101.102104").await;
            world.engine.run_due_jobs().await.expect("jobs run");
        };
        sink.answer_with(410);
        happen(&world, "W-1").await;
        let mail = server.received(1).remove(0);
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("alerts@halden.example", "Webhooks to 127.0.0.1 are switched off"));
        assert!(mail.text.contains("/settings/webhooks") && !mail.raw.contains("s3cr3t"), "{}", mail.text);

        world.engine.enable_endpoint(&world.caller, id).await.expect("switched on");
        sink.answer_with(500);
        happen(&world, "W-2").await;
        happen(&world, "W-3").await;
        for _ in 0..11 {
            world.wait("PT24H").await;
        }
        let subjects = || server.subjects();
        assert_eq!(subjects()[1..], ["Webhooks to 127.0.0.1 do not arrive"], "once, whatever was given up");
        sink.answer_with(200);
        happen(&world, "W-4").await;
        sink.answer_with(500);
        happen(&world, "W-5").await;
        for _ in 0..11 {
            world.wait("PT24H").await;
        }
        assert_eq!(subjects().len(), 3, "it had answered in between: {:?}", subjects());
    }

    /// Odd case 33: a refused mail is never silent.
    async fn odd_case_33_a_refused_mail_is_shown_and_the_merchant_told(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_addresses(&world).await;
        let sink = Sink::start().await;
        let owner = world.person(Role::Owner).await;
        world.engine.add_endpoint(&owner, &sink.url, None, domain::ids::EndpointId(uuid::Uuid::now_v7())).await.expect("an endpoint");
        let (invoice, refund) = overpaid(&world, "HA-1", "refuse@example.com").await;
        let told = emails(&world, &refund).await;
        assert_eq!(fates(&told), [(EmailKind::Claim, EmailState::Refused), (EmailKind::Undelivered, EmailState::Sent)]);
        assert!(told[0].error.as_deref().is_some_and(|error| error.contains("550") && error.contains("no such mailbox")), "{told:?}");
        let alert = server.received(1).remove(0);
        assert_eq!((alert.to.as_str(), alert.subject.as_str()), ("alerts@halden.example", "REFUND-HA-1: an e-mail to the payer was not delivered"));
        assert!(alert.text.contains("refuse@example.com") && alert.text.contains("no such mailbox"), "{}", alert.text);
        let refund = world.refund(&invoice).await;
        assert_eq!(refund.timeline.last().and_then(|entry| entry.note.as_deref()), Some("undelivered"));
        assert_eq!(refund.state, StateName::AwaitingClaim);
        assert!(refund.claim_url.is_some(), "the merchant can send it another way");
        let events: Vec<String> = sink.received().iter().map(|webhook| webhook.event()).collect();
        assert_eq!(events.last().map(String::as_str), Some("refund.undelivered"), "{events:?}");
        assert_eq!(world.engine.verify_audit(None, &[]).await.expect("a verification").broken, Vec::<String>::new());
    }

    /// Reliability, e-mail faults: 451 again and again for three days, then the merchant is told.
    async fn a_mail_that_is_put_off_is_tried_for_three_days(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_addresses(&world).await;
        let (_, refund) = overpaid(&world, "HA-1", "defer@example.com").await;
        let told = emails(&world, &refund).await;
        assert_eq!((told.len(), told[0].state, told[0].attempts), (1, EmailState::Queued, 1));
        assert!(told[0].error.as_deref().is_some_and(|error| error.contains("451")), "{told:?}");
        world.wait("PT24H").await;
        assert_eq!(fates(&emails(&world, &refund).await), [(EmailKind::Claim, EmailState::Queued)]);
        for _ in 0..12 {
            world.wait("PT24H").await;
        }
        let told = emails(&world, &refund).await;
        assert_eq!(fates(&told), [(EmailKind::Claim, EmailState::GivenUp), (EmailKind::Undelivered, EmailState::Sent)]);
        assert_eq!(told[0].attempts, 11);
    }

    /// Reliability, e-mail faults: greylisted, the mail comes a little later.
    async fn a_greylisted_mail_comes_later(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, refund) = overpaid(&world, "HA-1", "greylist@example.com").await;
        assert_eq!(emails(&world, &refund).await[0].state, EmailState::Queued);
        world.wait("PT1M").await;
        let told = emails(&world, &refund).await;
        assert_eq!((told[0].state, told[0].attempts, told[0].error.as_deref()), (EmailState::Sent, 2, None));
        assert_eq!(server.received(1).len(), 1);
    }

    /// Taken, and the answer lost: the same message again, which its reader's program shows once.
    async fn a_mail_whose_answer_was_lost_is_the_same_message_again(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, refund) = overpaid(&world, "HA-1", "drop@example.com").await;
        assert_eq!(fates(&emails(&world, &refund).await), [(EmailKind::Claim, EmailState::Queued)]);
        let world = world.restart().await.with_mail(server.settings()).await;
        world.wait("PT1M").await;
        assert_eq!(fates(&emails(&world, &refund).await), [(EmailKind::Claim, EmailState::Sent)]);
        let mails = server.received(2);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
        assert!(!mails[0].header("Message-ID").is_empty());
    }

    /// A claim link that was used meanwhile is not sent; the confirmation is.
    async fn a_stale_mail_is_not_sent(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, refund) = overpaid(&world, "HA-1", "greylist@example.com").await;
        emails(&world, &refund).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        world.wait("PT5M").await;
        let told = emails(&world, &refund).await;
        assert_eq!(fates(&told), [(EmailKind::Claim, EmailState::Obsolete), (EmailKind::Scheduled, EmailState::Sent)]);
        assert_eq!(told[0].error.as_deref(), Some("it was claimed, stopped or expired meanwhile"));
        assert_eq!(server.received(1).len(), 1);
    }

    /// Odd case 33: a mail that was taken and comes back later counts as bounced, once.
    async fn a_mail_that_comes_back_is_shown_and_the_merchant_told(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_addresses(&world).await;
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        emails(&world, &refund).await;
        let mail = server.received(1).remove(0);
        let came_back = world.engine.email_came_back(report(&mail).as_bytes()).await.expect("a report");
        assert!(matches!(came_back, Report::CameBack(_)), "{came_back:?}");
        let again = world.engine.email_came_back(report(&mail).as_bytes()).await.expect("a report");
        assert!(matches!(again, Report::Known(_)), "{again:?}");
        let told = emails(&world, &refund).await;
        assert_eq!(fates(&told), [(EmailKind::Claim, EmailState::Bounced), (EmailKind::Undelivered, EmailState::Sent)]);
        assert_eq!(told[0].error.as_deref(), Some("smtp; 550 5.1.1 user unknown"));

        let foreign = report(&mail).replace(&told[0].id.to_string(), &uuid::Uuid::now_v7().to_string());
        assert!(matches!(world.engine.email_came_back(foreign.as_bytes()).await, Err(Error::NotFound)));
    }
}

//! From whom payers read a merchant's mails, and how its people try that.

use domain::email::EmailState;
use domain::merchant::Role;
use engine::audit::AuditFilter;
use engine::brands::NewBrand;
use engine::senders::NewSender;
use engine::{Error, PageRequest};

use crate::emails::{PAYER, emails, overpaid, report, set_addresses};
use crate::support::smtp::SmtpServer;
use crate::support::stories;
use crate::support::world::World;

/// A sender as a form says it.
fn sender(name: &str, reply_to: &str) -> NewSender {
    NewSender { name: Some(name.to_owned()), reply_to: Some(reply_to.to_owned()) }
}

stories! {
    /// The merchant's word goes before its brand's, a MID's own address before the merchant's.
    async fn payers_read_the_sender_that_is_said(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (owner, merchant) = (world.person(Role::Owner).await, world.merchant().await);
        let read = async |reference: &str, count: usize| {
            let (_, refund) = overpaid(&world, reference, PAYER).await;
            emails(&world, &refund).await;
            let mail = server.received(count).remove(count.saturating_sub(1));
            (mail.header("From").to_owned(), mail.header("Reply-To").to_owned())
        };
        let pair = |from: &str, reply_to: &str| (from.to_owned(), reply_to.to_owned());
        assert_eq!(read("S-1", 1).await, pair("\"Halden Audio\" <refunds@mail.example>", ""));
        let brand = NewBrand { name: Some("Halden EU".to_owned()), ..NewBrand::default() };
        world.engine.set_brand(&owner, world.mid, brand).await.expect("a brand");
        assert_eq!(read("S-2", 2).await, pair("\"Halden EU\" <refunds@mail.example>", ""));
        world.engine.set_sender(&owner, merchant, sender(" Halden refunds ", "answers@halden.example")).await.expect("a sender");
        let said = "\"Halden refunds\" <answers@halden.example>";
        assert_eq!(read("S-3", 3).await, pair("\"Halden refunds\" <refunds@mail.example>", said));
        set_addresses(&world).await;
        assert_eq!(read("S-4", 4).await.1, "\"Halden refunds\" <help@halden.example>", "a MID's own address goes first");

        let kept = world.engine.set_sender(&owner, merchant, NewSender::default()).await.expect("said no more");
        assert_eq!((kept.name, kept.reply_to, kept.default_name.as_str()), (None, None, "Halden Audio"));
        let filter = AuditFilter { action: Some("sender.changed".to_owned()), ..AuditFilter::default() };
        let log = world.engine.audit_log(&owner, filter, PageRequest { limit: 10, after: None }).await.expect("the log").data;
        assert_eq!(log.len(), 2, "{log:?}");
    }

    /// No header is added and no other address pretended; every wrong field is named, and nothing is kept of the right one.
    async fn a_sender_that_is_none_is_refused(world: World) {
        let (owner, merchant) = (world.person(Role::Owner).await, world.merchant().await);
        for wrong in ["a\r\nBcc: eve@example.com", "pay@halden.example", "\u{202e}oiduA", &"a".repeat(65)] {
            let refused = world.engine.set_sender(&owner, merchant, sender(wrong, "a@b.example\nBcc: eve@example.com")).await;
            let Err(Error::Invalid(errors)) = refused else { panic!("{wrong:?}: {refused:?}") };
            assert_eq!(errors.0.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["name", "reply_to"], "{wrong:?}");
        }
        let manager = world.person(Role::Manager).await;
        assert!(matches!(world.engine.set_sender(&manager, merchant, NewSender::default()).await, Err(Error::Forbidden)));
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.set_sender(&stranger, merchant, NewSender::default()).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.sender(&stranger, merchant).await, Err(Error::NotFound)));
        assert_eq!(world.engine.sender(&manager, merchant).await.expect("read").name, None);
    }

    /// A test goes as payers' mails go, says what became of it, and is tried again by the queue.
    async fn somebody_tries_how_mails_go_out(world: World) {
        let off = world.engine.send_test_mail(&world.person(Role::Owner).await).await;
        assert!(matches!(off, Err(Error::EmailOff)), "{off:?}");
        let server = SmtpServer::start();
        let settings = server.settings();
        let world = world.with_mail(settings.clone()).await;
        let (owner, merchant) = (world.person(Role::Owner).await, world.merchant().await);
        world.engine.set_sender(&owner, merchant, sender("Halden refunds", "help@halden.example")).await.expect("a sender");
        world.engine.send_test_mail(&owner).await.expect("sent");
        let test = world.engine.test_mail(&owner).await.expect("a look-up").expect("a test");
        assert_eq!((test.state, Some(test.to), test.error), (EmailState::Sent, owner.email.clone(), None));
        let mail = server.received(1).remove(0);
        assert_eq!(mail.header("From"), "\"Halden refunds\" <refunds@mail.example>");
        assert_eq!(mail.header("Reply-To"), "\"Halden refunds\" <help@halden.example>");
        assert!(mail.text.contains("Their answers go to help@halden.example"), "{}", mail.text);
        let soon = world.engine.send_test_mail(&owner).await;
        assert!(matches!(soon, Err(Error::RateLimited { .. })), "{soon:?}");
        world.wait("PT5M").await;
        world.engine.run_due_jobs().await.expect("jobs run");
        assert_eq!(server.subjects().len(), 1, "its job has nothing left to do");

        drop(server);
        world.engine.send_test_mail(&owner).await.expect("asked for");
        let waits = world.engine.test_mail(&owner).await.expect("a look-up").expect("a test");
        assert_eq!(waits.state, EmailState::Queued);
        assert!(waits.error.is_some_and(|words| words.contains("could not be reached")));
        assert!(matches!(world.engine.send_test_mail(&owner).await, Err(Error::Conflict)), "one waits");
        for _ in 0..3 {
            world.wait("PT30M").await;
            world.engine.run_due_jobs().await.expect("jobs run");
        }
        let ended = world.engine.test_mail(&owner).await.expect("a look-up").expect("a test");
        assert_eq!(ended.state, EmailState::GivenUp, "nobody looks for it any more");
        let manager = world.person(Role::Manager).await;
        assert!(matches!(world.engine.send_test_mail(&manager).await, Err(Error::Forbidden)));
        assert!(world.engine.send_test_mail(&world.caller).await.is_err(), "a key reads no mail");
    }

    /// What did not arrive is listed with its refund, for its own merchant alone.
    async fn mails_that_did_not_arrive_are_listed(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let owner = world.person(Role::Owner).await;
        let (_, refund) = overpaid(&world, "S-5", PAYER).await;
        emails(&world, &refund).await;
        assert!(world.engine.undelivered_mails(&owner).await.expect("a list").is_empty());
        world.engine.email_came_back(report(&server.received(1)[0]).as_bytes()).await.expect("a report");
        let list = world.engine.undelivered_mails(&owner).await.expect("a list");
        assert_eq!(list.iter().map(|(refund, email)| (*refund, email.state)).collect::<Vec<_>>(), [(refund.id, EmailState::Bounced)]);
        assert!(world.engine.undelivered_mails(&world.stranger().await).await.expect("a list").is_empty());
        assert_eq!(world.engine.undelivered_mails(&world.operator().await).await.expect("a list").len(), 1);
    }
}

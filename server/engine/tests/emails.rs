//! Mails as people get them, through a real mail server.

use domain::claim::{CancelToken, ClaimToken};
use domain::email::{EmailKind, EmailState};
use domain::ids::{InvoiceId, RefundId};
use domain::language::{Language, Spoken};
use domain::merchant::{Role, Writing};
use domain::money::Network;
use domain::policy::Notify;
use domain::refund::CancelReason;
use domain::view::{EmailView, InvoiceView, RefundView};
use engine::Error;
use engine::refunding::NewRefund;
use engine::sandbox::SandboxMode;
use jiff::{SignedDuration, Timestamp};

use crate::support::smtp::{FROM, Mail, SmtpServer};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form};

pub const PAYER: &str = "mira@example.com";

/// Sends what is queued and returns the mails about a refund.
pub async fn emails(world: &World, refund: &RefundView) -> Vec<EmailView> {
    world.engine.run_due_jobs().await.expect("jobs run");
    world.engine.refund(&world.caller, RefundId(refund.id)).await.expect("the refund").emails
}

pub fn fates(emails: &[EmailView]) -> Vec<(EmailKind, EmailState)> {
    emails.iter().map(|email| (email.kind, email.state)).collect()
}

/// Pays too much for an invoice of a payer who can be written to.
pub async fn overpaid(world: &World, reference: &str, email: &str) -> (InvoiceView, RefundView) {
    let invoice = world.invoice_for(reference, email).await;
    world.pay(&invoice, "150").await;
    let refund = world.refund(&invoice).await;
    (invoice, refund)
}

pub fn hours_after(instant: Timestamp, hours: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_hours(hours)).expect("a later instant")
}

/// Says where the merchant is alerted, and where payers answer to.
pub async fn set_addresses(world: &World) {
    let owner = world.person(Role::Owner).await;
    let [alert_email, support_email] = ["alerts@halden.example", "help@halden.example"].map(|address| address.parse().ok());
    let writing = Writing { alert_email, support_email, language: None };
    world.engine.set_writing(&owner, world.mid, writing).await.expect("addresses");
}

/// Claims by the link in a mail, as the payer does.
pub async fn claim_by(world: &World, mail: &Mail) {
    let token = ClaimToken::from_untrusted(&mail.token("/claim/"));
    world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("a claim");
}

/// A delivery report about a mail, as Postfix writes it.
pub fn report(mail: &Mail) -> String {
    format!(
        "From: MAILER-DAEMON@mail.example\r\nTo: {FROM}\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n\
         --B\r\nContent-Type: text/plain\r\n\r\nI'm sorry\r\n\
         --B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n\
         Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\
         --B\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--B--\r\n",
        mail.to, mail.raw
    )
}

stories! {
    /// CP-06, CP-07, CP-10: the mail has the link, the link has the form, the confirmation has the cancel link.
    async fn the_payer_is_written_to_from_the_offer_to_the_arrival(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_addresses(&world).await;
        let (invoice, refund) = overpaid(&world, "HA-20418", PAYER).await;
        assert_eq!(fates(&emails(&world, &refund).await), [(EmailKind::Claim, EmailState::Sent)]);
        let claim = server.received(1).remove(0);
        assert_eq!((claim.subject.as_str(), claim.to.as_str()), ("48.897896 USDT to claim from Halden Audio", PAYER));
        assert_eq!((claim.header("From"), claim.header("Reply-To")), ("\"Halden Audio\" <refunds@mail.example>", "\"Halden Audio\" <help@halden.example>"));
        assert_eq!(claim.header("Auto-Submitted"), "auto-generated");
        let own = &world.refund(&invoice).await.emails[0];
        assert_eq!(claim.header("Message-ID"), format!("<{}@mail.example>", own.id));
        for expected in ["You paid more than order HA-20418 cost.", "150.000000 USDT", "101.102104 USDT", "1.250000 USDT now", "Sun 12 Jan 2025, 07:34 UTC"] {
            assert!(claim.text.contains(expected) && claim.html.contains(expected), "{expected} in {}", claim.text);
        }
        assert!(claim.html.contains(refund.claim_url.as_deref().expect("a link")), "the same link in both parts");
        assert_eq!(world.refund(&invoice).await.last_notification_at, Some(world.engine.now()), "BP-11");

        claim_by(&world, &claim).await;
        emails(&world, &refund).await;
        let scheduled = server.received(2).remove(1);
        assert_eq!(scheduled.subject, "Your refund leaves on Thursday. Cancel if this was not you");
        for expected in ["Your refund leaves on Thursday 17 October", "47.647896 USDT", "Cancel before Thursday 07:34 UTC", "Thu 17 Oct 2024, 07:34 UTC"] {
            assert!(scheduled.text.contains(expected) && scheduled.html.contains(expected), "{expected} in {}", scheduled.text);
        }
        assert!(scheduled.text.contains(PAYERS_ADDRESS));
        assert!(!scheduled.text.contains("/claim/"), "a forwarded confirmation does not claim");
        let cancel = CancelToken::from_untrusted(&scheduled.token("/cancel/"));
        world.engine.cancel_page(&cancel).await.expect("the cancel page");

        world.wait("PT72H").await;
        world.settle().await;
        let subjects: Vec<String> = server.received(4).into_iter().map(|mail| mail.subject).collect();
        assert_eq!(subjects[2..], ["Your refund was sent", "Your refund has arrived"]);
        let refund = world.refund(&invoice).await;
        let txid = refund.txid.as_deref().expect("a transaction");
        assert!(server.received(4)[3].text.contains(txid));
        assert!(refund.emails.iter().all(|email| email.state == EmailState::Sent && email.to == PAYER && email.attempts == 1));
        let rows = world.dump().await;
        for secret in [claim.token("/claim/"), scheduled.token("/cancel/")] {
            assert!(!rows.contains(&secret), "no row holds a link");
        }
    }

    /// Odd case 9: a payer who is asked a second time reads why, and what it costs now.
    async fn a_payer_who_is_asked_again_reads_why(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, refund) = overpaid(&world, "HA-20419", PAYER).await;
        emails(&world, &refund).await;
        claim_by(&world, &server.received(1).remove(0)).await;
        emails(&world, &refund).await;
        world.engine.sandbox_rail(Network::Tron, SandboxMode::Dear).await.expect("dear");
        world.wait("PT72H").await;
        emails(&world, &refund).await;
        world.wait("P3D").await;
        let sent = emails(&world, &refund).await;
        let kinds: Vec<EmailKind> = sent.iter().map(|email| email.kind).collect();
        assert_eq!(kinds, [EmailKind::Claim, EmailKind::Scheduled, EmailKind::Delayed, EmailKind::Claim]);
        let again = server.received(4).remove(3);
        assert!(again.text.contains("The network fee stayed above the one you agreed to"), "{}", again.text);
        assert!(again.text.contains("2.500000 USDT now") && !again.text.contains("You paid more"), "{}", again.text);
        claim_by(&world, &again).await;
    }

    /// CP-10, CP-11: whoever did not ask for the refund stops it by the mail, and the merchant is told at once.
    async fn a_payer_who_did_not_ask_cancels_by_the_mail(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_addresses(&world).await;
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        world.claim(&refund, PAYERS_ADDRESS).await;
        emails(&world, &refund).await;
        let mails = server.received(1);
        let scheduled = mails.iter().find(|mail| mail.subject.contains("leaves on")).expect("the confirmation");
        let cancel = CancelToken::from_untrusted(&scheduled.token("/cancel/"));
        let note = Some("I was asleep".to_owned());
        world.engine.cancel_claim(&cancel, CancelReason::NotRequested, note).await.expect("canceled");
        emails(&world, &refund).await;
        let mails = server.received(3);
        let to = |address: &str| mails.iter().rfind(|mail| mail.to == address).expect("a mail");
        assert_eq!(to(PAYER).subject, "Your refund was cancelled");
        assert!(to(PAYER).text.contains("Only Halden Audio can start a new refund."), "CP-13");
        let alert = to("alerts@halden.example");
        assert_eq!(alert.subject, "REFUND-HA-1: the payer did not ask for this refund");
        assert!(alert.text.contains("> I was asleep") && alert.text.contains("/refunds/"), "{}", alert.text);
        assert_eq!(alert.header("From"), "Refundry <refunds@mail.example>");
    }

    /// Design 11: a payer is written to in the language of their page, else in the MID's, from right to left where it runs so.
    async fn payers_read_their_own_language(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let german = Writing { language: Some(Language::German), ..Writing::default() };
        world.engine.set_writing(&world.person(Role::Owner).await, world.mid, german).await.expect("a language");
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        emails(&world, &refund).await;
        let claim = server.received(1).remove(0);
        assert_eq!(claim.subject, "48,897896 USDT von Halden Audio zum Abholen");
        assert!(claim.html.contains("<html lang=\"de\" dir=\"ltr\">") && claim.text.contains("Netzwerkgebühr"), "{}", claim.html);
        world.engine.remember_language(&claim_token(&refund), Language::Arabic).await.expect("remembered");
        claim_by(&world, &claim).await;
        emails(&world, &refund).await;
        let scheduled = server.received(2).remove(1);
        assert!(scheduled.html.contains("<html lang=\"ar\" dir=\"rtl\">") && scheduled.html.contains("text-align:right"), "{}", scheduled.html);
        assert!(scheduled.subject.contains("الخميس") && scheduled.html.contains("<p dir=\"ltr\""), "{}", scheduled.subject);
        assert!(scheduled.text.contains(PAYERS_ADDRESS) && scheduled.text.contains("Tron (TRC20)"), "names stay as they are");
        let view = world.engine.claim_view(&claim_token(&refund), None).await.expect("a page");
        assert_eq!(view.spoken, Spoken { chosen: Some(Language::Arabic), by_default: Some(Language::German) });
    }

    /// Requirements 3.2: reminders 30, 7 and 1 days before the end, to the second, and a word when it is over.
    async fn reminders_come_when_the_policy_says(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        emails(&world, &refund).await;
        world.wait("PT1439H59M59S").await;
        assert_eq!(server.received(1).len(), 1, "one second early nobody is reminded");
        world.wait("PT1S").await;
        world.wait("P23D").await;
        world.wait("P6D").await;
        world.wait("P1D").await;
        let subjects: Vec<String> = server.received(5).into_iter().map(|mail| mail.subject).collect();
        let ends = |left: &str| format!("Your refund link ends in {left}");
        assert_eq!(subjects[1..], [ends("30 days"), ends("7 days"), ends("1 day"), "Your refund has expired".to_owned()]);
        let claim = server.received(5).remove(2);
        assert_eq!(claim.token("/claim/"), claim_token(&refund).expose(), "a reminder carries the link");
    }

    /// Without a mail server nothing is queued, and the link is the merchant's to send.
    async fn without_a_mail_server_nobody_is_written_to(world: World) {
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        assert!(emails(&world, &refund).await.is_empty() && refund.claim_url.is_some());
        assert!(!world.engine.settings().writes_email);
        let off = world.engine.send_test_email(&PAYER.parse().expect("an address")).await;
        assert!(matches!(off, Err(Error::EmailOff)), "{off:?}");
    }

    /// `notify`, of the policy and of a refund: whom Refundry does not write to gets nothing, unless somebody asks for it.
    async fn whoever_is_not_to_be_written_to_is_not(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        world.policy(|policy| policy.notify = Notify::Merchant).await;
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        assert!(emails(&world, &refund).await.is_empty());
        world.engine.notify_payer(&world.caller, RefundId(refund.id)).await.expect("asked for");
        assert_eq!(fates(&emails(&world, &refund).await), [(EmailKind::Claim, EmailState::Sent)]);
        let soon = world.engine.notify_payer(&world.caller, RefundId(refund.id)).await;
        assert!(matches!(soon, Err(Error::RateLimited { wait_secs: 300 })), "{soon:?}");
        world.wait("PT5M").await;
        world.engine.notify_payer(&world.caller, RefundId(refund.id)).await.expect("five minutes later");
    }

    /// Design 5.3: "Email me the cancel link again" writes to the payer, whoever asks, and not as often as they like.
    async fn the_cancel_link_is_sent_again(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, refund) = overpaid(&world, "HA-1", PAYER).await;
        let token = claim_token(&refund);
        let early = world.engine.email_cancel_link_again(&token).await;
        assert!(matches!(early, Err(Error::Refused(_))), "nothing to cancel yet: {early:?}");
        world.claim(&refund, PAYERS_ADDRESS).await;
        let soon = world.engine.email_cancel_link_again(&token).await;
        assert!(matches!(soon, Err(Error::RateLimited { .. })), "{soon:?}");
        world.wait("PT5M").await;
        let sent_to = world.engine.email_cancel_link_again(&token).await.expect("sent again");
        assert_eq!(sent_to.as_deref(), Some("m•••@example.com"));
        emails(&world, &refund).await;
        let mails = server.received(2);
        assert_eq!(mails[0].token("/cancel/"), mails[1].token("/cancel/"));
        assert!(mails[1].text.contains("Here is the cancel link"));
        assert_eq!(fates(&emails(&world, &refund).await).last(), Some(&(EmailKind::CancelLink, EmailState::Sent)));
    }

    /// Developers read in the sandbox what payers would be told, without a mail server and without a row; other merchants' staff, and who may
    /// not act for payers, do not: the links work.
    async fn a_developer_reads_the_payers_mails_in_the_sandbox(world: World) {
        let (invoice, refund) = overpaid(&world, "HA-1", PAYER).await;
        let (id, developer) = (InvoiceId(invoice.id), world.person(Role::Manager).await);
        let mails = world.engine.sandbox_mails(&developer, id).await.expect("mails");
        let [offer] = mails.as_slice() else { panic!("one mail: {mails:?}") };
        assert_eq!(offer.subject, "48.897896 USDT to claim from Halden Audio");
        assert_eq!((offer.to.as_deref(), &offer.link), (Some(PAYER), &refund.claim_url));
        assert!(offer.text.contains("You paid more than order HA-1 cost."), "{}", offer.text);

        world.claim(&refund, PAYERS_ADDRESS).await;
        let mails = world.engine.sandbox_mails(&developer, id).await.expect("mails");
        let [confirmation] = mails.as_slice() else { panic!("one mail: {mails:?}") };
        let (_, token) = confirmation.link.as_deref().and_then(|link| link.split_once("/cancel/")).expect("the cancel link");
        world.engine.cancel_page(&CancelToken::from_untrusted(token)).await.expect("it works");
        assert!(world.refund(&invoice).await.emails.is_empty());
        assert!(!world.dump().await.contains(token), "no row holds a link");

        let foreign = world.engine.sandbox_mails(&world.stranger().await, id).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
        let viewer = world.engine.sandbox_mails(&world.person(Role::Viewer).await, id).await;
        assert!(matches!(viewer, Err(Error::Forbidden)), "{viewer:?}");
        world.policy(|policy| policy.notify = Notify::Merchant).await;
        let (silent, _) = overpaid(&world, "HA-2", PAYER).await;
        assert!(world.engine.sandbox_mails(&developer, InvoiceId(silent.id)).await.expect("mails").is_empty(), "the merchant writes");
    }

    /// Reliability row 28: what merchants and payers type stays where it stands, in headers, text and HTML.
    async fn what_people_type_stays_where_it_stands(world: World) {
        let server = SmtpServer::start();
        let payloads = [
            "\"><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "x\r\nBcc: thief@example.com", "x\nSubject: pwned\n\n<b>body</b>",
            "=?utf-8?q?=0D=0ABcc:_thief@example.com?=", "\u{202e}moc.elpmaxe//:sptth", "{{ letter.subject }}", "{% include 'x' %}",
            "'; DROP TABLE emails; --", "%0d%0aBcc:thief@example.com", "</p></td></table><a href=https://evil.example>claim</a>", "\u{2028}Bcc: t@e.example",
            "Halden \u{1f4b8} Audio, \"Q\" <evil@example.com>", "a\u{0000}b",
        ];
        let world = world.with_mail(server.settings()).await;
        for (index, payload) in payloads.iter().enumerate() {
            // What has control characters is refused where it comes in; what else it holds stands in the mail.
            let text: String = payload.chars().filter(|c| !c.is_control()).collect();
            let (_, mid) = world.engine.add_mid(&format!("{index} {text}"), "Shop", None).await.expect("a MID");
            let key = world.engine.add_key(mid, true).await.expect("a key");
            let caller = world.engine.key(&key.secret).await.expect("a look-up").expect("the key");
            let world = World { mid, caller, engine: world.engine.clone(), clock: world.clock.clone(), database: crate::support::world::Database::Sqlite("/nonexistent".into()) };
            let invoice = world.invoice_for(&text, PAYER).await;
            world.pay(&invoice, "101.102104").await;
            let new = |message: &str| NewRefund { message: Some(message.to_owned()), ..NewRefund::default() };
            let (id, invoice) = (RefundId(uuid::Uuid::now_v7()), domain::ids::InvoiceId(invoice.id));
            match world.engine.create_refund(&world.caller, invoice, new(payload), id).await {
                Ok(_) => {}
                Err(Error::Invalid(_)) => {
                    world.engine.create_refund(&world.caller, invoice, new(&text), id).await.expect("a refund");
                }
                Err(error) => panic!("{payload:?}: {error}"),
            }
            world.engine.run_due_jobs().await.expect("jobs run");
            let mail = server.received(index.saturating_add(1)).remove(index);
            let names: Vec<String> = mail.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
            assert_eq!(names, ["message-id", "from", "to", "subject", "date", "auto-submitted", "mime-version", "content-type"], "{payload:?}");
            assert_eq!(mail.to, PAYER, "{payload:?}");
            assert!(mail.header("From").ends_with("<refunds@mail.example>"), "{}", mail.header("From"));
            for hostile in ["<script", "<img", "<b>", "<a href=https", "\u{202e}", "\u{2028}", "\u{0000}"] {
                assert!(!mail.html.contains(hostile) && (hostile.starts_with('<') || !mail.text.contains(hostile)), "{hostile:?} of {payload:?}");
            }
            let starts_a_line = |text: &str| text.lines().any(|line| line.starts_with("Bcc:") || line.starts_with("Subject:") || line.starts_with("<b>"));
            assert!(!starts_a_line(&mail.text), "{}", mail.text);
            let links: Vec<&str> = mail.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let [claim, privacy] = links.as_slice() else { panic!("two links only: {payload:?} {links:?}") };
            assert!(claim.contains("/claim/") && privacy.ends_with("/privacy"), "{payload:?} {links:?}");
            assert!(!mail.html.contains("src=\"") && !mail.html.contains("url("), "nothing is loaded, nobody is tracked");
        }
    }
}

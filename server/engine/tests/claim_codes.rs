//! Codes by mail: what a claim needs beside its link above the policy's `low_risk_band` (odd case 34).

use domain::claim::{ClaimForm, ClaimToken};
use domain::claim_code::Needs;
use domain::email::{EmailKind, EmailState};
use domain::ids::{EndpointId, RefundId};
use domain::lifecycle::Refused;
use domain::merchant::Role;
use domain::policy::DestinationSource;
use domain::refund::{CancelReason, HoldReason, StateName};
use domain::view::{InvoiceView, RefundView};
use engine::Error;
use uuid::Uuid;

use crate::emails::{PAYER, emails, fates, overpaid, report};
use crate::support::sink::Sink;
use crate::support::smtp::{Mail, SmtpServer};
use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form, tron_address};

/// Every refund here is worth more.
pub async fn set_band(world: &World) {
    world.policy(|policy| policy.low_risk_band = Some("USD:40".parse().expect("limits"))).await;
}

pub fn with_code(address: &str, code: &str) -> ClaimForm {
    ClaimForm { code: code.to_owned(), ..form(address) }
}

/// The six digits of a mail.
pub fn code_in(mail: &Mail) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.text.lines().find(is_code).unwrap_or_else(|| panic!("no code in {}", mail.text)).to_owned()
}

/// Another code than that.
fn another_than(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", number.wrapping_add(1) % 1_000_000)
}

/// Confirms, and returns what is said of the code; nothing when the claim is confirmed.
async fn said_of(world: &World, token: &ClaimToken, form: &ClaimForm) -> Option<String> {
    match world.engine.confirm_claim(token, form, None).await {
        Ok(_) => None,
        Err(Error::Invalid(errors)) => {
            assert_eq!(errors.0.len(), 1, "{errors:?}");
            assert_eq!(errors.0[0].field, "code", "{errors:?}");
            Some(errors.0[0].code.clone())
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// Asks for a code for an address, and reads it in the mail that comes as the last of `mails`.
async fn code_for(world: &World, server: &SmtpServer, token: &ClaimToken, address: &str, mails: usize) -> String {
    assert_eq!(said_of(world, token, &form(address)).await.as_deref(), Some("sent"));
    world.engine.run_due_jobs().await.expect("jobs run");
    code_in(server.received(mails).last().expect("the mail"))
}

/// Says whether a text names a code, not merely its digits within a longer number.
fn names(text: &str, code: &str) -> bool {
    let is_edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_ascii_hexdigit());
    let around: Vec<&str> = text.split(code).collect();
    around.windows(2).any(|pair| is_edge(pair[0].chars().next_back()) && is_edge(pair[1].chars().next()))
}

fn notes(refund: &RefundView) -> Vec<&str> {
    refund.timeline.iter().filter_map(|entry| entry.note.as_deref()).collect()
}

/// A refund above the band whose payer was sent the link.
async fn offered(world: &World, reference: &str) -> (InvoiceView, ClaimToken) {
    set_band(world).await;
    let (invoice, refund) = overpaid(world, reference, PAYER).await;
    emails(world, &refund).await;
    (invoice, claim_token(&refund))
}

async fn due(world: &World, invoice: &InvoiceView) -> RefundView {
    // The time to cancel begins with the mail that has the link for it.
    world.engine.run_due_jobs().await.expect("jobs run");
    world.wait("PT72H").await;
    world.settle().await;
    world.refund(invoice).await
}

stories! {
    async fn up_to_the_band_the_link_is_enough(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        world.policy(|policy| policy.low_risk_band = Some("USD:60".parse().expect("limits"))).await;
        let (invoice, refund) = overpaid(&world, "B-1", PAYER).await;
        let token = claim_token(&refund);
        assert_eq!(world.engine.claim_view(&token, None).await.expect("the page").needs, Needs::LinkAlone);
        assert_eq!(said_of(&world, &token, &form(PAYERS_ADDRESS)).await, None);
        assert_eq!(notes(&world.refund(&invoice).await), Vec::<&str>::new());
        assert_eq!(due(&world, &invoice).await.state, StateName::Paid);
    }

    /// The code is in the mail, and nowhere else: not in a row, so in no webhook and no audit log.
    async fn a_code_is_in_its_mail_and_nowhere_else(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let sink = Sink::start().await;
        world.engine.add_endpoint(&world.caller, &sink.url, None, EndpointId(Uuid::now_v7())).await.expect("an endpoint");
        let (invoice, token) = offered(&world, "HA-20418").await;
        assert_eq!(world.engine.claim_view(&token, None).await.expect("the page").needs, Needs::Code { again_at: None });
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        let mail = server.received(2).remove(1);
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), (PAYER, "Your code for the refund from Halden Audio"));
        for expected in ["It confirms that 48.897896 USDT goes to TX3sfq…q2fvSV", "It works for 10 minutes, once.", "Never pass this code on"] {
            assert!(mail.text.contains(expected) && mail.html.contains(expected), "{expected} in {}", mail.text);
        }
        assert!(mail.html.contains(&code) && !mail.subject.contains(&code));
        assert!(!mail.text.contains("/claim/") && !mail.text.contains(PAYERS_ADDRESS), "{}", mail.text);
        assert_eq!(said_of(&world, &token, &form(PAYERS_ADDRESS)).await.as_deref(), Some("sent"), "the same one again");
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await, None);
        let refund = world.refund(&invoice).await;
        assert_eq!(notes(&refund), ["code_sent", "code_given"]);
        let sent = emails(&world, &refund).await;
        assert_eq!(fates(&sent)[..2], [(EmailKind::Claim, EmailState::Sent), (EmailKind::Code, EmailState::Sent)]);
        assert!(!names(&world.dump().await, &code), "the code is in a row");
        assert!(sink.received().iter().all(|webhook| !names(&format!("{webhook:?}"), &code)), "the code is in a webhook");
        assert_eq!(due(&world, &invoice).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    async fn the_fifth_wrong_code_ends_the_right_one(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-2").await;
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        let wrong = with_code(PAYERS_ADDRESS, &another_than(&code));
        for expected in ["wrong", "wrong", "wrong", "wrong", "ended", "ended"] {
            assert_eq!(said_of(&world, &token, &wrong).await.as_deref(), Some(expected));
        }
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await.as_deref(), Some("ended"));
        assert_eq!(world.refund(&invoice).await.state, StateName::AwaitingClaim);
        world.wait("PT1M").await;
        let next = code_for(&world, &server, &token, PAYERS_ADDRESS, 3).await;
        if next != code {
            assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await.as_deref(), Some("wrong"));
        }
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &next)).await, None);
    }

    /// Many at once are no more than one after the other: each try is counted before it is looked at.
    async fn of_twenty_guesses_at_once_five_are_looked_at(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, token) = offered(&world, "B-3").await;
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (engine, token, wrong) = (world.engine.clone(), token.clone(), with_code(PAYERS_ADDRESS, &another_than(&code)));
            guesses.spawn(async move { engine.confirm_claim(&token, &wrong, None).await });
        }
        assert!(guesses.join_all().await.iter().all(Result::is_err));
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await.as_deref(), Some("ended"));
    }

    async fn a_code_works_for_ten_minutes(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-4").await;
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        world.wait("PT10M").await;
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await.as_deref(), Some("ended"));
        let next = code_for(&world, &server, &token, PAYERS_ADDRESS, 3).await;
        world.wait("PT9M59S").await;
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &next)).await, None);
        assert_eq!(notes(&world.refund(&invoice).await), ["code_sent", "code_sent", "code_given"]);
    }

    /// A code proves one address: whoever was talked out of it confirmed nothing for a thief.
    async fn a_code_is_for_the_address_it_was_asked_for(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-5").await;
        let elsewhere = tron_address(7);
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        assert_eq!(said_of(&world, &token, &with_code(&elsewhere, &code)).await.as_deref(), Some("ended"));
        let other = code_for(&world, &server, &token, &elsewhere, 3).await;
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await.as_deref(), Some("ended"), "another address came since");
        assert_eq!(said_of(&world, &token, &with_code(&elsewhere, &other)).await, None);
        let refund = world.refund(&invoice).await;
        assert_eq!(refund.destination.map(|to| to.address), Some(elsewhere));
    }

    async fn three_codes_are_mailed_in_an_hour(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (_, token) = offered(&world, "B-6").await;
        let again = ClaimForm { new_code: "on".to_owned(), ..form(PAYERS_ADDRESS) };
        for _ in 0..3 {
            assert_eq!(said_of(&world, &token, &again).await.as_deref(), Some("sent"));
            assert_eq!(said_of(&world, &token, &again).await.as_deref(), Some("sent"), "a double click");
            world.engine.run_due_jobs().await.expect("jobs run");
            world.wait("PT15M").await;
        }
        assert_eq!(server.received(4).iter().filter(|mail| mail.subject.contains("code")).count(), 3);
        let Err(Error::Invalid(errors)) = world.engine.confirm_claim(&token, &again, None).await else { panic!("a fourth") };
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code.as_str()), ("code", "too_many"));
        assert!(errors.0[0].message.contains("before 2024-10-14T08:34:09Z"), "{errors:?}");
        let again_at = Some("2024-10-14T08:34:09Z".parse().expect("an instant"));
        assert_eq!(world.engine.claim_view(&token, None).await.expect("the page").needs, Needs::Code { again_at });
        world.wait("PT15M").await;
        assert_eq!(said_of(&world, &token, &again).await.as_deref(), Some("sent"));
    }

    /// Who holds the link alone can waste the codes; then a person looks, and the payer is not shut out.
    async fn where_all_codes_are_wasted_a_person_looks(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-20").await;
        let again = ClaimForm { new_code: "on".to_owned(), ..form(PAYERS_ADDRESS) };
        for _ in 0..20 {
            assert_eq!(said_of(&world, &token, &again).await.as_deref(), Some("sent"));
            world.wait("PT21M").await;
        }
        assert_eq!(world.engine.claim_view(&token, None).await.expect("the page").needs, Needs::Review);
        assert_eq!(said_of(&world, &token, &form(PAYERS_ADDRESS)).await, None);
        assert_eq!(due(&world, &invoice).await.hold_reason, Some(HoldReason::LinkAlone));
    }

    /// What the merchant's people let go, for want of a code, does not let go what only the operator may.
    async fn a_listed_address_is_the_operators_whoever_looked_at_it_before(world: World) {
        set_band(&world).await;
        let (manager, operator) = (world.person(Role::Manager).await, world.operator().await);
        let invoice = world.invoice("B-21").await;
        world.pay(&invoice, "150").await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        let held = due(&world, &invoice).await;
        assert_eq!(held.hold_reason, Some(HoldReason::LinkAlone));
        world.engine.import_sanctions("ofac", PAYERS_ADDRESS).await.expect("a list");
        world.engine.release_refund(&manager, RefundId(held.id)).await.expect("let go");
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.hold_reason, Some(HoldReason::Screening));
        let refused = world.engine.release_refund(&manager, RefundId(held.id)).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
        world.engine.release_refund(&operator, RefundId(held.id)).await.expect("let go");
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    /// Nobody can be asked: the claim is taken, a person looks before anything is sent, and the e-mail that came with the claim is no proof.
    async fn without_an_email_known_before_a_person_looks(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        set_band(&world).await;
        let manager = world.person(Role::Manager).await;
        let invoice = world.invoice("B-7").await;
        world.pay(&invoice, "150").await;
        let token = claim_token(&world.refund(&invoice).await);
        assert_eq!(world.engine.claim_view(&token, None).await.expect("the page").needs, Needs::Review);
        let typed = ClaimForm { email: "thief@example.com".to_owned(), ..form(PAYERS_ADDRESS) };
        assert_eq!(said_of(&world, &token, &typed).await, None);
        assert_eq!(notes(&world.refund(&invoice).await), ["unproven"]);
        let held = due(&world, &invoice).await;
        assert_eq!((held.state, held.hold_reason), (StateName::OnHold, Some(HoldReason::LinkAlone)));
        world.engine.release_refund(&manager, RefundId(held.id)).await.expect("let go");
        world.settle().await;
        assert_eq!(world.refund(&invoice).await.state, StateName::Paid);
        world.assert_books_agree().await;
    }

    async fn without_a_mail_server_a_person_looks(world: World) {
        set_band(&world).await;
        let invoice = world.invoice_for("B-8", PAYER).await;
        world.pay(&invoice, "150").await;
        world.claim(&world.refund(&invoice).await, PAYERS_ADDRESS).await;
        assert_eq!(due(&world, &invoice).await.hold_reason, Some(HoldReason::LinkAlone));
    }

    async fn where_mails_come_back_a_person_looks(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-9").await;
        code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        let bounce = report(&server.received(2)[1]);
        world.engine.email_came_back(bounce.as_bytes()).await.expect("a report");
        assert_eq!(said_of(&world, &token, &form(PAYERS_ADDRESS)).await, None);
        let refund = world.refund(&invoice).await;
        assert_eq!(notes(&refund), ["code_sent", "undelivered", "unproven"]);
        assert_eq!(due(&world, &invoice).await.hold_reason, Some(HoldReason::LinkAlone));
    }

    /// What a person looked at was one address: another link asks anew.
    async fn another_link_needs_another_proof(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-10").await;
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await, None);
        let id = RefundId(world.refund(&invoice).await.id);
        world.engine.hold_refund(&world.caller, id).await.expect("held");
        let manager = world.person(Role::Manager).await;
        world.engine.release_refund(&manager, id).await.expect("let go");
        world.engine.cancel_refund(&world.caller, id, CancelReason::Other, None).await.expect("canceled");
        world.engine.reissue_refund(&world.caller, id).await.expect("offered again");
        let token = claim_token(&world.refund(&invoice).await);
        assert_eq!(said_of(&world, &token, &with_code(PAYERS_ADDRESS, &code)).await.as_deref(), Some("ended"));
        assert_eq!(said_of(&world, &token, &form(PAYERS_ADDRESS)).await.as_deref(), Some("sent"));
    }

    /// Whoever is first with a right code has it; both clicks of a double click succeed, and a repeat later.
    async fn a_right_code_is_given_once(world: World) {
        let server = SmtpServer::start();
        let world = world.with_mail(server.settings()).await;
        let (invoice, token) = offered(&world, "B-11").await;
        let code = code_for(&world, &server, &token, PAYERS_ADDRESS, 2).await;
        let right = with_code(PAYERS_ADDRESS, &code);
        let clicks = tokio::join!(world.engine.confirm_claim(&token, &right, None), world.engine.confirm_claim(&token, &right, None));
        assert!(clicks.0.is_ok() && clicks.1.is_ok(), "{clicks:?}");
        assert!(world.engine.confirm_claim(&token, &right, None).await.is_ok());
        for repeat in [form(PAYERS_ADDRESS), with_code(PAYERS_ADDRESS, &another_than(&code))] {
            let refused = world.engine.confirm_claim(&token, &repeat, None).await;
            assert!(matches!(refused, Err(Error::Refused(Refused::AlreadyClaimed { .. }))), "the link and the address are not enough");
        }
        let second = world.engine.confirm_claim(&token, &with_code(&tron_address(3), &code), None).await;
        assert!(matches!(second, Err(Error::Refused(Refused::AlreadyClaimed { .. }))), "{second:?}");
        assert_eq!(notes(&world.refund(&invoice).await), ["code_sent", "code_given", "claimed_again"]);
        assert_eq!(due(&world, &invoice).await.state, StateName::Paid);
    }

    /// What the merchant directs is nobody's claim by a link.
    async fn a_merchant_who_says_where_to_needs_no_code(world: World) {
        world
            .policy(|policy| {
                policy.low_risk_band = Some("USD:0".parse().expect("limits"));
                policy.destination_source = DestinationSource::Merchant;
            })
            .await;
        let invoice = world.invoice("B-12").await;
        world.pay(&invoice, "150").await;
        let id = RefundId(world.refund(&invoice).await.id);
        world.engine.direct_refund(&world.caller, id, PAYERS_ADDRESS, None).await.expect("directed");
        assert_eq!(due(&world, &invoice).await.state, StateName::Paid);
    }
}

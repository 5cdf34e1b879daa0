//! What a payer says and sees before and beside a claim: the payment page, the consent, the receipt, the brand, on both databases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::claim::{ClaimForm, ClaimToken};
use domain::ids::InvoiceId;
use domain::invoice::InvoiceStatus;
use domain::merchant::Role;
use domain::policy::{Notify, OnLate, OnOver, OnUnder, Policy};
use domain::privacy::PrivacyText;
use domain::refund::{CancelReason, Reason};
use domain::view::{ClaimViewState, InvoiceView, PayView};
use engine::Error;
use engine::brands::NewBrand;
use engine::clock::Clock as _;
use engine::invoices::NewInvoice;
use engine::privacy::NewPrivacy;
use engine::receipts::Checked;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::support::payments::pay_otherwise;
use crate::support::world::{PAYERS_ADDRESS, World, cancel_token, claim_token, form};
use crate::support::{smtp, stories};

/// A logo: the beginning of a PNG is enough to be told by.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a very small picture";

stories! {
    /// CP-03, CP-04, CP-08: the e-mail address and the consent come first, are asked for once, and the claim does not ask again.
    async fn what_is_said_before_paying_is_not_asked_again(world: World) {
        let invoice = world.invoice("P-1").await;
        assert!(look(&world, &invoice, None).await.asks_email);
        let id = InvoiceId(invoice.id);
        let refused = world.engine.agree_at_payment(id, "ann", "").await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0.len() == 2), "{refused:?}");
        world.engine.agree_at_payment(id, "ann@example.com", "1").await.expect("kept");
        world.engine.agree_at_payment(id, "thief@example.com", "1").await.expect("a repeat is no error");
        assert_eq!(world.look(&invoice).await.payer_email.as_deref(), Some("ann@example.com"), "the first to say it is heard");
        assert!(!look(&world, &invoice, None).await.asks_email);

        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert!(page.asked.is_agreed && !page.asked.email);
        assert_eq!(page.email.as_deref(), Some("a•••@example.com"));
        let without = ClaimForm { consent: String::new(), ..form(PAYERS_ADDRESS) };
        world.engine.confirm_claim(&claim_token(&refund), &without, None).await.expect("consent was given before");
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert!(audit.ok, "{:?}", audit.broken);
    }

    /// Money in another coin leaves an invoice unpaid; who comes after it is not heard, and is nobody to write codes and links to.
    async fn nobody_becomes_the_payer_after_money_came(world: World) {
        let invoice = world.invoice("P-30").await;
        pay_otherwise(&world, &invoice, "101.102104", |deposit| deposit.asset = Some("USDC-TRON".to_owned())).await;
        assert_eq!(world.look(&invoice).await.status, InvoiceStatus::Pending);
        world.engine.agree_at_payment(InvoiceId(invoice.id), "thief@example.com", "1").await.expect("nothing is done");
        assert_eq!(world.look(&invoice).await.payer_email, None);
    }

    /// CP-08: a merchant's own text goes before Refundry's, and what the payer saw is what is kept; who saw another one is asked again.
    async fn payers_agree_to_the_text_that_they_were_shown(world: World) {
        let owner = world.person(Role::Owner).await;
        let (merchant, invoice) = (world.merchant().await, world.invoice("P-20").await);
        let shown = look(&world, &invoice, None).await.brand.privacy_text();
        assert_eq!(shown, PrivacyText::OWN);
        // While the payer reads, the merchant publishes a text of its own.
        let first = privacy("https://halden.example/privacy", "2026-11");
        world.engine.set_privacy(&owner, merchant, first.clone()).await.expect("kept");
        let id = InvoiceId(invoice.id);
        let late = world.engine.agree_at_payment(id, "ann@example.com", &shown.to_string()).await;
        assert!(matches!(&late, Err(Error::Invalid(errors)) if errors.0[0].code == "changed"), "{late:?}");
        let page = look(&world, &invoice, None).await;
        assert_eq!(page.brand.privacy.as_ref().map(|text| text.version.as_str()), Some("2026-11"));
        let agreed = page.brand.privacy_text();
        world.engine.agree_at_payment(id, "ann@example.com", &agreed.to_string()).await.expect("kept");

        // The claim does not ask again for the same text, but for another one: here the MID's own.
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        let token = claim_token(&refund);
        assert!(world.engine.claim_view(&token, None).await.expect("the page").asked.is_agreed);
        world.engine.set_privacy(&owner, world.mid, privacy("https://eu.halden.example/privacy", "1")).await.expect("kept");
        let page = world.engine.claim_view(&token, None).await.expect("the page");
        assert!(!page.asked.is_agreed);
        for (ticked, code) in [(String::new(), "required"), (agreed.to_string(), "changed"), ("on".to_owned(), "changed")] {
            let refused = world.engine.confirm_claim(&token, &ClaimForm { consent: ticked, ..form(PAYERS_ADDRESS) }, None).await;
            assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0[0].code == code), "{refused:?}");
        }
        let ticked = ClaimForm { consent: page.asked.text.to_string(), ..form(PAYERS_ADDRESS) };
        world.engine.confirm_claim(&token, &ticked, None).await.expect("confirmed");
        let consent = world.refund(&invoice).await.consent.expect("what was agreed to");
        assert_eq!((consent.url.as_str(), consent.version.as_str()), ("https://eu.halden.example/privacy", "1"));

        // Without one of its own the MID says its merchant's again; what was agreed to stays.
        let none = world.engine.set_privacy(&owner, world.mid, NewPrivacy::default()).await.expect("kept");
        assert_eq!((none.text, none.texts.len()), (None, 1));
        assert_eq!(world.refund(&invoice).await.consent.expect("as before"), consent);
        let second = world.invoice("P-21").await;
        world.pay(&second, "150").await;
        let refund = world.refund(&second).await;
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert_eq!(page.asked.text, agreed);
        let ticked = ClaimForm { consent: agreed.to_string(), ..form(PAYERS_ADDRESS) };
        world.engine.confirm_claim(&claim_token(&refund), &ticked, None).await.expect("confirmed");
        let consent = world.refund(&second).await.consent.expect("what was agreed to");
        assert_eq!((consent.url.as_str(), consent.version.as_str()), ("https://halden.example/privacy", "2026-11"));
    }

    /// A version is of one link for ever, because consents name it; only who may change settings says which goes.
    async fn a_version_of_a_privacy_policy_is_of_one_link(world: World) {
        let owner = world.person(Role::Owner).await;
        let november = privacy("https://halden.example/privacy", "2026-11");
        let first = world.engine.set_privacy(&owner, world.mid, november.clone()).await.expect("kept").text.expect("a text");
        let moved = world.engine.set_privacy(&owner, world.mid, privacy("https://halden.example/data", "2026-11")).await;
        assert!(matches!(&moved, Err(Error::Invalid(errors)) if errors.0[0].code == "taken"), "{moved:?}");
        let half = world.engine.set_privacy(&owner, world.mid, NewPrivacy { version: None, ..november.clone() }).await;
        assert!(matches!(&half, Err(Error::Invalid(errors)) if errors.0[0].field == "version"), "{half:?}");
        world.engine.set_privacy(&owner, world.mid, privacy("https://halden.example/data", "2026-12")).await.expect("another version");
        let back = world.engine.set_privacy(&owner, world.mid, november.clone()).await.expect("back to the first");
        assert_eq!((back.text, back.texts.len()), (Some(first), 2), "the same text, not a third one");

        // How it looks is another matter: neither changes the other.
        world.engine.set_brand(&owner, world.mid, NewBrand { name: Some("Halden EU".to_owned()), ..NewBrand::default() }).await.expect("kept");
        assert!(world.engine.privacy(&owner, world.mid).await.expect("as before").text.is_some());
        for role in [Role::Manager, Role::Support, Role::Viewer] {
            let person = world.person(role).await;
            assert!(matches!(world.engine.set_privacy(&person, world.mid, november.clone()).await, Err(Error::Forbidden)), "{role:?}");
        }
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.set_privacy(&stranger, world.mid, november).await, Err(Error::NotFound)));
        assert!(matches!(world.engine.privacy(&stranger, world.mid).await, Err(Error::NotFound)));
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert!(audit.ok, "{:?}", audit.broken);
    }

    /// CP-05: the merchant said it, or writes itself: then nobody is asked. CP-08: such a claim asks for the consent.
    async fn nobody_is_asked_for_what_the_merchant_said(world: World) {
        let named = NewInvoice { payer_email: Some("ann@example.com".to_owned()), ..world.new_invoice("P-2", "USDT-TRON") };
        let named = NewInvoice { rate: Some("0.9890991".to_owned()), ..named };
        let named = world.engine.create_invoice(&world.caller, named, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
        assert!(!look(&world, &named, None).await.asks_email);
        world.engine.agree_at_payment(InvoiceId(named.id), "thief@example.com", "1").await.expect("nothing is done");
        assert_eq!(world.look(&named).await.payer_email.as_deref(), Some("ann@example.com"));
        world.pay(&named, "150").await;
        let refund = world.refund(&named).await;
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert_eq!((page.asked.is_agreed, page.asked.email), (false, false));
        let without = ClaimForm { consent: String::new(), ..form(PAYERS_ADDRESS) };
        let refused = world.engine.confirm_claim(&claim_token(&refund), &without, None).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.message("consent").is_some()), "{refused:?}");

        world.policy(|policy| policy.notify = Notify::Merchant).await;
        let silent = world.invoice("P-3").await;
        assert!(!look(&world, &silent, None).await.asks_email);
    }

    /// CP-02: e-mail refunds need a kind of payment that is refunded automatically. Where a person decides about each, nobody is asked.
    async fn nobody_is_asked_where_nothing_is_refunded_by_itself(world: World) {
        let keep_or_hold = |policy: &mut Policy| {
            (policy.on_over, policy.on_under, policy.on_late) = (OnOver::CreditAll, OnUnder::Hold, OnLate::Hold);
        };
        world.policy(keep_or_hold).await;
        let invoice = world.invoice("P-9").await;
        assert!(!look(&world, &invoice, None).await.asks_email);
        world.policy(|policy| policy.on_late = OnLate::RefundAll).await;
        let invoice = world.invoice("P-10").await;
        assert!(look(&world, &invoice, None).await.asks_email, "one kind is enough");
    }

    /// An address given with a claim is that claim's alone: another link for the same money is not sent there.
    async fn an_address_given_with_the_claim_is_not_the_invoices(world: World) {
        let invoice = world.invoice("P-4").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert!(!page.asked.email, "nobody would write to it");
        let world = world.with_mail(smtp::settings(1)).await;
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert!(page.asked.email, "nobody knows where to write to");
        let given = ClaimForm { email: "ann@example.com".to_owned(), ..form(PAYERS_ADDRESS) };
        world.engine.confirm_claim(&claim_token(&refund), &given, None).await.expect("confirmed");
        assert_eq!(world.look(&invoice).await.payer_email, None);
        assert!(world.dump().await.contains("ann@example.com"), "kept with the claim");
        let page = world.engine.claim_view(&claim_token(&refund), None).await.expect("the page");
        assert_eq!(page.email.as_deref(), Some("a•••@example.com"), "it is where the cancel link went");
    }

    /// The page is public. The claim link is shown only in the browser that had it open before anybody paid.
    async fn the_claim_link_is_for_the_browser_that_came_before_the_payment(world: World) {
        let invoice = world.invoice("P-5").await;
        let secret = look(&world, &invoice, None).await.payer_secret.expect("a secret for whoever comes first");
        world.pay(&invoice, "50").await;
        let partly = look(&world, &invoice, Some(&secret)).await;
        assert_eq!((partly.seen.as_deref(), partly.missing.as_deref()), (Some("50.000000"), Some("51.102104")));
        assert_eq!(partly.payer_secret, None, "too late for another browser");
        let stage = world.engine.pay_stage(InvoiceId(invoice.id)).await.expect("a stage");
        world.wait("PT21M").await;
        assert_ne!(world.engine.pay_stage(InvoiceId(invoice.id)).await.expect("a stage"), stage);
        let payer = look(&world, &invoice, Some(&secret)).await;
        assert_eq!((payer.invoice.status, payer.refunds.len()), (InvoiceStatus::Underpaid, 1));
        assert_eq!(payer.refunds[0].reason, Reason::Underpaid);
        let path = payer.refunds[0].claim_path.clone().expect("the payer's own link");
        let token = ClaimToken::from_untrusted(path.trim_start_matches("/claim/"));
        assert!(world.engine.claim_view(&token, None).await.is_ok());
        for other in [None, Some("guess")] {
            assert_eq!(look(&world, &invoice, other).await.refunds[0].claim_path, None, "{other:?}");
        }
    }

    /// The cancel page, and the cancel itself, in the last minutes of an outage that nobody wrote down yet: not too late.
    async fn who_comes_while_an_outage_ends_is_not_too_late(world: World) {
        world.policy(|policy| policy.security_delay = "PT2H".parse().expect("a period")).await;
        let invoice = world.invoice("P-6").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        let token = claim_token(&refund);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("confirmed");
        let cancel = cancel_token(&world.engine, &token, &viewer).await;
        world.engine.pages_are_served().await.expect("noted");
        world.clock.advance(SignedDuration::from_hours(3));

        let page = world.engine.cancel_page(&cancel).await.expect("the page");
        assert!(matches!(page.state, ClaimViewState::Scheduled { can_cancel: true, release_at, .. } if release_at < page.now), "{:?}", page.state);
        world.engine.cancel_claim(&cancel, CancelReason::WrongAddress, None).await.expect("in time");
        let page = world.engine.cancel_page(&cancel).await.expect("the page");
        assert!(matches!(page.state, ClaimViewState::Canceled { .. }), "{:?}", page.state);
        world.assert_books_agree().await;
    }

    /// CP-11: "I did not request this" takes the claim link away from whoever has it; another reason leaves it to tell what became of it.
    async fn not_requested_revokes_the_claim_link(world: World) {
        for (reference, reason, still_opens) in
            [("P-7", CancelReason::NotRequested, false), ("P-8", CancelReason::WrongAddress, true)]
        {
            let invoice = world.invoice(reference).await;
            world.pay(&invoice, "150").await;
            let refund = world.refund(&invoice).await;
            let token = claim_token(&refund);
            let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("confirmed");
            let cancel = cancel_token(&world.engine, &token, &viewer).await;
            world.engine.cancel_claim(&cancel, reason, None).await.expect("canceled");
            let opened = world.engine.claim_view(&token, Some(&viewer)).await;
            assert_eq!(opened.is_ok(), still_opens, "{reason:?}: {opened:?}");
            assert!(world.engine.cancel_page(&cancel).await.is_ok(), "the cancel link says what was done");
        }
    }

    /// A receipt proves itself, for the browser that confirmed, once the money arrived.
    async fn a_receipt_is_genuine_until_a_letter_of_it_is_changed(world: World) {
        let invoice = world.invoice("P-9").await;
        world.pay(&invoice, "150").await;
        let refund = world.refund(&invoice).await;
        let token = claim_token(&refund);
        let viewer = world.engine.confirm_claim(&token, &form(PAYERS_ADDRESS), None).await.expect("confirmed");
        assert!(matches!(world.engine.receipt(&token, Some(&viewer)).await, Err(Error::NotFound)), "not before it arrived");
        world.wait("PT72H").await;
        world.settle().await;
        let receipt = world.engine.receipt(&token, Some(&viewer)).await.expect("a receipt");
        assert_eq!((receipt.receipt.amount.as_str(), receipt.receipt.address.as_str()), ("47.647896", PAYERS_ADDRESS));
        assert_eq!(receipt, world.engine.receipt(&token, Some(&viewer)).await.expect("the same again"));
        assert!(matches!(world.engine.receipt(&token, None).await, Err(Error::NotFound)), "it names the whole address");
        let staffs = world.engine.receipt_of(&world.caller, domain::ids::RefundId(refund.id)).await.expect("the merchant's people have it, too");
        assert_eq!(staffs, receipt);
        let strangers = world.engine.receipt_of(&world.stranger().await, domain::ids::RefundId(refund.id)).await;
        assert!(matches!(strangers, Err(Error::NotFound)), "another merchant's have not: {strangers:?}");

        let json = serde_json::to_string_pretty(&receipt).expect("JSON");
        assert_eq!(world.engine.check_receipt(&json), Checked::Genuine(Box::new(receipt.receipt.clone())));
        assert_eq!(world.engine.check_receipt(&json.replace("47.647896", "147.647896")), Checked::Forged);
        assert_eq!(world.engine.check_receipt(&json.replace("\"signature\": \"", "\"signature\": \"A")), Checked::Forged);
        for text in ["", "hello", "{}"] {
            assert_eq!(world.engine.check_receipt(text), Checked::Unreadable, "{text:?}");
        }
    }

    /// What a MID does not say of its look, its merchant says; only who may change settings does.
    async fn a_mids_look_goes_before_its_merchants(world: World) {
        let invoice = world.invoice("P-10").await;
        let owner = world.person(Role::Owner).await;
        let merchant = world.merchant().await;
        let look_of = |name: Option<&str>, colour: Option<&str>| NewBrand {
            name: name.map(str::to_owned),
            colour: colour.map(str::to_owned),
            logo: Some(STANDARD.encode(PNG)),
        };
        world.engine.set_brand(&owner, merchant, look_of(Some("Halden"), Some("#0b4f4a"))).await.expect("kept");
        world.engine.set_brand(&owner, world.mid, NewBrand { name: Some("Halden EU".to_owned()), ..NewBrand::default() }).await.expect("kept");
        let page = look(&world, &invoice, None).await;
        assert_eq!(page.merchant, "Halden EU");
        assert_eq!(page.brand.colour.map(|colour| colour.to_string()).as_deref(), Some("#0b4f4a"));
        let path = page.brand.logo_path.expect("the merchant's logo");
        assert!(path.starts_with(&format!("/brand/{merchant}/")), "{path}");
        let logo = world.engine.logo(merchant.0).await.expect("the logo");
        assert_eq!((logo.bytes.as_slice(), logo.media_type.as_str()), (PNG, "image/png"));
        assert!(matches!(world.engine.logo(world.mid.0).await, Err(Error::NotFound)));

        let wrong = NewBrand {
            name: Some(String::new()),
            colour: Some("#ffd400".to_owned()),
            logo: Some(STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")),
        };
        let refused = world.engine.set_brand(&owner, world.mid, wrong).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.0.len() == 3), "{refused:?}");
        let large = NewBrand { logo: Some(STANDARD.encode([PNG, &[0; 8192]].concat())), ..NewBrand::default() };
        assert!(matches!(world.engine.set_brand(&owner, world.mid, large).await, Err(Error::Invalid(_))));
        let manager = world.person(Role::Manager).await;
        let forbidden = world.engine.set_brand(&manager, world.mid, NewBrand::default()).await;
        assert!(matches!(forbidden, Err(Error::Forbidden)), "{forbidden:?}");
        let stranger = world.stranger().await;
        assert!(matches!(world.engine.set_brand(&stranger, world.mid, NewBrand::default()).await, Err(Error::NotFound)));
        let audit = world.engine.verify_audit(None, &[]).await.expect("a verification");
        assert!(audit.ok, "{:?}", audit.broken);
    }
}

fn privacy(url: &str, version: &str) -> NewPrivacy {
    NewPrivacy { url: Some(url.to_owned()), version: Some(version.to_owned()) }
}

async fn look(world: &World, invoice: &InvoiceView, secret: Option<&str>) -> PayView {
    world.engine.pay_page(InvoiceId(invoice.id), secret).await.expect("the payment page")
}

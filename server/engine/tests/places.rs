//! Where refunds may go: addresses with tags, and sanctions lists, on both databases.

use domain::claim::ClaimForm;
use domain::ids::InvoiceId;
use domain::view::{InvoiceView, RefundView};
use engine::Error;
use engine::invoices::NewInvoice;
use engine::sanctions::Screening;
use uuid::Uuid;

use crate::support::stories;
use crate::support::world::{PAYERS_ADDRESS, World, claim_token, form};

/// An account of SEP-23's vectors, and the same one muxed with the id 1234.
const STELLAR: &str = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
const STELLAR_MUXED: &str = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAE2JUG6";
/// An account on Ethereum that OFAC listed in 2022.
const LISTED: &str = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";

stories! {
    async fn a_refund_goes_to_a_muxed_account_with_its_memo(world: World) {
        let (invoice, refund) = overpaid(&world, "M-1", "XLM-STELLAR").await;
        assert!(invoice.tag.is_some(), "a shared account tells invoices apart by memo");
        let claim = |address: &str, tag: &str| ClaimForm { tag: tag.to_owned(), ..form(address) };
        let token = claim_token(&refund);
        let contradiction = world.engine.confirm_claim(&token, &claim(STELLAR_MUXED, "1235"), None).await;
        assert_eq!(wrong_field(contradiction), ("tag".to_owned(), "tag_contradicts".to_owned()));
        world.engine.confirm_claim(&token, &claim(STELLAR_MUXED, ""), None).await.expect("a confirmed claim");
        world.wait("PT72H").await;
        world.settle().await;
        let to = world.refund(&invoice).await.destination.expect("a destination");
        assert_eq!((to.address.as_str(), to.tag.as_deref()), (STELLAR, Some("1234")));
        assert_eq!(world.refund(&invoice).await.state.name(), "paid");
        world.assert_books_agree().await;
    }

    async fn a_memo_of_words_is_kept_to_the_letter(world: World) {
        let (invoice, refund) = overpaid(&world, "M-2", "XLM-STELLAR").await;
        let form = ClaimForm { tag: "007 of Ann".to_owned(), ..form(STELLAR) };
        world.engine.confirm_claim(&claim_token(&refund), &form, None).await.expect("a confirmed claim");
        world.wait("PT72H").await;
        world.settle().await;
        let to = world.refund(&invoice).await.destination.expect("a destination");
        assert_eq!(to.tag.as_deref(), Some("007 of Ann"));
    }

    async fn nobody_claims_to_a_sanctioned_account_in_any_form(world: World) {
        world.engine.import_sanctions("ofac", &format!("# SDN\nETH,{LISTED}\n{PAYERS_ADDRESS}\nXLM,{STELLAR}")).await.expect("an import");
        for (reference, asset, address, another) in [
            ("S-1", "USDT-TRON", PAYERS_ADDRESS, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm"),
            ("S-2", "ETH-ETHEREUM", &LISTED.to_ascii_lowercase(), "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            ("S-3", "XLM-STELLAR", STELLAR_MUXED, "GDMQQNJM4UL7QIA66P7R2PZHMQINWZBM77BEBMHLFXD5JEUAHGJ7R4JZ"),
        ] {
            let (invoice, refund) = overpaid(&world, reference, asset).await;
            let refused = world.engine.confirm_claim(&claim_token(&refund), &form(address), None).await;
            let Err(Error::Invalid(errors)) = refused else { panic!("{address} was taken: {refused:?}") };
            let message = errors.message("address").expect("about the address");
            assert_eq!(message, "This address cannot receive this refund. Use another, or ask the shop.");
            assert_eq!(world.refund(&invoice).await.state.name(), "awaiting_claim", "nothing was changed");
            let another = if asset == "XLM-STELLAR" { ClaimForm { tag: "none".to_owned(), ..form(another) } } else { form(another) };
            world.engine.confirm_claim(&claim_token(&refund), &another, None).await.expect("another address is taken");
        }
    }

    async fn an_import_replaces_its_own_list_only(world: World) {
        let engine = &world.engine;
        let many: String = (0..450_u32).map(|number| format!("0x{number:040x}\n")).skip(1).collect();
        let imported = engine.import_sanctions("ofac", &format!("{many}{LISTED}\nBASE,{LISTED}\nXMR,4AdUndXHHZ6cfufTMvppY6JwXNou")).await;
        let imported = imported.expect("an import");
        assert_eq!((imported.accounts, imported.before, imported.repeated), (450, 0, 1));
        assert_eq!(imported.left_out.get("XMR"), Some(&1));
        engine.import_sanctions("eu", LISTED).await.expect("an import");
        assert_eq!(lists_naming(&world, LISTED).await, ["eu", "ofac"]);

        let imported = engine.import_sanctions("ofac", STELLAR).await.expect("an import");
        assert_eq!((imported.accounts, imported.before), (1, 450));
        assert_eq!(lists_naming(&world, &LISTED.to_ascii_lowercase()).await, ["eu"]);
        assert_eq!(lists_naming(&world, STELLAR_MUXED).await, ["ofac"]);
        let lists = engine.sanctions_lists().await.expect("lists");
        let lists: Vec<_> = lists.iter().map(|list| (list.name.as_str(), list.accounts)).collect();
        assert_eq!(lists, [("eu", 1), ("ofac", 1)]);

        assert_eq!(engine.drop_sanctions("eu").await.expect("it was there"), 1);
        assert!(lists_naming(&world, LISTED).await.is_empty());
        assert!(matches!(engine.drop_sanctions("eu").await, Err(Error::NotFound)));
    }

    async fn a_malformed_or_empty_file_changes_nothing(world: World) {
        let engine = &world.engine;
        engine.import_sanctions("ofac", LISTED).await.expect("an import");
        for text in ["", "# nothing\n", &format!("{STELLAR}\n{}", &LISTED[..41]), "dogecoins,DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"] {
            assert!(matches!(engine.import_sanctions("ofac", text).await, Err(Error::Invalid(_))), "{text:?}");
        }
        assert!(matches!(engine.import_sanctions("my list", LISTED).await, Err(Error::Invalid(_))));
        assert_eq!(lists_naming(&world, LISTED).await, ["ofac"]);
        assert!(lists_naming(&world, STELLAR).await.is_empty());
    }

    async fn a_destination_is_screened_again_later(world: World) {
        let destination = domain::destination::Destination::parse(domain::money::Network::Polygon, LISTED, None).expect("an address");
        assert_eq!(world.engine.screen(&destination).await.expect("a look-up"), Screening::Clear);
        world.engine.import_sanctions("ofac", LISTED).await.expect("an import");
        let listed = Screening::Listed { lists: vec!["ofac".to_owned()] };
        assert_eq!(world.engine.screen(&destination).await.expect("a look-up"), listed);
        assert!(matches!(world.engine.screen_address("hello").await, Err(Error::Invalid(_))));
    }
}

/// Returns an invoice of 100 that 150 came in for, and the refund of the rest.
async fn overpaid(world: &World, reference: &str, asset: &str) -> (InvoiceView, RefundView) {
    let new = NewInvoice { rate: Some("1".to_owned()), ..world.new_invoice(reference, asset) };
    let invoice = world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice");
    world.pay(&invoice, "150").await;
    let refund = world.refund(&invoice).await;
    (invoice, refund)
}

async fn lists_naming(world: &World, address: &str) -> Vec<String> {
    match world.engine.screen_address(address).await.expect("a look-up") {
        Screening::Clear => Vec::new(),
        Screening::Listed { lists } => lists,
    }
}

/// Returns the field and code of a refusal about one field.
fn wrong_field<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, String) {
    match result {
        Err(Error::Invalid(errors)) if errors.0.len() == 1 => (errors.0[0].field.clone(), errors.0[0].code.clone()),
        other => panic!("not about one field: {other:?}"),
    }
}

//! `/receipt`: says whether a receipt is genuine. What is pasted is checked and kept nowhere.

use domain::language::{Language, Spoken};
use engine::Engine;
use engine::receipts::{Checked, Receipt};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence as _, payer, receipt as said};

use super::claim::Head;
use crate::components::{Amount, Form, Offline, Payer, Shape, TextArea, When};
use crate::language::language;
use crate::reply::Submitted;
use crate::server_fns::receipt::CheckReceipt;

/// The longest receipt that is read, in characters.
const RECEIPT_CHARS_MAX: usize = 4000;

/// The page, with the answer when a receipt was sent.
#[component]
pub(crate) fn ReceiptCheck() -> impl IntoView {
    let language = language(Spoken::default());
    let submitted = use_context::<Submitted>();
    let typed = submitted.as_ref().map(|submitted| submitted.value("receipt").to_owned()).unwrap_or_default();
    let answer = submitted.map(|_| match expect_context::<Engine>().check_receipt(&typed) {
        Checked::Genuine(receipt) => view! { <Genuine receipt=*receipt language /> }.into_any(),
        Checked::Forged => {
            let text = said::ForgedText.to(language);
            view! { <Head tone="bad" shape=Shape::Cross heading=said::Forged.to(language)>{text}</Head> }.into_any()
        }
        Checked::Unreadable => {
            let text = said::UnreadableText.to(language);
            view! { <Head tone="warn" shape=Shape::Warning heading=said::Unreadable.to(language)>{text}</Head> }.into_any()
        }
    });
    let is_first = answer.is_none();
    view! {
        <Payer title=said::Title.to(language) language=Some(language)>
            {answer}
            <form class="g4" method="post" action=CheckReceipt::url()>
                {is_first.then(|| view! { <h1>{said::Title.to(language)}</h1> })}
                <div class="field">
                    <label for="receipt">{said::Content.to(language)}</label>
                    <p class="hint" id="receipt-hint">{said::ContentHint.to(language)}</p>
                    <TextArea id="receipt" text=typed maxlength=RECEIPT_CHARS_MAX described_by="receipt-hint" />
                </div>
                <button class="btn primary lg" data-busy=said::Checking.to(language)>{said::Check.to(language)}</button>
                <Offline language />
            </form>
        </Payer>
    }
    .into_any()
}

#[component]
fn Genuine(receipt: Receipt, language: Language) -> impl IntoView {
    let symbol = super::symbol(&receipt.asset);
    let tag = receipt.tag.map(|tag| view! { <dt>{payer::Tag.to(language)}</dt> <dd class="mono">{tag}</dd> });
    let text = said::GenuineText.to(language);
    view! {
        <Head tone="good" shape=Shape::Check heading=said::Genuine.to(language)>{text}</Head>
        <div>
            <dl class="kv">
                <dt>{said::Merchant.to(language)}</dt>
                <dd>{receipt.merchant}</dd>
                <dt>{said::Order.to(language)}</dt>
                <dd>{receipt.order}</dd>
                <dt>{payer::Reference.to(language)}</dt>
                <dd class="mono">{receipt.reference}</dd>
                <dt>{payer::Amount.to(language)}</dt>
                <dd><Amount value=receipt.amount unit=symbol language /></dd>
                <dt>{said::Asset.to(language)}</dt>
                <dd>{receipt.asset}</dd>
                <dt>{payer::Address.to(language)}</dt>
                <dd class="addr small">{receipt.address}</dd>
                {tag}
                <dt>{payer::Txid.to(language)}</dt>
                <dd class="addr small">{receipt.txid}</dd>
                <dt>{said::Arrived.to(language)}</dt>
                <dd><When at=receipt.paid_at form=Form::Minute language /></dd>
                <dt>{payer::Privacy.to(language)}</dt>
                <dd class="wrap"><a href=receipt.privacy_url.clone() rel="noopener noreferrer">{receipt.privacy_url.clone()}</a></dd>
            </dl>
        </div>
    }
    .into_any()
}

//! `/receipt`: says whether a receipt is genuine. What is pasted is checked and kept nowhere.

use engine::Engine;
use engine::receipts::{Checked, Receipt};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::claim::Head;
use crate::components::{Amount, Form, Payer, Shape, TextArea, When};
use crate::reply::Submitted;
use crate::server_fns::receipt::CheckReceipt;

/// The longest receipt that is read, in characters.
const RECEIPT_CHARS_MAX: usize = 4000;

/// The page, with the answer when a receipt was sent.
#[component]
pub(crate) fn ReceiptCheck() -> impl IntoView {
    let submitted = use_context::<Submitted>();
    let typed = submitted.as_ref().map(|submitted| submitted.value("receipt").to_owned()).unwrap_or_default();
    let answer = submitted.map(|_| match expect_context::<Engine>().check_receipt(&typed) {
        Checked::Genuine(receipt) => view! { <Genuine receipt=*receipt /> }.into_any(),
        Checked::Forged => view! {
            <Head tone="bad" shape=Shape::Cross heading="This receipt is not genuine">
                "It was changed, or another installation of Refundry signed it. Do not rely on it."
            </Head>
        }
        .into_any(),
        Checked::Unreadable => view! {
            <Head tone="warn" shape=Shape::Warning heading="This is not a receipt">
                "Paste the whole content of the file that was downloaded, from the first bracket to the last."
            </Head>
        }
        .into_any(),
    });
    let is_first = answer.is_none();
    view! {
        <Payer title="Check a receipt">
            {answer}
            <form class="g4" method="post" action=CheckReceipt::url()>
                {is_first.then(|| view! { <h1>"Check a receipt"</h1> })}
                <div class="field">
                    <label for="receipt">"Content of the receipt"</label>
                    <p class="hint" id="receipt-hint">"Open the file, copy everything and paste it here. It is not kept."</p>
                    <TextArea id="receipt" text=typed maxlength=RECEIPT_CHARS_MAX described_by="receipt-hint" />
                </div>
                <button class="btn primary lg" data-busy="Checking…">"Check the receipt"</button>
            </form>
        </Payer>
    }
    .into_any()
}

#[component]
fn Genuine(receipt: Receipt) -> impl IntoView {
    let symbol = super::symbol(&receipt.asset);
    let tag = receipt.tag.map(|tag| view! { <dt>"Memo or tag"</dt> <dd class="mono">{tag}</dd> });
    view! {
        <Head tone="good" shape=Shape::Check heading="This receipt is genuine">
            "Refundry signed it here. The transaction ID leads to the payment on its network."
        </Head>
        <div>
            <dl class="kv">
                <dt>"Merchant"</dt>
                <dd>{receipt.merchant}</dd>
                <dt>"Order"</dt>
                <dd>{receipt.order}</dd>
                <dt>"Reference"</dt>
                <dd class="mono">{receipt.reference}</dd>
                <dt>"Amount"</dt>
                <dd><Amount value=receipt.amount unit=symbol /></dd>
                <dt>"Asset"</dt>
                <dd>{receipt.asset}</dd>
                <dt>"Address"</dt>
                <dd class="addr small">{receipt.address}</dd>
                {tag}
                <dt>"Transaction ID"</dt>
                <dd class="addr small">{receipt.txid}</dd>
                <dt>"Arrived"</dt>
                <dd><When at=receipt.paid_at form=Form::Minute /></dd>
            </dl>
        </div>
    }
    .into_any()
}

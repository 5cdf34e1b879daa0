//! `/invoices/{id}/mails`: the sandbox's mailbox. What the payer of an invoice is written as things stand, where no mail server is set.

use domain::ids::InvoiceId;
use engine::Engine;
use engine::emails::SandboxMail;
use leptos::prelude::*;

use crate::components::{Section, Staff};
use crate::pages::{page, param};
use crate::reply::Failure;
use crate::session::caller;

/// The mails of one invoice.
#[component]
pub(crate) fn InvoiceMails() -> impl IntoView {
    let id = param("id");
    page(async move {
        let engine = expect_context::<Engine>();
        let id: InvoiceId = id.parse().map_err(|_| Failure::NoPage)?;
        let caller = caller().await?;
        let invoice = engine.invoice(&caller, id).await?;
        let mails = engine.sandbox_mails(&caller, id).await?;
        let title = format!("Mails of invoice {}", invoice.reference);
        let none = mails.is_empty().then(|| view! { <p class="soft">"The payer is written nothing as things stand."</p> });
        Ok(view! {
            <Staff title=title.clone() section=Section::Invoices caller here=format!("{}: mails", invoice.reference)>
                <h1>{title}</h1>
                <p class="soft">
                    "What a payer who can be written to is told now. Their links work: whoever opens one acts for the payer. "
                    <a href=format!("/invoices/{id}")>"Back to the invoice"</a>
                </p>
                {none}
                {mails.into_iter().map(|mail| view! { <Mail mail /> }).collect_view()}
            </Staff>
        }
        .into_any())
    })
}

#[component]
fn Mail(mail: SandboxMail) -> impl IntoView {
    let to = mail.to.unwrap_or_else(|| "nobody: no e-mail address is known".to_owned());
    view! {
        <section class="card">
            <header>
                <h2>{mail.subject}</h2>
                <p>{format!("{}, to {to}", mail.reference)}</p>
            </header>
            <div class="body g4">
                {mail.link.map(|link| view! { <div><a class="btn" href=link>"Open its link"</a></div> })}
                <pre class="mail" dir="auto">{mail.text}</pre>
            </div>
        </section>
    }
    .into_any()
}

//! `/invoices/{id}/mails`: the sandbox's mailbox. What the payer of an invoice is written as things stand, where no mail server is set.

use domain::ids::InvoiceId;
use engine::Engine;
use engine::emails::SandboxMail;
use leptos::prelude::*;
use words::staff_invoice as said;

use crate::components::{Section, Staff};
use crate::language::say;
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
        let title = say(said::MailsTitle { reference: &invoice.reference });
        let here = say(said::MailsHere { reference: &invoice.reference });
        let none = mails.is_empty().then(|| view! { <p class="soft">{say(said::NoMails)}</p> });
        Ok(view! {
            <Staff title=title.clone() section=Section::Invoices caller here>
                <h1>{title}</h1>
                <p class="soft">
                    {say(said::MailsText)} " " <a href=format!("/invoices/{id}")>{say(said::Back)}</a>
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
    let reference = &mail.reference;
    let to = match &mail.to {
        Some(email) => say(said::MailTo { email, reference }),
        None => say(said::MailToNobody { reference }),
    };
    view! {
        <section class="card">
            <header>
                <h2>{mail.subject}</h2>
                <p>{to}</p>
            </header>
            <div class="body g4">
                {mail.link.map(|link| view! { <div><a class="btn" href=link>{say(said::OpenLink)}</a></div> })}
                <pre class="mail" dir="auto">{mail.text}</pre>
            </div>
        </section>
    }
    .into_any()
}

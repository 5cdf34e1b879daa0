//! `/refunds/new`: a refund that the merchant makes itself. Asks which invoice, then how much and where to; shows what a quote would do before
//! anything is made.

mod choices;
mod preview;

use domain::claim::FieldErrors;
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::invoice::InvoiceStatus;
use domain::merchant::Right;
use domain::view::InvoiceView;
use engine::callers::Caller;
use engine::invoices::InvoiceFilter;
use engine::refunding::{Forecast, Refundable};
use engine::{Engine, Error};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_frame, staff_new_refund as said};

use self::choices::Choices;
use self::preview::Preview;
use super::{page, page_request, query, set_unprocessable, symbol};
use crate::components::{Amount, ErrorSummary, FieldMessage, Icon, Note, Section, Shape, Staff, exact, invoice_title, staff};
use crate::language::{rich, say, staff_language};
use crate::reply::{Failure, Submitted, go_to};
use crate::server_fns::new_refund::{CreateRefund, HowMuch, PreviewRefund, RefundForm, not_refundable};
use crate::session::caller_with;

/// The page.
#[component]
pub(crate) fn NewRefund() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller_with(Right::MoveMoney).await?;
        match (query("quote"), query("invoice")) {
            (Some(quote), _) => of_quote(&engine, caller, &quote).await,
            (None, Some(invoice)) => {
                let id: InvoiceId = invoice.parse().map_err(|_| Failure::NoPage)?;
                of_invoice(&engine, caller, id).await
            }
            (None, None) => choose(&engine, caller).await,
        }
    })
}

/// Shows a quote beside the form that asked for it; the refund itself once it was made.
async fn of_quote(engine: &Engine, caller: Caller, quote: &str) -> Result<AnyView, Failure> {
    let id: RefundId = quote.parse().map_err(|_| Failure::NoPage)?;
    match engine.refund(&caller, id).await {
        Ok(refund) => {
            go_to(&format!("/refunds/{}", refund.id));
            return Ok(().into_any());
        }
        Err(Error::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let quoted = engine.quoted(&caller, id).await?;
    let form = RefundForm::of(&quoted.request);
    let found = match engine.forecast(&caller, id).await {
        Ok(quote) => Ok(Some(quote)),
        // What was shown holds no more: the form is there to ask again.
        Err(Error::QuoteExpired { .. }) => Ok(None),
        Err(Error::InvoiceState { .. } | Error::ExceedsRefundable { .. } | Error::ActiveRefund { .. } | Error::Refused(_)) => Ok(None),
        Err(error) => Err(Failure::from(error)),
    };
    let loaded = Loaded::of(engine, &caller, quoted.invoice).await?;
    Ok(loaded.view(caller, form, FieldErrors::default(), found?))
}

async fn of_invoice(engine: &Engine, caller: Caller, id: InvoiceId) -> Result<AnyView, Failure> {
    let loaded = Loaded::of(engine, &caller, id).await?;
    let (form, errors) = match use_context::<Submitted>() {
        Some(submitted) => {
            set_unprocessable();
            (RefundForm::again(&submitted), submitted.errors)
        }
        None => (loaded.first_form(), FieldErrors::default()),
    };
    Ok(loaded.view(caller, form, errors, None))
}

/// What the form is about.
struct Loaded {
    invoice: InvoiceView,
    mid: String,
    refundable: Refundable,
    frozen_until: Option<Timestamp>,
    now: Timestamp,
}

impl Loaded {
    async fn of(engine: &Engine, caller: &Caller, id: InvoiceId) -> Result<Self, Failure> {
        let invoice = engine.invoice(caller, id).await?;
        let mid = engine.mids(caller).await?.into_iter().find(|mid| mid.id.0 == invoice.mid).map(|mid| mid.name);
        Ok(Self {
            refundable: engine.refundable(caller, id).await?,
            frozen_until: engine.frozen(caller, MidId(invoice.mid)).await?.map(|(until, _)| until),
            mid: mid.unwrap_or_default(),
            now: engine.now(),
            invoice,
        })
    }

    /// Fills in what the policy says where nobody says otherwise.
    fn first_form(&self) -> RefundForm {
        let policy = &self.refundable.policy;
        RefundForm {
            how: HowMuch::Full.name().to_owned(),
            rate: policy.rate_rule.name().to_owned(),
            fee: policy.fee_bearer.name().to_owned(),
            to: "link".to_owned(),
            notify: if self.invoice.payer_email.is_some() { "on" } else { "" }.to_owned(),
            ..RefundForm::default()
        }
    }

    fn view(self, caller: Caller, form: RefundForm, errors: FieldErrors, quote: Option<Forecast>) -> AnyView {
        let (title, here) = titles(!errors.0.is_empty());
        let Self { invoice, mid, refundable, frozen_until, now } = self;
        let is_refundable = refundable.policy.refundable_states.contains(&invoice.status);
        let is_used_up = !refundable.amount.contains(|digit| ('1'..='9').contains(&digit));
        let about = view! { <Invoice invoice=invoice.clone() now /> };
        let body = if !is_refundable || is_used_up {
            let why = if is_refundable { say(said::UsedUp) } else { not_refundable(invoice.status) };
            view! {
                <div class="g5">
                    {about} <Note tone="warn" shape=Shape::Alert>{why}</Note>
                </div>
            }
            .into_any()
        } else {
            let frozen = frozen_until.map(|until| {
                let text = rich(&said::Locked { time: "" }, staff_language(), |_, _| staff(until, now).into_any());
                view! { <Note tone="warn" shape=Shape::Lock>{text}</Note> }
            });
            let hidden = quote.as_ref().map(|quote| view! { <input type="hidden" name="quote" value=quote.preview.id.to_string() /> });
            let has_quote = quote.is_some();
            let aside = match quote {
                Some(quote) => view! { <Preview quote mid form=form.clone() now /> }.into_any(),
                None => view! { <NoPreview /> }.into_any(),
            };
            let url = if has_quote { CreateRefund::url() } else { PreviewRefund::url() };
            view! {
                <div class="cols wide">
                    <form class="g5" id="new-refund" method="post" action=url>
                        <input type="hidden" name="invoice" value=invoice.id.to_string() />
                        {hidden}
                        <ErrorSummary errors=errors.clone() />
                        {frozen}
                        {about}
                        <Choices form invoice refundable errors />
                    </form>
                    <aside class="g4 stick" id="preview" aria-label=say(said::Preview)>{aside}</aside>
                </div>
            }
            .into_any()
        };
        view! {
            <Staff title section=Section::Refunds caller here>
                <div class="head"><h1>{say(said::Heading)}</h1></div>
                {body}
            </Staff>
        }
        .into_any()
    }
}

/// Returns the title of the document, and of its crumb.
fn titles(is_wrong: bool) -> (String, String) {
    let title = say(staff_frame::NewRefund);
    let wrong = is_wrong.then(|| say(payer::Error { text: &title }));
    (wrong.unwrap_or_else(|| title.clone()), title)
}

/// What the refund is of.
#[component]
fn Invoice(invoice: InvoiceView, now: Timestamp) -> impl IntoView {
    let unit = symbol(&invoice.asset);
    let status = if invoice.status == InvoiceStatus::Complete { say(said::PaidInFull) } else { invoice_title(invoice.status) };
    let shown = |name: &str, text: String| match name {
        "time" => staff(invoice.created_at, now).into_any(),
        _ => text.into_any(),
    };
    let stands = match &invoice.payer_email {
        Some(email) => rich(&said::StandsOf { email, status: &status, time: "" }, staff_language(), shown),
        None => rich(&said::Stands { status: &status, time: "" }, staff_language(), shown),
    };
    let paid = said::PaidAt { amount: &exact(&invoice.amount_paid, &unit), rate: &staff_language().number(&invoice.exchange_rate) };
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Invoice)}</h2>
                <a class="end sm" href="/refunds/new">{say(said::Change)}</a>
            </header>
            <div class="body row sb">
                <span>
                    <a class="num semi plain-link" href=format!("/invoices/{}", invoice.id)>{invoice.reference}</a>
                    <span class="soft sm block">{stands}</span>
                </span>
                <span class="end">
                    <Amount value=invoice.amount_billed unit=invoice.billed_currency />
                    <span class="soft sm block">{say(paid)}</span>
                </span>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn NoPreview() -> impl IntoView {
    view! {
        <section class="card">
            <header><h2>{say(said::Preview)}</h2></header>
            <p class="body sm soft">{say(said::PreviewText)}</p>
        </section>
        <button class="btn primary lg" form="new-refund" data-busy=say(said::WorkingItOut)>{say(said::ShowPreview)}</button>
    }
    .into_any()
}

/// Asks which invoice to refund, by the order's reference.
async fn choose(engine: &Engine, caller: Caller) -> Result<AnyView, Failure> {
    let order = query("order");
    let found = match &order {
        None => Vec::new(),
        Some(order) => {
            let filter = InvoiceFilter { reference: Some(order.trim().to_owned()), ..InvoiceFilter::default() };
            engine.invoices(&caller, filter, page_request()).await?.data
        }
    };
    if let [only] = found.as_slice() {
        go_to(&format!("/refunds/new?invoice={}", only.id));
        return Ok(().into_any());
    }
    let error = (order.is_some() && found.is_empty()).then(|| say(said::NotFound));
    let is_wrong = error.is_some();
    let now = engine.now();
    let several = found.into_iter().map(|invoice| {
        let url = format!("/refunds/new?invoice={}", invoice.id);
        view! {
            <li class="row sb">
                <a href=url class="num semi">{invoice.reference}</a>
                <span class="sm soft">{staff(invoice.created_at, now)}</span>
                <span class="end"><Amount value=invoice.amount_billed unit=invoice.billed_currency /></span>
            </li>
        }
    });
    let several = several.collect_view();
    let several = (!several.is_empty()).then(|| view! { <p>{say(said::Several)}</p> <ul class="g3">{several}</ul> });
    let (title, here) = titles(is_wrong);
    Ok(view! {
        <Staff title section=Section::Refunds caller here>
            <div class="head"><h1>{say(said::Heading)}</h1></div>
            <section class="card">
                <header><h2>{say(said::Which)}</h2></header>
                <form class="body g4" action="/refunds/new">
                    <div class="field">
                        <label for="order">{say(said::Order)}</label>
                        <input
                            class="input"
                            id="order"
                            name="order"
                            value=order
                            maxlength="128"
                            autocomplete="off"
                            required
                            aria-invalid=is_wrong.then_some("true")
                            aria-describedby="order-hint order-msg"
                        />
                        <p class="hint" id="order-hint">{say(said::OrderHint)}</p>
                        <FieldMessage id="order-msg" message=error />
                    </div>
                    {several}
                    <span class="row">
                        <button class="btn primary">{say(said::Find)}</button>
                        <a class="btn ghost" href="/invoices">{say(said::LookThrough)} " " <Icon shape=Shape::Forward /></a>
                    </span>
                </form>
            </section>
        </Staff>
    }
    .into_any())
}

//! The review: the last look before a refund's destination is frozen.

use domain::claim::{ClaimForm, FieldErrors};
use domain::claim_code::Needs;
use domain::destination::Destination;
use domain::language::Language;
use domain::view::ClaimView;
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence as _, address, claim, payer};

use super::{FeeLines, net_in_words};
use crate::components::{ErrorSummary, FieldMessage, Form, Icon, Note, Offline, Payer, Shape, When};
use crate::server_fns::claim::ConfirmClaim;

/// The address in groups to compare, the fee, the tick box, the one button that confirms.
#[component]
pub(super) fn Review(
    token: String,
    view: ClaimView,
    release_at: Timestamp,
    form: ClaimForm,
    destination: Destination,
    is_code_out: bool,
    errors: FieldErrors,
    language: Language,
) -> impl IntoView {
    let (network, symbol) = (view.asset.network, view.asset.id.symbol().to_owned());
    let title = claim::ReviewTitle.to(language);
    let title = if errors.0.is_empty() { title } else { payer::Error { text: &title }.to(language) };
    let tick =
        if network.is_evm() { claim::TickEvm { asset: &symbol, network: network.title() }.to(language) } else { claim::Tick.to(language) };
    let network_line = network.title_for(&symbol);
    let unchecked = Destination::is_unchecked(network, &form.address).then(|| {
        view! {
            <Note tone="warn" shape=Shape::Warning>
                {claim::Unchecked.to(language)}
            </Note>
        }
    });
    let warning = network.is_evm().then(|| address::LookAlike { asset: &symbol, network: network.title() }.to(language));
    let warning = warning.map(|warning| view! { <Note tone="warn" shape=Shape::Warning>{warning}</Note> });
    let fee_error = errors.message("fee").map(str::to_owned);
    let checked_error = errors.message("checked").map(str::to_owned);
    let is_unticked = checked_error.is_some();
    let code_error = errors.message("code").map(str::to_owned);
    let email_known = view.email.clone().unwrap_or_default();
    let beside_the_link = match view.needs {
        Needs::LinkAlone => None,
        Needs::Code { .. } if is_code_out => None,
        Needs::Code { .. } => Some(claim::CodeNext { email: &email_known }.to(language)),
        Needs::Review => Some(claim::CodeReview { merchant: &view.merchant }.to(language)),
    };
    let beside_the_link = beside_the_link.map(|text| view! { <Note tone="move" shape=Shape::Shield>{text}</Note> });
    let asks_first = matches!(view.needs, Needs::Code { .. }) && !is_code_out;
    let tag = destination.tag_text();
    let tag_line = tag.clone().map(|tag| {
        let words = if tag == "none" { claim::NoTagUsed.to(language) } else { tag };
        view! {
            <dt>{payer::Tag.to(language)}</dt>
            <dd class="mono">{words}</dd>
        }
    });
    // Typed here, or known from the payment and masked.
    let email = Some(form.email.clone()).filter(|email| !email.is_empty()).or(view.email.clone());
    let is_written_to = email.is_some() && expect_context::<Engine>().settings().writes_email;
    let delay = delay_in_words(release_at.as_second().saturating_sub(view.now.as_second()), language).map(|delay| {
        let text = if is_written_to { claim::DelayTextMail.to(language) } else { claim::DelayText.to(language) };
        view! {
            <Note tone="move" shape=Shape::Clock>
                <b>{delay}</b>
                " "
                {text}
            </Note>
        }
    });
    let email_line = email.map(|email| view! { <dt>{claim::EmailKnown.to(language)}</dt> <dd>{email}</dd> });
    let (button, busy) = if asks_first {
        (claim::SendCode.to(language), claim::Mailing.to(language))
    } else {
        (claim::Confirm { amount: &net_in_words(&view, language) }.to(language), claim::Confirming.to(language))
    };
    let code = is_code_out.then(|| view! { <Code email=email_known error=code_error language /> });
    // After the button that confirms: Enter in the field presses the first.
    let again = is_code_out.then(|| {
        view! {
            <button class="btn" name="new_code" value="on" formnovalidate data-busy=claim::Mailing.to(language)>
                {claim::CodeAgain.to(language)}
            </button>
        }
    });
    view! {
        <Payer title merchant=Some(view.merchant.clone()) brand=view.brand.clone() language=Some(language)>
            <div class="g4">
                <a class="row sm" href=format!("/claim/{token}")><Icon shape=Shape::Back /> {claim::ChangeAddress.to(language)}</a>
                <div class="g1">
                    <h1>{claim::Check.to(language)}</h1>
                    <p class="sm soft">{claim::CheckText.to(language)}</p>
                </div>
                <ErrorSummary errors language />
            </div>
            <div class="g2">
                <h2 class="sm soft medium">{claim::SendTo { network: network.title() }.to(language)}</h2>
                <p class="vh">{destination.address().to_owned()}</p>
                <Chunks destination=destination.clone() />
                <p class="xs soft">{claim::Compare.to(language)}</p>
                {unchecked}
                {warning}
            </div>
            <div class="g4" id="fee">
                <FieldMessage id="fee-msg" message=fee_error language />
                <FeeLines view=view.clone() language />
                <dl class="kv spread">
                    <dt>{payer::Network.to(language)}</dt>
                    <dd>{network_line}</dd>
                    <dt>{claim::SentOn.to(language)}</dt>
                    <dd><When at=release_at form=Form::Minute language /></dd>
                    {tag_line}
                    {email_line}
                </dl>
                {delay}
                {beside_the_link}
            </div>
            <form class="g3" method="post" action=ConfirmClaim::url()>
                <input type="hidden" name="token" value=token />
                <input type="hidden" name="address" value=destination.address().to_owned() />
                <input type="hidden" name="tag" value=tag.unwrap_or_default() />
                <input type="hidden" name="consent" value=form.consent />
                <input type="hidden" name="email" value=form.email />
                <input type="hidden" name="shown_fee" value=view.fee />
                <input type="hidden" name="language" value=language.name() />
                <label class="check">
                    <input
                        type="checkbox"
                        id="checked"
                        name="checked"
                        value="on"
                        checked=is_code_out && !is_unticked
                        aria-invalid=is_unticked.then_some("true")
                        aria-describedby=is_unticked.then_some("checked-msg")
                    />
                    <span>{tick}</span>
                </label>
                <FieldMessage id="checked-msg" message=checked_error language />
                {code}
                <button class="btn primary lg" data-busy=busy>{button}</button>
                {again}
                <Offline says=Some(claim::Offline.to(language)) language />
            </form>
        </Payer>
    }
    .into_any()
}

/// The code that was mailed. What was typed wrongly is typed again.
#[component]
fn Code(email: String, error: Option<String>, language: Language) -> impl IntoView {
    let is_wrong = error.is_some();
    view! {
        <div class="field">
            <label for="code">{claim::Code.to(language)}</label>
            <p class="hint" id="code-hint">{claim::CodeSent { email: &email }.to(language)}</p>
            <input
                class="input big"
                id="code"
                name="code"
                dir="ltr"
                inputmode="numeric"
                autocomplete="one-time-code"
                maxlength="12"
                required
                aria-invalid=is_wrong.then_some("true")
                aria-describedby="code-hint code-msg"
            />
            <FieldMessage id="code-msg" message=error language />
        </div>
    }
    .into_any()
}

/// Names the security delay: `3-day security delay.`, `36-hour security delay.`; nothing when there is none.
fn delay_in_words(secs: i64, language: Language) -> Option<String> {
    let secs = u64::try_from(secs).ok().filter(|secs| *secs > 0)?;
    Some(match (secs / 86_400, secs % 86_400, secs / 3600) {
        (days @ 1.., 0, _) => claim::DelayDays { days }.to(language),
        (_, _, hours @ 1..) => claim::DelayHours { hours }.to(language),
        (_, _, 0) => claim::DelayShort.to(language),
    })
}

/// The address in groups of four; the first and the last full groups are bold. Screen readers get the whole one above.
#[component]
fn Chunks(destination: Destination) -> impl IntoView {
    let chunks: Vec<String> = destination.chunks().into_iter().map(str::to_owned).collect();
    let count = chunks.len();
    let chunks = chunks.into_iter().enumerate().map(move |(index, chunk)| {
        let from_end = count.saturating_sub(index);
        if index == 0 || from_end <= 2 { view! { <b>{chunk}</b> }.into_any() } else { view! { <span>{chunk}</span> }.into_any() }
    });
    view! { <p class="chunks" aria-hidden="true">{chunks.collect_view()}</p> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_is_told_in_whole_days_or_hours() {
        let english = |secs| delay_in_words(secs, Language::English);
        assert_eq!(english(72 * 3600).as_deref(), Some("3-day security delay."));
        assert_eq!(english(36 * 3600).as_deref(), Some("36-hour security delay."));
        assert_eq!(english(60).as_deref(), Some("Short security delay."));
        assert_eq!((english(0), english(-1)), (None, None));
        assert_eq!(delay_in_words(86_400, Language::German).as_deref(), Some("Sicherheitsfrist von 1 Tag."));
    }
}

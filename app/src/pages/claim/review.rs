//! The review: the last look before a refund's destination is frozen.

use domain::claim::{ClaimForm, FieldErrors};
use domain::destination::Destination;
use domain::view::ClaimView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{FeeLines, net_in_words};
use crate::components::{ErrorSummary, FieldMessage, Form, Icon, Note, Payer, Shape, When};
use crate::server_fns::claim::ConfirmClaim;

/// The address in groups to compare, the fee, the tick box, the one button that confirms.
#[component]
pub(super) fn Review(
    token: String,
    view: ClaimView,
    release_at: Timestamp,
    form: ClaimForm,
    destination: Destination,
    errors: FieldErrors,
) -> impl IntoView {
    let (network, symbol) = (view.asset.network, view.asset.id.symbol().to_owned());
    let title = if errors.0.is_empty() { "Check your refund" } else { "Error: Check your refund" };
    let tick = if network.is_evm() {
        format!("The address is mine, I have checked it, and my wallet supports {symbol} on {}.", network.title())
    } else {
        "The address is mine and I have checked it.".to_owned()
    };
    let network_line = match network.standard_of(&symbol) {
        Some(standard) => format!("{} ({standard})", network.title()),
        None => network.title().to_owned(),
    };
    let unchecked = Destination::is_unchecked(network, &form.address).then(|| {
        view! {
            <Note tone="warn" shape=Shape::Warning>
                "This address came without a checksum, so a typing mistake in it cannot be seen. Compare every character."
            </Note>
        }
    });
    let warning = destination.warning(&symbol).map(|warning| view! { <Note tone="warn" shape=Shape::Warning>{warning}</Note> });
    let fee_error = errors.message("fee").map(str::to_owned);
    let checked_error = errors.message("checked").map(str::to_owned);
    let is_unticked = checked_error.is_some();
    let tag = destination.tag_text();
    let tag_line = tag.clone().map(|tag| {
        let words = if tag == "none" { "None: my wallet does not use one".to_owned() } else { tag };
        view! {
            <dt>"Memo or tag"</dt>
            <dd class="mono">{words}</dd>
        }
    });
    let delay = delay_in_words(release_at.as_second().saturating_sub(view.now.as_second())).map(|delay| {
        view! {
            <Note tone="move" shape=Shape::Clock>
                <b>{format!("{delay} security delay.")}</b>
                " If the address is wrong or this was not you, you can cancel until it is sent. The next screen has the cancel link."
            </Note>
        }
    });
    // Typed here, or known from the payment and masked.
    let email = Some(form.email.clone()).filter(|email| !email.is_empty()).or(view.email.clone());
    let email_line = email.map(|email| view! { <dt>"Email for updates"</dt> <dd>{email}</dd> });
    let button = format!("Confirm refund of {}", net_in_words(&view));
    view! {
        <Payer title merchant=Some(view.merchant.clone()) brand=view.brand.clone()>
            <div class="g4">
                <a class="row sm" href=format!("/claim/{token}")><Icon shape=Shape::Back /> "Change the address"</a>
                <div class="g1">
                    <h1>"Check before you confirm"</h1>
                    <p class="sm soft">"Crypto payments cannot be reversed. Compare the address with your wallet."</p>
                </div>
                <ErrorSummary errors />
            </div>
            <div class="g2">
                <h2 class="sm soft medium">{format!("Send to this {} address", network.title())}</h2>
                <p class="vh">{destination.address().to_owned()}</p>
                <Chunks destination=destination.clone() />
                <p class="xs soft">"Compare the bold characters with your wallet, then a few in between."</p>
                {unchecked}
                {warning}
            </div>
            <div class="g4" id="fee">
                <FieldMessage id="fee-msg" message=fee_error />
                <FeeLines view=view.clone() />
                <dl class="kv spread">
                    <dt>"Network"</dt>
                    <dd>{network_line}</dd>
                    <dt>"Sent on"</dt>
                    <dd><When at=release_at form=Form::Minute /></dd>
                    {tag_line}
                    {email_line}
                </dl>
                {delay}
            </div>
            <form class="g3" method="post" action=ConfirmClaim::url()>
                <input type="hidden" name="token" value=token />
                <input type="hidden" name="address" value=destination.address().to_owned() />
                <input type="hidden" name="tag" value=tag.unwrap_or_default() />
                <input type="hidden" name="consent" value=form.consent />
                <input type="hidden" name="email" value=form.email />
                <input type="hidden" name="shown_fee" value=view.fee />
                <label class="check">
                    <input
                        type="checkbox"
                        id="checked"
                        name="checked"
                        value="on"
                        aria-invalid=is_unticked.then_some("true")
                        aria-describedby=is_unticked.then_some("checked-msg")
                    />
                    <span>{tick}</span>
                </label>
                <FieldMessage id="checked-msg" message=checked_error />
                <button class="btn primary lg" data-busy="Confirming…">{button}</button>
                <p class="err" data-offline hidden>"You are offline. Nothing was confirmed. Try again."</p>
            </form>
        </Payer>
    }
    .into_any()
}

/// Returns the security delay as an adjective: `3-day`, `36-hour`; nothing when there is none.
fn delay_in_words(secs: i64) -> Option<String> {
    match (secs / 86_400, secs % 86_400, secs / 3600) {
        (days @ 1.., 0, _) => Some(format!("{days}-day")),
        (_, _, hours @ 1..) => Some(format!("{hours}-hour")),
        (_, _, _) if secs > 0 => Some("Short".to_owned()),
        (_, _, _) => None,
    }
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
        assert_eq!(delay_in_words(72 * 3600).as_deref(), Some("3-day"));
        assert_eq!(delay_in_words(36 * 3600).as_deref(), Some("36-hour"));
        assert_eq!(delay_in_words(60).as_deref(), Some("Short"));
        assert_eq!(delay_in_words(0), None);
    }
}

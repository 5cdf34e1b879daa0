//! A claim that was confirmed and not sent yet, as its payer sees it and as others do.

use domain::language::Language;
use domain::refund::BlockedBy;
use domain::view::{ClaimView, ShownDestination, Waits};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence as _, claim, refund as said};

use super::after::{Facts, Head, whole};
use super::net_in_words;
use crate::components::{Countdown, Form, Icon, Note, Offline, Rail, Shape, Stop, StopState, When};
use crate::language::rich;
use crate::pages::query;
use crate::server_fns::cancel_link::EmailCancelLink;

/// The facts of a scheduled refund.
pub(super) struct Scheduled {
    pub to: ShownDestination,
    pub confirmed_at: Timestamp,
    pub release_at: Timestamp,
    pub waits: Option<Waits>,
    pub can_cancel: bool,
    pub cancel_path: Option<String>,
}

impl Scheduled {
    /// For the browser that confirmed: whole address, countdown, cancel link.
    pub(super) fn for_its_payer(self, view: ClaimView, language: Language) -> AnyView {
        let Self { to, confirmed_at, release_at, waits, can_cancel, cancel_path } = self;
        let network = view.asset.network.title();
        let secs = release_at.as_second().saturating_sub(view.now.as_second());
        let at = move |form: Form| view! { <When at=release_at form language /> }.into_any();
        let is_due = view.now >= release_at;
        let head = match waits {
            Some(waits) => {
                let heading = match waits {
                    Waits::ForACheck => claim::Checked { merchant: &view.merchant }.to(language),
                    Waits::For(_) | Waits::UntilThawed(_) => claim::Waiting.to(language),
                };
                let text = why_it_waits(waits, &view, language);
                view! { <Head tone="warn" shape=Shape::Clock heading>{text}</Head> }.into_any()
            }
            None => {
                let heading = rich(&claim::LeavesOn { day: "" }, language, |_, _| at(Form::Weekday));
                view! {
                    <div class="g4">
                        <span class="badge move"><Icon shape=Shape::Clock large=true /></span>
                        <div class="g1">
                            <h1>{heading}</h1>
                            <p class="soft">{leaves(&view, language, release_at)}</p>
                        </div>
                    </div>
                }
                .into_any()
            }
        };
        let strip = waits.is_none().then(|| {
            view! {
                <p class="strip">
                    <span><Icon shape=Shape::Clock /> {claim::SendsIn.to(language)}</span>
                    <Countdown secs language />
                </p>
            }
        });
        let stops = vec![
            Stop::new(StopState::Done, said::AddressConfirmed.to(language))
                .at(view! { <When at=confirmed_at form=Form::Short language /> })
                .says(whole(to, language)),
            if is_due && !can_cancel {
                Stop::new(StopState::Done, said::DelayOver.to(language)).says(said::NobodyCancelled.to(language))
            } else {
                Stop::new(StopState::Now, claim::SecurityDelay.to(language)).says(claim::SecurityDelayText.to(language))
            },
            Stop::new(StopState::Ahead, said::SentOn { network }.to(language))
                .at((!is_due).then(|| at(Form::Short)))
                .says(claim::LinkHere.to(language)),
            Stop::new(StopState::Ahead, said::Arrived.to(language)),
        ];
        let cancel = cancel_path.map(|path| {
            let url = format!("{}{path}", expect_context::<Engine>().settings().public_url);
            let until = if is_due {
                words::cancel::TimeBack.to(language).into_any()
            } else {
                rich(&claim::CancelBefore { time: "" }, language, |_, _| at(Form::Minute))
            };
            view! {
                <div class="g3">
                    <div class="g1">
                        <h2 class="sub-title">{claim::WrongAddress.to(language)}</h2>
                        <p class="sm soft">{until}</p>
                    </div>
                    <div class="row">
                        <a href=path class="btn danger-quiet fill">{claim::Cancel.to(language)}</a>
                        <button type="button" class="btn fill" data-copy=url data-said=claim::CancelCopied.to(language) hidden>
                            {claim::CopyCancel.to(language)}
                        </button>
                    </div>
                </div>
            }
        });
        view! {
            {head}
            {strip}
            <div>
                <Rail stops language />
            </div>
            {cancel}
        }
        .into_any()
    }

    /// For every other holder of the link: masked, and what to do if it was not them.
    pub(super) fn for_others(self, token: &str, view: ClaimView, language: Language) -> AnyView {
        let Self { to, confirmed_at, release_at, waits, can_cancel, .. } = self;
        let shown = |name: &str, _: String| {
            let at = if name == "claimed" { confirmed_at } else { release_at };
            view! { <When at form=Form::Minute language /> }.into_any()
        };
        let text = match waits {
            None => rich(&claim::AlreadyText { claimed: "", due: "" }, language, shown),
            Some(waits) => rich(&claim::AlreadyWaits { claimed: "", waiting: "" }, language, |name, text| match name {
                "waiting" => why_it_waits(waits, &view, language),
                _ => shown(name, text),
            }),
        };
        let (merchant, reference) = (view.merchant.as_str(), view.reference.as_str());
        let is_mailed = can_cancel && expect_context::<Engine>().settings().writes_email;
        let next = if is_mailed {
            claim::NotYoursMail { merchant, reference }.to(language)
        } else if !can_cancel {
            claim::NotYoursLate { merchant, reference }.to(language)
        } else {
            claim::NotYoursText { merchant, reference }.to(language)
        };
        let again = is_mailed.then(|| again(token.to_owned(), language));
        view! {
            <Head tone="good" shape=Shape::Check heading=claim::Already.to(language)>{text}</Head>
            <Facts view to language />
            <div>
                <Note tone="warn" shape=Shape::Warning>
                    <b>{claim::NotYours.to(language)}</b>
                    " "
                    {next}
                </Note>
            </div>
            {again}
        }
        .into_any()
    }
}

/// Asks for the cancel link by e-mail, and says the same whatever became of that.
fn again(token: String, language: Language) -> AnyView {
    if query("mailed").is_some() {
        let mailed = claim::Mailed.to(language);
        return view! { <div role="status"><Note tone="move" shape=Shape::Check>{mailed}</Note></div> }.into_any();
    }
    view! {
        <form method="post" action=EmailCancelLink::url()>
            <input type="hidden" name="token" value=token />
            <button class="btn" data-busy=claim::Mailing.to(language)>{claim::MailAgain.to(language)}</button>
            <Offline language />
        </form>
    }
    .into_any()
}

/// Says when how much is sent, and where the cancel link is.
fn leaves(view: &ClaimView, language: Language, release_at: Timestamp) -> AnyView {
    let amount = net_in_words(view, language);
    let shown = |name: &str, text: String| match name {
        "time" => view! { <When at=release_at form=Form::Clock language /> }.into_any(),
        _ => view! { <bdi>{text}</bdi> }.into_any(),
    };
    match view.email.as_deref().filter(|_| expect_context::<Engine>().settings().writes_email) {
        Some(email) => rich(&claim::LeavesTextMail { amount: &amount, email, time: "" }, language, shown),
        None => rich(&claim::LeavesText { amount: &amount, time: "" }, language, shown),
    }
}

/// Returns why a refund that is due is not sent: where the money is, and what happens next.
fn why_it_waits(waits: Waits, view: &ClaimView, language: Language) -> AnyView {
    let (network, merchant) = (view.asset.network.title(), view.merchant.as_str());
    let reason = match waits {
        Waits::For(reason) => reason,
        Waits::UntilThawed(until) => {
            return rich(&claim::WaitingFrozenUntil { merchant, time: "" }, language, |name, text| match name {
                "time" => view! { <When at=until form=Form::Minute language /> }.into_any(),
                _ => text.into_any(),
            });
        }
        Waits::ForACheck if expect_context::<Engine>().settings().writes_email && view.email.is_some() => {
            return claim::CheckedTextMail.to(language).into_any();
        }
        Waits::ForACheck => return claim::CheckedText.to(language).into_any(),
    };
    let text = match reason {
        BlockedBy::InsufficientFunds => claim::WaitingFunds.to(language),
        BlockedBy::InsufficientBalance => claim::WaitingBalance { merchant }.to(language),
        BlockedBy::FeeAboveCap => claim::WaitingFee { network }.to(language),
        BlockedBy::Maintenance => claim::WaitingMaintenance.to(language),
        BlockedBy::Frozen => claim::WaitingFrozen { merchant }.to(language),
        BlockedBy::Suspended => claim::WaitingSuspended { merchant }.to(language),
        BlockedBy::RateUnavailable => claim::WaitingRate.to(language),
        BlockedBy::DepositReorged => claim::WaitingReorged { network }.to(language),
    };
    text.into_any()
}

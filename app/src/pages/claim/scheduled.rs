//! A claim that was confirmed and not sent yet, as its payer sees it and as others do.

use domain::language::Language;
use domain::money::Network;
use domain::refund::BlockedBy;
use domain::view::{ClaimView, ShownDestination};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;

use super::after::{Facts, Head, whole};
use super::net_in_words;
use crate::components::{Form, Icon, Note, Rail, Shape, Stop, StopState, When};
use crate::durations;

/// The facts of a scheduled refund.
pub(super) struct Scheduled {
    pub to: ShownDestination,
    pub confirmed_at: Timestamp,
    pub release_at: Timestamp,
    pub blocked_by: Option<BlockedBy>,
    pub cancel_path: Option<String>,
}

impl Scheduled {
    /// For the browser that confirmed: whole address, countdown, cancel link.
    pub(super) fn for_its_payer(self, view: ClaimView) -> AnyView {
        let Self { to, confirmed_at, release_at, blocked_by, cancel_path } = self;
        let network = view.asset.network.title();
        let secs = release_at.as_second().saturating_sub(view.now.as_second());
        let net = net_in_words(&view);
        let head = match blocked_by {
            Some(reason) => {
                let text = waiting(reason, view.asset.network, &view.merchant);
                view! { <Head tone="warn" shape=Shape::Clock heading="Your refund is waiting">{text}</Head> }.into_any()
            }
            None => view! {
                <div class="g4">
                    <span class="badge move"><Icon shape=Shape::Clock large=true /></span>
                    <div class="g1">
                        <h1>"Your refund leaves on " <When at=release_at form=Form::Weekday /></h1>
                        <p class="soft">
                            {format!("{net} will be sent at ")} <When at=release_at form=Form::Clock /> ". You can close this page: keep its link, or copy the cancel link."
                        </p>
                    </div>
                </div>
            }
            .into_any(),
        };
        let strip = blocked_by.is_none().then(|| {
            view! {
                <p class="strip">
                    <span><Icon shape=Shape::Clock /> "Sends in"</span>
                    <b class="num" data-left=secs.to_string() data-minutes>{durations::left_to_the_minute(secs)}</b>
                </p>
            }
        });
        let stops = vec![
            Stop::new(StopState::Done, "Address confirmed")
                .at(view! { <When at=confirmed_at form=Form::Short /> })
                .says(whole(to, Language::English)),
            Stop::new(StopState::Now, "Security delay").says("Time to catch a wrong address or someone else’s request"),
            Stop::new(StopState::Ahead, format!("Sent on {network}"))
                .at(view! { <When at=release_at form=Form::Short /> })
                .says("You get the transaction link here"),
            Stop::new(StopState::Ahead, "Arrived"),
        ];
        let cancel = cancel_path.map(|path| {
            let url = format!("{}{path}", expect_context::<Engine>().settings().public_url);
            view! {
                <div class="g3">
                    <div class="g1">
                        <h2 class="sub-title">"Wrong address, or was this not you?"</h2>
                        <p class="sm soft">
                            "Cancel before " <When at=release_at form=Form::Minute /> ". After that nobody can stop the payment."
                        </p>
                    </div>
                    <div class="row">
                        <a href=path class="btn danger-quiet fill">"Cancel this refund"</a>
                        <button type="button" class="btn fill" data-copy=url data-said="Cancel link copied" hidden>"Copy the cancel link"</button>
                    </div>
                </div>
            }
        });
        view! {
            {head}
            {strip}
            <div>
                <Rail stops />
            </div>
            {cancel}
        }
        .into_any()
    }

    /// For every other holder of the link: masked, and what to do if it was not them.
    pub(super) fn for_others(self, view: ClaimView) -> AnyView {
        let Self { to, confirmed_at, release_at, .. } = self;
        let merchant = view.merchant.clone();
        let reference = view.reference.clone();
        view! {
            <Head tone="good" shape=Shape::Check heading="This refund has already been claimed">
                "It was claimed on " <When at=confirmed_at form=Form::Minute /> " and is scheduled for " <When at=release_at form=Form::Minute />
                "."
            </Head>
            <Facts view to />
            <div>
                <Note tone="warn" shape=Shape::Warning>
                    <b>"Not your address?"</b>
                    {format!(" Contact {merchant} with the reference {reference} before it is sent. ")}
                    "If you confirmed it yourself, open this page in the same browser: it has the cancel link."
                </Note>
            </div>
        }
        .into_any()
    }
}

/// Returns why a refund that is due is not sent: where the money is, and what happens next.
fn waiting(reason: BlockedBy, network: Network, merchant: &str) -> String {
    match reason {
        BlockedBy::InsufficientFunds => {
            "The wallet that pays refunds is being filled up. Your claim is safe and goes out after that.".to_owned()
        }
        BlockedBy::InsufficientBalance => {
            format!("{merchant} is getting the money for it ready. Your claim is safe and goes out after that.")
        }
        BlockedBy::FeeAboveCap => {
            format!(
                "{} costs more right now than you were told. Your claim is safe and goes out when the fee has come down.",
                network.title()
            )
        }
        BlockedBy::Maintenance => "Payouts are paused for maintenance. Your claim is safe and goes out after that.".to_owned(),
        BlockedBy::Frozen => {
            format!("{merchant} has paused payouts for up to a day, for security. Your claim is safe and goes out after that.")
        }
        BlockedBy::Suspended => {
            format!("Payouts of {merchant} are paused. Your claim is safe and goes out when they go on. Nothing was sent yet.")
        }
        BlockedBy::RateUnavailable => {
            "The exchange rate that decides the amount is not known right now. Your claim is safe and goes out when it is.".to_owned()
        }
        BlockedBy::DepositReorged => {
            format!(
                "{} undid the payment that this refund gives back, and we are checking it. Nothing was sent. It goes out when the payment is back.",
                network.title()
            )
        }
    }
}

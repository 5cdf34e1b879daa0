//! The rail: a line with stops, for the payer's tracker and the merchant's timeline.

use domain::language::Language;
use leptos::prelude::*;
use words::{Sentence as _, refund as said};

use crate::language::staff_language;

/// How far a stop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopState {
    Done,
    Now,
    Failed,
    Ahead,
}

/// One stop.
pub(crate) struct Stop {
    /// How far it is.
    pub state: StopState,
    /// When, if that is known.
    pub time: Option<AnyView>,
    /// What happens there.
    pub title: String,
    /// A sentence about it.
    pub text: Option<AnyView>,
}

impl Stop {
    /// Makes a stop without time and text.
    pub(crate) fn new(state: StopState, title: impl Into<String>) -> Self {
        Self { state, time: None, title: title.into(), text: None }
    }

    /// Adds when.
    pub(crate) fn at(self, time: impl IntoView + 'static) -> Self {
        Self { time: Some(time.into_any()), ..self }
    }

    /// Adds a sentence.
    pub(crate) fn says(self, text: impl IntoView + 'static) -> Self {
        Self { text: Some(text.into_any()), ..self }
    }
}

/// A line of stops.
#[component]
pub(crate) fn Rail(stops: Vec<Stop>, #[prop(default = staff_language())] language: Language) -> impl IntoView {
    let stops = stops.into_iter().map(move |stop| {
        let class = match stop.state {
            StopState::Done => "done",
            StopState::Now => "now",
            StopState::Failed => "stop",
            StopState::Ahead => "",
        };
        view! {
            <li class=class aria-current=(stop.state == StopState::Now).then_some("step")>
                {stop.time}
                <b>{stop.title}</b>
                {(stop.state == StopState::Done).then(|| view! { <span class="vh">" " {said::Done.to(language)}</span> })}
                {stop.text.map(|text| view! { <p>{text}</p> })}
            </li>
        }
    });
    view! { <ol class="rail">{stops.collect_view()}</ol> }
}

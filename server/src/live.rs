//! How far what a page shows is, as server-sent events: payers' pages about their payment or refund, staff's pages about what
//! [`Watched`] names. The open page loads again when that changes. A stream ends by itself after a
//! while and the browser connects again; where none comes through, the page asks again now and then, or is loaded again by hand.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::live::{FOLDER, Watched};
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use domain::claim::ClaimToken;
use domain::ids::InvoiceId;
use engine::{Engine, Error};
use futures_util::stream::unfold;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::exports::{Asked, value_of};

/// How many browsers one process keeps up to date; those beyond load their page again now and then.
const STREAMS_MAX: usize = 1000;
/// How many pages of staff one process keeps up to date: payers cannot take their places.
const STAFF_MAX: usize = 200;
/// How often a stream looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After how many looks a stream ends, so that none outlives its page for long.
const LOOKS_MAX: u32 = 30;
/// How long a browser waits before it connects again.
const RETRY_AFTER: Duration = Duration::from_secs(3);

/// Becomes true when the process is about to end: streams end at once then.
#[derive(Clone)]
pub struct Stopping(pub watch::Receiver<bool>);

#[derive(Clone)]
struct Live {
    engine: Engine,
    places: Arc<Semaphore>,
    of_staff: Arc<Semaphore>,
}

/// Returns the streams' routes.
pub fn routes(engine: Engine) -> Router {
    let (places, of_staff) = (Arc::new(Semaphore::new(STREAMS_MAX)), Arc::new(Semaphore::new(STAFF_MAX)));
    let live = Live { engine, places, of_staff };
    Router::new()
        .route("/claim/{token}/live", axum::routing::get(claim))
        .route("/pay/{invoice}/live", axum::routing::get(pay))
        .route(&format!("{FOLDER}/{{*of}}"), axum::routing::get(staff))
        .with_state(live)
}

/// What a stream is about.
enum Subject {
    Claim(ClaimToken),
    Payment(InvoiceId),
    /// With the request that brought the session: one that ended hears nothing more.
    Staff(Box<Watched>, Box<Parts>),
}

impl Subject {
    async fn stage(&self, engine: &Engine) -> Result<String, Error> {
        match self {
            Self::Claim(token) => engine.claim_view(token, None).await.map(|view| view.state.stage()),
            Self::Payment(invoice) => engine.pay_stage(*invoice).await,
            Self::Staff(watched, parts) => {
                let caller = app::caller_of(engine, parts).await?.ok_or(Error::Unauthorized)?;
                watched.stage(engine, &caller).await
            }
        }
    }
}

async fn claim(State(live): State<Live>, stopping: Option<Extension<Stopping>>, Path(token): Path<String>) -> Response {
    live.stream(Subject::Claim(ClaimToken::from_untrusted(&token)), stopping).await
}

async fn pay(State(live): State<Live>, stopping: Option<Extension<Stopping>>, Path(invoice): Path<String>) -> Response {
    match invoice.parse() {
        Ok(invoice) => live.stream(Subject::Payment(invoice), stopping).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn staff(
    State(live): State<Live>,
    stopping: Option<Extension<Stopping>>,
    Path(of): Path<String>,
    Query(asked): Asked,
    request: Request,
) -> Response {
    match Watched::parse(&of, |name| value_of(&asked, name)) {
        Some(watched) => live.stream(Subject::Staff(Box::new(watched), Box::new(request.into_parts().0)), stopping).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

struct Stream {
    engine: Engine,
    subject: Subject,
    stopping: Option<watch::Receiver<bool>>,
    looks: u32,
    /// Given back when the stream ends.
    _place: OwnedSemaphorePermit,
}

impl Live {
    async fn stream(self, subject: Subject, stopping: Option<Extension<Stopping>>) -> Response {
        let places = match subject {
            Subject::Claim(_) | Subject::Payment(_) => self.places,
            Subject::Staff(..) => self.of_staff,
        };
        let Ok(place) = places.try_acquire_owned() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
        match subject.stage(&self.engine).await {
            Ok(_) => {}
            Err(Error::NotFound) => return StatusCode::NOT_FOUND.into_response(),
            Err(Error::Unauthorized) => return StatusCode::UNAUTHORIZED.into_response(),
            Err(Error::Forbidden) => return StatusCode::FORBIDDEN.into_response(),
            Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
        let stopping = stopping.map(|Extension(Stopping(stopping))| stopping);
        let stream = Stream { engine: self.engine, subject, stopping, looks: 0, _place: place };
        Sse::new(unfold(stream, Stream::next)).keep_alive(KeepAlive::default()).into_response()
    }
}

impl Stream {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.looks >= LOOKS_MAX || (self.looks > 0 && self.must_end().await) {
            return None;
        }
        self.looks = self.looks.saturating_add(1);
        // The database is away for a moment, or the link was revoked: the browser connects again and is told.
        let stage = self.subject.stage(&self.engine).await.ok()?;
        Some((Ok(Event::default().retry(RETRY_AFTER).data(stage)), self))
    }

    /// Waits for the next look; says whether the process ends before.
    async fn must_end(&mut self) -> bool {
        let Some(stopping) = &mut self.stopping else {
            tokio::time::sleep(LOOK_EVERY).await;
            return false;
        };
        tokio::select! {
            _ = stopping.wait_for(|is_stopping| *is_stopping) => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        }
    }
}

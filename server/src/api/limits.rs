//! How often a key may ask. What this protects is the process, so each counts for itself and in memory. Callers read how much is left in
//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), and wait as `Retry-After` says once it is nothing.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::merchant::Actor;
use engine::Error;
use engine::callers::Caller;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use crate::problem::Problem;

/// For how many seconds' worth of requests a key may have saved up.
const SAVED_SECS: u32 = 2;

/// How often each key may ask. Without it in the request's extensions there is no limit.
#[derive(Clone)]
pub struct Limits {
    keys: Arc<DefaultKeyedRateLimiter<Uuid, StateInformationMiddleware>>,
    per_second: NonZeroU32,
}

impl Limits {
    /// Lets every key ask so many times a second, and twice as often at once.
    #[must_use]
    pub fn new(per_second: NonZeroU32) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(saved(per_second));
        Self { keys: Arc::new(RateLimiter::keyed(quota).with_middleware()), per_second }
    }

    /// Takes one request from what a key has left; returns that.
    ///
    /// # Errors
    /// How long to wait when nothing is left.
    fn take(&self, key: Uuid) -> Result<u32, Duration> {
        let taken = self.keys.check_key(&key);
        taken.map(|state| state.remaining_burst_capacity()).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Returns the two headers, for a key that has so much left.
    fn headers(&self, left: u32) -> [(HeaderName, String); 2] {
        let all = saved(self.per_second).get();
        let full_in = all.saturating_sub(left).div_ceil(self.per_second.get());
        [
            (HeaderName::from_static("ratelimit-policy"), format!("\"key\";q={all};w={SAVED_SECS}")),
            (HeaderName::from_static("ratelimit"), format!("\"key\";r={left};t={full_in}")),
        ]
    }
}

fn saved(per_second: NonZeroU32) -> NonZeroU32 {
    per_second.saturating_mul(NonZeroU32::MIN.saturating_add(SAVED_SECS.saturating_sub(1)))
}

/// Refuses keys that ask too often. Runs once it is known whose key it is.
pub async fn limit(request: Request, next: Next) -> Response {
    let limits = request.extensions().get::<Limits>().cloned();
    let key = request.extensions().get::<Caller>().and_then(|caller| match caller.actor {
        Actor::Key(key) => Some(key.0),
        Actor::System | Actor::Payer | Actor::User(_) => None,
    });
    let (Some(limits), Some(key)) = (limits, key) else { return next.run(request).await };
    let (left, mut response) = match limits.take(key) {
        Ok(left) => (left, next.run(request).await),
        Err(wait) => {
            let wait_secs = wait.as_secs().saturating_add(1);
            (0, Problem::from(Error::RateLimited { wait_secs }).into_response())
        }
    };
    for (name, value) in limits.headers(left) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_saves_two_seconds_and_another_one_has_its_own() {
        let limits = Limits::new(NonZeroU32::MIN.saturating_add(1));
        let (key, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!([limits.take(key), limits.take(key), limits.take(key), limits.take(key)], [Ok(3), Ok(2), Ok(1), Ok(0)]);
        let wait = limits.take(key).expect_err("nothing is left");
        assert!(wait <= Duration::from_millis(500), "{wait:?}");
        assert_eq!(limits.take(other), Ok(3));
        let headers = limits.headers(1).map(|(name, value)| format!("{name}: {value}"));
        assert_eq!(headers, ["ratelimit-policy: \"key\";q=4;w=2", "ratelimit: \"key\";r=1;t=2"]);
    }
}

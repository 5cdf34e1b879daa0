//! Who is told that an endpoint gets nothing any more: a merchant whose server answered 410, or did not take a webhook for three days, reads
//! it in a mail to its alert address, once until the endpoint answers again.
//!
//! The endpoint's own row is the mail's: it says since when its merchant was to be told. A crash after the mail server took it sends it once
//! more.

use domain::ids::EndpointId;
use domain::job::Job;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::emails::Letter;
use crate::emails::personal::Fate;
use crate::store::jobs::Lane;
use crate::store::{StoreError, Tx, alerts as rows, jobs};
use crate::worker::Done;
use crate::{Engine, Error};

/// How long a mail waits that was not taken.
const MAIL_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Puts the mail about an endpoint in the queue, unless one was written since it last answered. What one payment named as its callback has
/// no alert: there is one for each payment.
pub(crate) async fn queue(tx: &mut Tx, endpoint: Uuid, now: Timestamp) -> Result<(), StoreError> {
    if rows::begin(tx, endpoint, now).await? {
        jobs::enqueue(tx, &[Job::MailEndpoint(EndpointId(endpoint)).at(now)]).await?;
    }
    Ok(())
}

impl Engine {
    /// Lets the merchant know that an endpoint did not take a webhook in all its time.
    pub(super) async fn alert_of_failing(&self, endpoint: Uuid) -> Result<(), Error> {
        let now = self.now();
        self.store().write_aside(move |tx| Box::pin(async move { queue(tx, endpoint, now).await })).await?;
        self.wake_worker(Lane::Mail);
        Ok(())
    }

    /// Takes note that an endpoint answers again: should it stop once more, that is news.
    pub(super) async fn end_alert(&self, endpoint: Uuid) -> Result<(), Error> {
        Ok(self.store().write_aside(move |tx| Box::pin(async move { rows::end(tx, endpoint).await })).await?)
    }

    /// Mails about an endpoint, unless it was removed or put right meanwhile, or nobody has an address to write to.
    pub(crate) async fn mail_endpoint(&self, id: EndpointId) -> Result<Done, Error> {
        if !self.settings().writes_email {
            return Ok(Done::Finished);
        }
        let mut tx = self.store().read().await?;
        let found = rows::to_tell(&mut tx, id).await?;
        drop(tx);
        let Some((alert, address)) = found else { return Ok(Done::Finished) };
        let page = format!("{}/settings/webhooks", self.settings().public_url);
        let letter = Letter::endpoint(&host(&alert.url), alert.is_off, page);
        match self.write_to_person(self.mint(), &address, &letter, MAIL_AGAIN_AFTER).await? {
            Fate::Sent => Ok(Done::Finished),
            Fate::Refused(words) => {
                tracing::warn!(endpoint.id = %id, words, "the mail server refused a mail about an endpoint that does not answer");
                Ok(Done::Finished)
            }
            Fate::Later(at) => Ok(Done::Again { at }),
        }
    }
}

/// Returns where a URL leads, without the rest: some have a secret in their path.
fn host(url: &str) -> String {
    let host = url.parse::<reqwest::Url>().ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "your endpoint".to_owned())
}

//! The engine's line to the signer process: one request, one answer, over its unix socket. Every request can be repeated, so a broken
//! connection is simply made anew.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use domain::payout::PayoutFailure;
use domain::refund::BlockedBy;
use domain::signing::{Answer, DeclineReason, DeferReason, Greeting, Request, SignRequest, SignedBytes, VERSION};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use crate::rails::{PreflightError, PrepareError};

/// How long the signer may take. It writes to its disk before it answers.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// A signer, reached when it is needed.
pub struct SignerClient {
    socket: PathBuf,
    timeout: Duration,
    connection: Mutex<Option<BufReader<UnixStream>>>,
}

impl SignerClient {
    /// Returns a client of the signer that listens at `socket`. Nothing is connected yet.
    #[must_use]
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into(), timeout: ANSWER_TIMEOUT, connection: Mutex::new(None) }
    }

    /// Asks the signer who it is.
    ///
    /// # Errors
    /// `SignerUnreachable`, also when it speaks another version.
    pub async fn hello(&self) -> Result<Greeting, PrepareError> {
        match self.ask(&Request::Hello).await? {
            Answer::Hello(greeting) if greeting.version == VERSION => Ok(greeting),
            Answer::Hello(greeting) => Err(PrepareError::SignerUnreachable(format!(
                "it speaks version {}, this program version {VERSION}; install both from one release",
                greeting.version
            ))),
            Answer::Deferred { reason } => Err(PrepareError::SignerUnreachable(reason.to_string())),
            Answer::WouldSign | Answer::Signed(_) | Answer::Declined { .. } => Err(out_of_turn()),
        }
    }

    /// Asks whether a payout would be signed now, in whatever slot, so that no slot is taken for one that would not.
    ///
    /// # Errors
    /// `Never` when it would be declined, `Wait` for everything that may pass, a signer that is away included.
    pub async fn check(&self, request: SignRequest) -> Result<(), PreflightError> {
        let payout = request.payout;
        match self.ask(&Request::Check(request)).await {
            Ok(Answer::WouldSign) => Ok(()),
            Ok(Answer::Declined { reason }) => {
                tracing::warn!(payout.id = %payout, %reason, "the signer would decline a payout");
                Err(PreflightError::Never(PayoutFailure::SignerDeclined))
            }
            Ok(Answer::Deferred { reason }) => {
                tracing::warn!(payout.id = %payout, %reason, "the signer would not sign a payout now");
                Err(PreflightError::Wait(blocked_by(reason)))
            }
            Ok(Answer::Hello(_) | Answer::Signed(_)) => Err(PreflightError::Wait(BlockedBy::Maintenance)),
            Err(error) => {
                tracing::warn!(payout.id = %payout, %error, "the signer could not be asked about a payout");
                Err(PreflightError::Wait(BlockedBy::Maintenance))
            }
        }
    }

    /// Has a payout signed. The same payout gets the same bytes each time.
    ///
    /// # Errors
    /// `Declined` when the signer wrote down that it will never sign this payout; `SignerUnreachable` for everything that may pass.
    pub async fn sign(&self, request: SignRequest) -> Result<SignedBytes, PrepareError> {
        match self.ask(&Request::Sign(request)).await? {
            Answer::Signed(signed) => Ok(signed),
            Answer::Declined { reason } => {
                Err(PrepareError::Declined { slot_is_taken: reason == DeclineReason::SlotTaken, reason: reason.to_string() })
            }
            Answer::Deferred { reason } => Err(PrepareError::SignerUnreachable(reason.to_string())),
            Answer::Hello(_) | Answer::WouldSign => Err(out_of_turn()),
        }
    }

    /// Has a payout that was signed before signed once more, for higher fees; `None` when the signer's limit allows no more.
    ///
    /// # Errors
    /// `SignerUnreachable` for everything that may pass. Nothing is declined whose bytes exist.
    pub async fn raise(&self, request: SignRequest) -> Result<Option<SignedBytes>, PrepareError> {
        match self.ask(&Request::Raise(request)).await? {
            Answer::Signed(signed) => Ok(Some(signed)),
            Answer::Deferred { reason: DeferReason::OverFeeLimit } => Ok(None),
            Answer::Deferred { reason } => Err(PrepareError::SignerUnreachable(reason.to_string())),
            Answer::Hello(_) | Answer::WouldSign | Answer::Declined { .. } => Err(out_of_turn()),
        }
    }

    async fn ask(&self, request: &Request) -> Result<Answer, PrepareError> {
        let mut line = serde_json::to_vec(request).map_err(|error| PrepareError::SignerUnreachable(error.to_string()))?;
        line.push(b'\n');
        // The connection is put back only after a whole answer, so that a late one is never taken for the next request's.
        let mut place = self.connection.lock().await;
        if let Some(connection) = place.take()
            && let Ok((answer, connection)) = self.exchange(Some(connection), &line).await
        {
            *place = Some(connection);
            return Ok(answer);
        }
        let (answer, connection) = self.exchange(None, &line).await.map_err(|error| self.unreachable(&error))?;
        *place = Some(connection);
        Ok(answer)
    }

    async fn exchange(&self, connection: Option<BufReader<UnixStream>>, line: &[u8]) -> io::Result<(Answer, BufReader<UnixStream>)> {
        let talk = async {
            let mut connection = match connection {
                Some(connection) => connection,
                None => BufReader::new(UnixStream::connect(&self.socket).await?),
            };
            connection.get_mut().write_all(line).await?;
            let mut answer = Vec::new();
            (&mut connection).take(LINE_BYTES_MAX).read_until(b'\n', &mut answer).await?;
            if answer.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok((serde_json::from_slice(&answer)?, connection))
        };
        tokio::time::timeout(self.timeout, talk).await?
    }

    fn unreachable(&self, error: &io::Error) -> PrepareError {
        PrepareError::SignerUnreachable(format!("{error} at {}; is `refundry-signer serve` running?", self.socket.display()))
    }
}

/// Says what a payer is told about a payout that the signer puts off.
const fn blocked_by(reason: DeferReason) -> BlockedBy {
    match reason {
        DeferReason::OverFeeLimit => BlockedBy::FeeAboveCap,
        DeferReason::OverDayLimit
        | DeferReason::SignedOtherwise
        | DeferReason::NeverSigned
        | DeferReason::KeyChanged
        | DeferReason::LogFailed
        | DeferReason::Unreadable
        | DeferReason::Busy => BlockedBy::Maintenance,
    }
}

fn out_of_turn() -> PrepareError {
    PrepareError::SignerUnreachable("it answered another question".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::UnixListener;

    /// Answers each connection with the lines given for it, then hangs up (`None`: says nothing).
    fn signer_that_says(name: &str, connections: Vec<Vec<Option<&'static str>>>) -> PathBuf {
        let path = std::env::temp_dir().join(format!("refundry-client-{name}-{}.sock", std::process::id()));
        let _left_over = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).expect("a socket");
        let name = path.clone();
        tokio::spawn(async move {
            let last = connections.len();
            for (number, answers) in (1..).zip(connections) {
                let (stream, _) = listener.accept().await.expect("a connection");
                if number == last {
                    std::fs::remove_file(&name).expect("cleaned");
                }
                let mut stream = BufReader::new(stream);
                for answer in answers {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.expect("a request");
                    match answer {
                        Some(answer) => stream.get_mut().write_all(answer.as_bytes()).await.expect("an answer"),
                        None => tokio::time::sleep(Duration::from_secs(5)).await,
                    }
                }
            }
        });
        path
    }

    const HELLO: &str = "{\"answer\":\"hello\",\"version\":3,\"accounts\":[]}\n";

    #[tokio::test]
    async fn a_signer_that_restarted_is_asked_again() {
        let client = SignerClient::new(signer_that_says("restart", vec![vec![Some(HELLO)], vec![Some(HELLO)]]));
        assert!(client.hello().await.is_ok());
        assert!(client.hello().await.is_ok(), "the first connection is gone by now");
        assert!(matches!(client.hello().await, Err(PrepareError::SignerUnreachable(_))));
    }

    #[tokio::test]
    async fn a_late_answer_is_never_taken_for_the_next_ones() {
        let path = signer_that_says("late", vec![vec![None]]);
        let client = SignerClient { timeout: Duration::from_millis(50), ..SignerClient::new(path) };
        assert!(matches!(client.hello().await, Err(PrepareError::SignerUnreachable(_))));
        assert!(client.connection.lock().await.is_none());
    }

    #[tokio::test]
    async fn an_answer_that_makes_no_sense_proves_nothing() {
        for (name, answer) in [
            ("garbage", "{\"answer\":\"approved\"}\n"),
            ("torn", "{\"answer\":\"hel"),
            ("version", "{\"answer\":\"hello\",\"version\":1,\"accounts\":[]}\n"),
            ("turn", "{\"answer\":\"declined\",\"reason\":\"slot_taken\"}\n"),
        ] {
            let client = SignerClient::new(signer_that_says(name, vec![vec![Some(answer)]]));
            assert!(matches!(client.hello().await, Err(PrepareError::SignerUnreachable(_))), "{name}");
        }
    }

    #[tokio::test]
    async fn says_where_the_missing_signer_should_be() {
        let error = SignerClient::new("/nowhere/signer.sock").hello().await.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("/nowhere/signer.sock") && error.contains("refundry-signer serve"), "{error}");
    }
}

//! The socket: one JSON object a line in, one out. A thread for each connection; the signer itself is asked one at a time.

use std::fs::{DirBuilder, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::signing::{Answer, DeferReason, Request};

use crate::signer::Signer;

/// The longest line that is read; a request has about 600 bytes.
const LINE_BYTES_MAX: u64 = 8 * 1024;
/// How many may be connected at once.
const CONNECTIONS_MAX: usize = 64;
/// How long somebody may take to read an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// Listens at `path`, in a folder that is closed before the socket appears in it, so that there is no moment at which it is open to others.
///
/// # Errors
/// Says what to change when the folder is open to others.
pub fn listen(path: &Path, for_group: bool) -> io::Result<UnixListener> {
    let (folder_mode, socket_mode) = if for_group { (0o750, 0o660) } else { (0o700, 0o600) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.ok_or_else(|| io::Error::other("the socket needs a folder of its own, such as data/signer/run/signer.sock"))?;
    DirBuilder::new().recursive(true).mode(folder_mode).create(folder)?;
    if folder.metadata()?.mode() & 0o777 & !folder_mode != 0 {
        return Err(io::Error::other(format!("others can reach into its folder; run: chmod {folder_mode:o} {}", folder.display())));
    }
    match path.symlink_metadata() {
        Ok(left_over) if left_over.file_type().is_socket() => std::fs::remove_file(path)?,
        Ok(_) => return Err(io::Error::other("something else than a socket is there; move it away")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(socket_mode))?;
    Ok(listener)
}

/// Answers until the process ends.
pub fn serve(listener: &UnixListener, signer: Signer, now: fn() -> jiff::Timestamp) {
    let signer = Arc::new(Mutex::new(signer));
    let places = Arc::new(());
    for stream in listener.incoming() {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection failed");
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        let (signer, place) = (Arc::clone(&signer), Arc::clone(&places));
        let is_full = Arc::strong_count(&places) > CONNECTIONS_MAX.saturating_add(1);
        let result = if is_full {
            say(&stream, &Answer::Deferred { reason: DeferReason::Busy })
        } else {
            let talk = move || {
                let _place = place;
                if let Err(error) = converse(&stream, &signer, now) {
                    tracing::debug!(%error, "a connection ended");
                }
            };
            std::thread::Builder::new().spawn(talk).map(drop)
        };
        if let Err(error) = result {
            tracing::warn!(%error, "a connection was refused");
        }
    }
}

fn converse(stream: &UnixStream, signer: &Mutex<Signer>, now: fn() -> jiff::Timestamp) -> io::Result<()> {
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let Ok(request) = serde_json::from_slice::<Request>(&line) else {
            // Half a line cannot be told from the next one, so this connection has no way on.
            return say(stream, &Answer::Deferred { reason: DeferReason::Unreadable });
        };
        // A panic while the log was being written leaves it uncertain: nothing more is signed until a restart replays it.
        let answer = signer.lock().map_or(Answer::Deferred { reason: DeferReason::LogFailed }, |mut signer| signer.answer(&request, now()));
        say(stream, &answer)?;
    }
}

fn say(mut stream: &UnixStream, answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line)
}

#[cfg(test)]
mod tests;

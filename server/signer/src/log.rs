//! The signer's memory: an append-only file, one JSON object a line, on the disk before an answer leaves. The first line of a payout is
//! for ever; lines that raise its fee come after it. It says who was paid what; it holds no key.
//!
//! A crash while a line is written leaves a line without its end. Its answer never left, so it is cut off at the next start.

use std::collections::{BTreeMap, HashMap};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use domain::ids::PayoutId;
use domain::money::AssetId;
use domain::signing::{DeclineReason, SignRequest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What was decided about a payout, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub verdict: Verdict,
    /// What was asked.
    pub request: SignRequest,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Signed; the bytes follow from the request and the key, the id proves it.
    Signed {
        /// The transaction's id.
        txid: String,
    },
    /// Refused for good.
    Declined(DeclineReason),
    /// Signed once more, after an earlier line, for higher fees.
    Raised {
        /// The transaction's id.
        txid: String,
    },
}

/// The open log and what follows from it.
pub struct Log {
    file: File,
    lines: HashMap<PayoutId, Line>,
    /// The last line of each payout whose fee was raised.
    raised: HashMap<PayoutId, Line>,
    slots: HashMap<(u64, u64), PayoutId>,
    day_units: BTreeMap<(AssetId, Day), u128>,
    is_broken: bool,
}

/// Days since 1970, UTC.
type Day = i64;

fn day(at: Timestamp) -> Day {
    at.as_second().div_euclid(86_400)
}

impl Log {
    /// Opens or makes the log, keeps every other signer away from it and replays it.
    ///
    /// # Errors
    /// `Locked` by another signer; `Corrupt` when a whole line makes no sense.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let failed = |error| LogError::File(path.to_owned(), error);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;

        let mut log = Self {
            file,
            lines: HashMap::new(),
            raised: HashMap::new(),
            slots: HashMap::new(),
            day_units: BTreeMap::new(),
            is_broken: false,
        };
        let mut text = Vec::new();
        log.file.read_to_end(&mut text).map_err(failed)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
        if whole < text.len() {
            tracing::warn!(bytes = text.len().saturating_sub(whole), "cut off a line that a crash left unfinished");
            log.file.set_len(u64::try_from(whole).unwrap_or(u64::MAX)).and_then(|()| log.file.sync_all()).map_err(failed)?;
        }
        for (index, line) in text[..whole].split_inclusive(|byte| *byte == b'\n').enumerate() {
            let corrupt = |detail: String| LogError::Corrupt { path: path.to_owned(), line: index.saturating_add(1), detail };
            let line: Line = serde_json::from_slice(line).map_err(|error| corrupt(error.to_string()))?;
            log.remember(line).map_err(|detail| corrupt(detail.to_owned()))?;
        }
        Ok(log)
    }

    /// Returns what was decided about a payout.
    pub fn line(&self, payout: PayoutId) -> Option<&Line> {
        self.lines.get(&payout)
    }

    /// Returns the newest line about a payout.
    pub fn last_line(&self, payout: PayoutId) -> Option<&Line> {
        self.raised.get(&payout).or_else(|| self.line(payout))
    }

    /// Returns the payout that used a nonce up.
    pub fn slot_owner(&self, chain_id: u64, slot: u64) -> Option<PayoutId> {
        self.slots.get(&(chain_id, slot)).copied()
    }

    /// Returns how much of an asset was signed on the day of `now` or later. Later days count too, so that a clock set back wins nobody
    /// a second helping.
    pub fn units_signed_today(&self, asset: AssetId, now: Timestamp) -> u128 {
        self.day_units.range((asset, day(now))..=(asset, Day::MAX)).fold(0, |sum, (_, units)| sum.saturating_add(*units))
    }

    /// Says whether a write failed: then nothing is written, and so nothing signed, until the next start.
    pub const fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Writes a line and waits until the disk has it. After a failure nothing is written any more: what the disk holds is uncertain until
    /// the next start reads it.
    ///
    /// # Errors
    /// `File` when the disk refused, now or before.
    pub fn append(&mut self, line: Line) -> Result<(), LogError> {
        let failed = |error| LogError::File(PathBuf::from("the log"), error);
        if self.is_broken {
            return Err(failed(io::Error::other("an earlier write failed")));
        }
        let mut text = serde_json::to_vec(&line).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        self.is_broken = true;
        self.file.write_all(&text).and_then(|()| self.file.sync_data()).map_err(failed)?;
        self.remember(line).map_err(|detail| failed(io::Error::other(detail)))?;
        self.is_broken = false;
        Ok(())
    }

    fn remember(&mut self, line: Line) -> Result<(), &'static str> {
        let request = &line.request;
        if matches!(line.verdict, Verdict::Raised { .. }) {
            let before = self.last_line(request.payout).filter(|before| !matches!(before.verdict, Verdict::Declined(_)));
            if !before.is_some_and(|before| request.asks_the_same_as(&before.request) && request.fees.replace(&before.request.fees)) {
                return Err("it raises the fee of nothing");
            }
            self.raised.insert(request.payout, line);
            return Ok(());
        }
        if self.lines.contains_key(&request.payout) {
            return Err("the payout has a line already");
        }
        if matches!(line.verdict, Verdict::Signed { .. }) {
            if self.slots.insert((request.chain_id, request.slot), request.payout).is_some() {
                return Err("the nonce has a line already");
            }
            let units = self.day_units.entry((request.asset, day(line.at))).or_default();
            *units = units.saturating_add(request.units);
        }
        self.lines.insert(request.payout, line);
        Ok(())
    }
}

/// Why there is no log.
#[derive(Debug, Error)]
pub enum LogError {
    /// The disk refuses.
    #[error("cannot use {path}: {error}", path = .0.display(), error = .1)]
    File(PathBuf, #[source] io::Error),
    /// Two signers would sign twice.
    #[error("another signer uses {}; stop it first", .0.display())]
    Locked(PathBuf),
    /// Not what a signer writes.
    #[error("line {line} of {} makes no sense ({detail}); restore the log from a copy, do not delete it: it keeps payouts from being signed twice", path.display())]
    Corrupt {
        /// The log.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong with it.
        detail: String,
    },
}

#[cfg(test)]
mod tests;

//! The installation's secret: made on the first start, kept in a file that only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use data_encoding::HEXLOWER;
use domain::claim::MasterKey;

use super::ConfigError;

/// Reads the key, or makes one where there is none.
pub(super) fn load_or_make(file: &Path) -> Result<MasterKey, ConfigError> {
    let wrong = |detail: String| ConfigError::new("secret_key_file", format!("{}: {detail}", file.display()));
    if !file.exists() {
        make(file).map_err(|error| wrong(format!("the key cannot be made: {error}")))?;
    }
    let metadata = fs::metadata(file).map_err(|error| wrong(format!("the key cannot be read: {error}")))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(wrong("others can read the key: run `chmod 600` on it".to_owned()));
    }
    let text = fs::read_to_string(file).map_err(|error| wrong(format!("the key cannot be read: {error}")))?;
    let bytes = parse(text.trim()).ok_or_else(|| wrong("the key is damaged: bring the file back from a backup".to_owned()))?;
    Ok(MasterKey::new(bytes))
}

/// Writes a whole file beside the key's place and links it there, so that of two first starts one makes the key and both read it.
fn make(file: &Path) -> Result<(), std::io::Error> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    // Left by a start that crashed here under the same process id, as the first process of a container has.
    if draft.exists() {
        fs::remove_file(&draft)?;
    }
    let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let hex = HEXLOWER.encode(&engine::random_bytes());
    writeln!(written, "{hex}")?;
    written.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn parse(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

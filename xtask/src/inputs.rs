//! What the bundle is made from, as one hash: so that a second build of the same sources does nothing. By content, not by
//! time, because a fresh clone has fresh times.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const SOURCES: [&str; 8] = ["Cargo.toml", "Cargo.lock", "src", "app", "frontend", "style", "public", "xtask"];

/// Returns a hash over the names and contents of all sources of the bundle.
pub fn fingerprint(root: &Path) -> Result<String, String> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
        let content = crate::read(&file)?;
        hash.update(format!("{name}\0{}\0", content.len()));
        hash.update(content);
    }
    Ok(hex(&hash.finalize()))
}

/// Writes bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lists all files in `path` and its folders.
pub fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    if path.is_file() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(|error| format!("cannot list {}: {error}", path.display()))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("cannot list {}: {error}", path.display()))?;
        collect(&entry.path(), files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_byte_changes_the_fingerprint() {
        let root = std::env::temp_dir().join(format!("refundry-inputs-{}", std::process::id()));
        for source in SOURCES {
            let file = if source.starts_with("Cargo") { root.join(source) } else { root.join(source).join("file") };
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "a").unwrap();
        }
        let before = fingerprint(&root).unwrap();
        assert_eq!(before, fingerprint(&root).unwrap());
        fs::write(root.join("style/file"), "b").unwrap();
        assert_ne!(before, fingerprint(&root).unwrap());
        fs::remove_dir_all(root).unwrap();
    }
}

//! The files a browser may load: named by their content, compressed ahead of time, listed in a manifest. The server embeds
//! the folder; its `assets.rs` reads the manifest and serves the files.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::inputs::hex;

/// The list "logical name, file name", one pair a line, after a first line with the inputs' fingerprint.
pub const MANIFEST: &str = "manifest.txt";

/// The bundle in memory: nothing is written before all of it is made.
#[derive(Default)]
pub struct Site {
    files: Vec<File>,
}

struct File {
    logical: String,
    hashed: String,
    content: Vec<u8>,
    compressed: Option<Compressed>,
}

struct Compressed {
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

impl Site {
    /// Adds a file and returns the name that browsers will ask for: `start.js` becomes `start.0123456789abcdef.js`.
    pub fn add(&mut self, logical: &str, content: Vec<u8>) -> Result<String, String> {
        let hashed = hashed_name(logical, &content)?;
        // woff2 is brotli inside already.
        let compressed = if logical.ends_with(".woff2") { None } else { Some(compress(&content)?) };
        self.files.push(File { logical: logical.to_owned(), hashed: hashed.clone(), content, compressed });
        Ok(hashed)
    }

    /// Returns the pairs of logical and hashed names added so far.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (file.logical.as_str(), file.hashed.as_str()))
    }

    /// Returns the sum of brotli bytes of all files with this ending.
    pub fn brotli_bytes(&self, ending: &str) -> usize {
        self.files.iter().filter(|file| file.logical.ends_with(ending)).map(File::brotli_bytes).sum()
    }

    /// Returns a table of sizes for people.
    pub fn sizes(&self) -> Vec<String> {
        let heading = format!("{:<24}{:>12}{:>12}", "browser bundle", "bytes", "brotli");
        let rows = self.files.iter().map(|file| format!("{:<24}{:>12}{:>12}", file.logical, file.content.len(), file.brotli_bytes()));
        std::iter::once(heading).chain(rows).collect()
    }

    /// Replaces the folder's content. The manifest comes last: without it the folder counts as not made.
    pub fn write(&self, folder: &Path, fingerprint: &str) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("cannot write {}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(failed)?;
        }
        fs::create_dir_all(folder).map_err(failed)?;
        let mut manifest = format!("{}\n", first_line(fingerprint));
        for file in &self.files {
            fs::write(folder.join(&file.hashed), &file.content).map_err(failed)?;
            if let Some(compressed) = &file.compressed {
                fs::write(folder.join(format!("{}.br", file.hashed)), &compressed.brotli).map_err(failed)?;
                fs::write(folder.join(format!("{}.gz", file.hashed)), &compressed.gzip).map_err(failed)?;
            }
            manifest.push_str(&format!("{} {}\n", file.logical, file.hashed));
        }
        fs::write(folder.join(MANIFEST), manifest).map_err(failed)
    }
}

impl File {
    fn brotli_bytes(&self) -> usize {
        self.compressed.as_ref().map_or(self.content.len(), |compressed| compressed.brotli.len())
    }
}

/// Says whether the folder holds the bundle of these very inputs.
pub fn is_made_from(folder: &Path, fingerprint: &str) -> bool {
    let Ok(manifest) = fs::read_to_string(folder.join(MANIFEST)) else { return false };
    manifest.lines().next() == Some(first_line(fingerprint).as_str())
}

fn first_line(fingerprint: &str) -> String {
    format!("# inputs {fingerprint}")
}

fn hashed_name(logical: &str, content: &[u8]) -> Result<String, String> {
    let Some((stem, ending)) = logical.rsplit_once('.') else {
        return Err(format!("{logical} has no file name ending, so its content type is unknown"));
    };
    let digest = Sha256::digest(content);
    let (short, _) = digest.split_at(8);
    Ok(format!("{stem}.{}.{ending}", hex(short)))
}

fn compress(content: &[u8]) -> Result<Compressed, String> {
    let failed = |error: std::io::Error| format!("cannot compress: {error}");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(content).map_err(failed)?;
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters).map_err(failed)?;
    Ok(Compressed { brotli: compressed, gzip: gzip.finish().map_err(failed)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_the_content_and_keeps_its_ending() {
        let name = hashed_name("start.js", b"a").unwrap();
        assert_eq!(name, hashed_name("start.js", b"a").unwrap());
        assert_ne!(name, hashed_name("start.js", b"b").unwrap());
        assert!(name.starts_with("start.") && name.ends_with(".js"), "{name}");
        assert!(hashed_name("LICENSE", b"a").is_err());
    }

    #[test]
    fn a_written_site_is_made_from_its_inputs_and_no_others() {
        let folder = std::env::temp_dir().join(format!("refundry-site-{}", std::process::id()));
        let mut site = Site::default();
        let hashed = site.add("start.js", b"export {}".to_vec()).unwrap();
        site.write(&folder, "abc").unwrap();
        assert!(is_made_from(&folder, "abc"));
        assert!(!is_made_from(&folder, "abd"));
        assert_eq!(fs::read(folder.join(&hashed)).unwrap(), b"export {}");
        assert_eq!(fs::read_to_string(folder.join(MANIFEST)).unwrap(), format!("# inputs abc\nstart.js {hashed}\n"));
        assert!(folder.join(format!("{hashed}.br")).exists() && folder.join(format!("{hashed}.gz")).exists());
        fs::remove_dir_all(folder).unwrap();
    }
}

//! Lets the server embed target/site, also before the first `cargo xtask bundle`: then the folder is empty and so is its list.

use std::fs;
use std::path::Path;

fn main() -> Result<(), std::io::Error> {
    let site = Path::new("../target/site");
    let manifest = site.join("manifest.txt");
    fs::create_dir_all(site)?;
    if !manifest.exists() {
        fs::write(&manifest, "")?;
    }
    // A new bundle has a new manifest: new files come in, old ones go.
    println!("cargo::rerun-if-changed={}", manifest.display());
    Ok(())
}

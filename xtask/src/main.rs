//! The build program: `cargo xtask bundle` makes what the browser loads and puts it into target/site, ready to be embedded
//! in the server. A tool for builds only: nothing here is part of a running Refundry.

mod inputs;
mod site;
mod style;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use site::Site;

/// Brotli bytes of wasm and JavaScript together that a page may ask a browser to load. A build above it fails.
const SCRIPT_BROTLI_BYTES_MAX: usize = 250_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bundle"] => bundle(),
        _ => Err("usage: cargo xtask bundle".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Builds target/site, unless it was made from the same inputs before.
fn bundle() -> Result<(), String> {
    let root = workspace_root()?;
    let folder = root.join("target/site");
    let fingerprint = inputs::fingerprint(&root)?;
    if site::is_made_from(&folder, &fingerprint) {
        println!("browser bundle: up to date");
        return Ok(());
    }

    let mut site = Site::default();
    style::add_public_files(&mut site, &root.join("public"))?;
    style::add_stylesheet(&mut site, &root.join("style"))?;
    wasm::add_scripts(&mut site, &root)?;

    for line in site.sizes() {
        println!("{line}");
    }
    let scripts = site.brotli_bytes(".wasm").saturating_add(site.brotli_bytes(".js"));
    if scripts > SCRIPT_BROTLI_BYTES_MAX {
        return Err(format!("wasm and JavaScript are {scripts} bytes after brotli, more than the limit of {SCRIPT_BROTLI_BYTES_MAX}"));
    }
    site.write(&folder, &fingerprint)
}

/// Returns the folder of this workspace, from anywhere inside it. Not compiled in: a shared target folder serves several clones.
fn workspace_root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| format!("cannot tell the current folder: {error}"))?;
    let root = here.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file());
    root.map(Path::to_path_buf).ok_or_else(|| format!("{} is not inside Refundry's workspace", here.display()))
}

/// Reads a file; the error names it.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

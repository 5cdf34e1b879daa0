//! The program for the browser: compiles `refundry-frontend` to WebAssembly, writes its JavaScript glue with wasm-bindgen, and
//! adds the start script. wasm-bindgen is a library here, of the version in Cargo.lock: no tool to install, none to mismatch.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::site::Site;

const TARGET: &str = "wasm32-unknown-unknown";
const START: &str = include_str!("start.js");
const SCAN: &str = include_str!("scan.js");
const PASSKEYS: &str = include_str!("passkeys.js");
const STAFF: &str = include_str!("staff/staff.js");
/// What the dashboard's script is made of, each after what it needs: one file, as its parts need each other.
const STAFF_PARTS: [(&str, &str); 6] = [
    ("draft.js", include_str!("staff/draft.js")),
    ("files.js", include_str!("staff/files.js")),
    ("selection.js", include_str!("staff/selection.js")),
    ("palette.js", include_str!("staff/palette.js")),
    ("keys.js", include_str!("staff/keys.js")),
    ("live.js", include_str!("staff/live.js")),
];

/// Adds `refundry.wasm`, `refundry.js`, the scripts of single pages, and `start.js`, the one script that pages include.
pub fn add_scripts(site: &mut Site, root: &Path) -> Result<(), String> {
    let compiled = compile(root)?;
    let failed = |error| format!("wasm-bindgen failed: {error}");
    let mut output = Bindgen::new()
        .input_path(compiled)
        .web(true)
        .map_err(failed)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .map_err(failed)?;
    let module = output.wasm_mut().emit_wasm();
    refuse_builder_paths(&module, root)?;
    let wasm = site.add("refundry.wasm", module)?;
    let script = with_snippets(site, output.js(), output.snippets(), output.local_modules())?;
    let glue = site.add("refundry.js", script.into_bytes())?;
    let scan = site.add("scan.js", SCAN.as_bytes().to_vec())?;
    let passkeys = site.add("passkeys.js", PASSKEYS.as_bytes().to_vec())?;
    let staff = site.add("staff.js", staff().into_bytes())?;
    let files = [("refundry.js", &glue), ("refundry.wasm", &wasm), ("scan.js", &scan), ("passkeys.js", &passkeys), ("staff.js", &staff)];
    let start =
        files.iter().fold(START.to_owned(), |start, (logical, hashed)| start.replace(&format!("./{logical}"), &format!("./{hashed}")));
    site.add("start.js", start.into_bytes())?;
    Ok(())
}

/// Joins the dashboard's script: what its parts say to each other by `import` and `export` is in one scope then.
fn staff() -> String {
    let parts = STAFF_PARTS.iter().map(|(_, part)| *part).chain([STAFF]);
    let lines = parts.flat_map(str::lines).filter(|line| !line.starts_with("import "));
    lines.map(|line| line.strip_prefix("export ").unwrap_or(line)).fold(String::new(), |script, line| script + line + "\n")
}

/// Adds the JavaScript that crates bring along, and returns the glue importing it by hashed name. The glue says
/// `./snippets/CRATE/inline0.js` or `./snippets/PATH`; the site has no folders.
fn with_snippets(
    site: &mut Site,
    glue: &str,
    inline: &BTreeMap<String, Vec<String>>,
    modules: &HashMap<String, String>,
) -> Result<String, String> {
    let numbered =
        inline.iter().flat_map(|(of, texts)| texts.iter().enumerate().map(move |(at, text)| (format!("{of}/inline{at}.js"), text)));
    let mut snippets: Vec<(String, &String)> = numbered.chain(modules.iter().map(|(path, text)| (path.clone(), text))).collect();
    snippets.sort();
    let mut glue = glue.to_owned();
    for (path, text) in snippets {
        let hashed = site.add(&path.replace('/', "-"), text.as_bytes().to_vec())?;
        glue = glue.replace(&format!("./snippets/{path}"), &format!("./{hashed}"));
    }
    if glue.contains("./snippets/") {
        return Err("the glue imports a snippet that wasm-bindgen did not hand out".to_owned());
    }
    Ok(glue)
}

/// Runs cargo in a target folder of its own: in a shared one, this build and the server's would throw away each other's work.
fn compile(root: &Path) -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("front");
    // Panic messages carry source paths: those of the builder's machine stay out. Cargo names our own sources relative to the workspace.
    let flags = cargo_home().map(|home| format!("--remap-path-prefix={}=/cargo", home.display())).unwrap_or_default();
    let status = Command::new("cargo")
        .args(["build", "--locked", "--package", "refundry-frontend", "--target", TARGET, "--profile", "wasm-release", "--target-dir"])
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !status.success() {
        return Err(format!(
            "refundry-frontend does not compile for {TARGET}: if the target is missing, run scripts/ensure-wasm-target.sh"
        ));
    }
    Ok(target.join(TARGET).join("wasm-release/refundry_frontend.wasm"))
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn refuse_builder_paths(module: &[u8], root: &Path) -> Result<(), String> {
    for path in cargo_home().iter().map(PathBuf::as_path).chain([root]) {
        let text = path.display().to_string();
        if module.windows(text.len()).any(|window| window == text.as_bytes()) {
            return Err(format!("refundry.wasm names the builder's folder {text}: see the remapping of paths in xtask/src/wasm.rs"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crates_own_script_is_served_beside_the_glue() {
        let mut site = Site::default();
        let inline = BTreeMap::from([("leptos-12".to_owned(), vec!["export {}".to_owned()])]);
        let modules = HashMap::from([("app/scan.js".to_owned(), "export default 1".to_owned())]);
        let glue = "import './snippets/leptos-12/inline0.js'; import './snippets/app/scan.js'";
        let glue = with_snippets(&mut site, glue, &inline, &modules).unwrap();
        let names: Vec<_> = site.names().collect();
        assert_eq!(names.len(), 2);
        for (_, hashed) in names {
            assert!(glue.contains(&format!("'./{hashed}'")), "{glue} has no {hashed}");
        }
        assert!(with_snippets(&mut Site::default(), "import './snippets/other.js'", &BTreeMap::new(), &HashMap::new()).is_err());
    }

    /// Names at the top of a part are names in all of them: none is taken twice, and nothing is left to import.
    #[test]
    fn the_dashboards_script_is_one_module() {
        let script = staff();
        let mut names: Vec<&str> = script
            .lines()
            .filter_map(|line| {
                let line = line.strip_prefix("async ").unwrap_or(line);
                let rest = ["function ", "const ", "let "].iter().find_map(|keyword| line.strip_prefix(keyword))?;
                rest.split([' ', '(', ';']).next()
            })
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
        assert!(!script.contains("./") && !script.contains("\nexport"), "{script}");
        for (name, _) in STAFF_PARTS {
            assert!(
                STAFF_PARTS.iter().map(|(_, part)| *part).chain([STAFF]).any(|part| part.contains(&format!("from \"./{name}\""))),
                "{name}"
            );
        }
    }

    #[test]
    fn a_module_that_names_the_builders_folder_is_refused() {
        let root = Path::new("/home/builder/refundry");
        assert!(refuse_builder_paths(b"..panicked at /home/builder/refundry/src/lib.rs", root).is_err());
        assert!(refuse_builder_paths(b"..panicked at /refundry/src/lib.rs", root).is_ok());
    }
}

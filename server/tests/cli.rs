//! The command line as a program meets it: one JSON object on stdout, and an exit status.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use uuid::Uuid;

/// An installation of its own: settings, secret and database in one folder.
struct Installation(PathBuf);

impl Installation {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("refundry-cli-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_refundry"));
        command.current_dir(&self.0).env("REFUNDRY_DATABASE_URL", format!("sqlite://{}", self.0.join("refundry.db").display()));
        command.env("REFUNDRY_SECRET_KEY_FILE", self.0.join("refundry.key")).env("REFUNDRY_SANDBOX", "true");
        command.arg("--json").args(arguments).output().expect("the program runs")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_demo_is_filled_with_refunds_whose_books_are_right() {
    let installation = Installation::new();
    assert_eq!(installation.json(&["demo", "--refunds", "20"])["added"], 20);
    assert_eq!(installation.json(&["demo", "--refunds", "5"])["added"], 5);
    let books = installation.json(&["ledger", "verify"]);
    // Three of the demo's own; each refund has at least what came in, what is owed and what is the shop's.
    assert!(books["ok"] == true && books["entries"].as_u64().is_some_and(|entries| entries > 28 * 3), "{books}");
    assert_eq!(installation.json(&["audit", "verify"])["ok"], true);
}

#[test]
fn a_story_is_played_from_its_seed() {
    let here = Installation::new();
    let played = here.json(&["simulate", "--seed", "7", "--seeds", "2", "--steps", "25"]);
    assert_eq!(
        (&played["ok"], &played["seed"], &played["stories"], &played["violations"]),
        (&json!(true), &json!(7), &json!(2), &json!([]))
    );
    assert!(played["events"].as_u64() > Some(100) && played["faults"].as_u64() > Some(0) && played["script"].is_null(), "{played}");
    assert_eq!(played, here.json(&["simulate", "--seed", "7", "--seeds", "2", "--steps", "25"]), "the same seed, the same story");
    let file = here.0.join("story");
    std::fs::write(&file, "no step\n").expect("a file");
    let refused = here.run(&["simulate", "--script", &file.display().to_string()]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("not a step"), "{refused:?}");
}

#[test]
fn the_operator_adds_suspends_and_stops() {
    let here = Installation::new();
    let added = here.json(&["mid", "add", "--merchant", "Halden Audio", "--name", "EU store", "--settle-currency", "EUR"]);
    let mid = added["mid"].as_str().expect("an id").to_owned();
    assert_eq!(here.json(&["mid", "suspend", "--mid", &mid]), json!({ "mid": mid, "guard": "suspended" }));
    assert_eq!(here.json(&["mid", "open", "--mid", &mid]), json!({ "mid": mid, "guard": "open" }));
    assert_eq!(here.json(&["payouts", "stop"]), json!({ "stopped": true }));
    assert_eq!(here.json(&["payouts", "go"]), json!({ "stopped": false }));
}

#[test]
fn what_does_not_exist_is_said() {
    let here = Installation::new();
    let unknown = here.run(&["mid", "suspend", "--mid", "0198c000-0000-7000-8000-000000000000"]);
    assert!(!unknown.status.success() && unknown.stdout.is_empty());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no MID"));
    let misspelt = here.run(&["mid", "add", "--merchant", "a", "--name", "b", "--settle-currency", "euro"]);
    assert!(!misspelt.status.success() && misspelt.stdout.is_empty());
    assert!(String::from_utf8_lossy(&misspelt.stderr).contains("--settle-currency"));
}

//! What the log does with files it does not like.

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("refundry-log-{name}-{}", std::process::id())))
    }

    fn log(&self) -> PathBuf {
        self.0.join("signed.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("cleaned");
    }
}

#[test]
fn two_signers_cannot_share_a_log() {
    let folder = Folder::new("locked");
    let first = Log::open(&folder.log()).expect("a log");
    assert!(matches!(Log::open(&folder.log()), Err(LogError::Locked(_))));
    drop(first);
    assert!(Log::open(&folder.log()).is_ok());
}

#[test]
fn only_the_last_line_may_be_torn() {
    let folder = Folder::new("torn");
    drop(Log::open(&folder.log()).expect("a log"));
    std::fs::write(folder.log(), "{\"at\":\"2026-1").expect("written");
    assert!(Log::open(&folder.log()).is_ok());
    assert_eq!(std::fs::read(folder.log()).expect("a log"), b"", "the torn line is gone");

    std::fs::write(folder.log(), "{\"at\":\"2026-1\n{\"at\":").expect("written");
    let Err(error) = Log::open(&folder.log()) else { panic!("a torn line in the middle was taken") };
    assert!(error.to_string().starts_with("line 1 of "), "{error}");
}

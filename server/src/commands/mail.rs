//! `refundry mail`: tries e-mail, and takes mails that came back.

use std::io::Read;

use engine::Engine;
use engine::emails::Report;
use serde_json::json;

use super::{Answer, CommandError};
use crate::cli::MailCommand;

/// The longest delivery report: one holds the mail that came back, and ours are short.
const REPORT_BYTES_MAX: u64 = 1 << 20;

pub(super) async fn run(engine: &Engine, command: MailCommand) -> Result<Answer, CommandError> {
    match command {
        MailCommand::Test { to } => {
            engine.send_test_email(&to).await?;
            Ok(Answer::ok(json!({ "to": to, "sent": true }), format!("the mail server took a mail to {to}: see whether it arrives")))
        }
        MailCommand::Bounce => {
            let mut report = Vec::new();
            std::io::stdin().lock().take(REPORT_BYTES_MAX).read_to_end(&mut report).map_err(CommandError::NoReport)?;
            Ok(match engine.email_came_back(&report).await? {
                Report::CameBack(id) => {
                    Answer::ok(json!({ "email": id, "bounced": true }), format!("mail {id} came back; its refund shows it"))
                }
                Report::Known(id) => {
                    Answer::ok(json!({ "email": id, "bounced": true }), format!("that mail {id} did not arrive was known"))
                }
                Report::Nothing => Answer::ok(json!({ "bounced": false }), "the report tells of no failure".to_owned()),
            })
        }
    }
}

//! `refundry ledger reconcile`: the books beside what the rails hold.

use engine::Engine;
use engine::callers::Caller;
use serde_json::json;

use super::{Answer, CommandError};

/// Compares now and shows a line for each asset. Not ok when a rail is away or coins are missing.
pub(super) async fn run(engine: &Engine) -> Result<Answer, CommandError> {
    let found = engine.reconcile_now(&Caller::operator()).await?;
    let line = |cells: [&str; 7]| {
        let [asset, ledger, gas, in_flight, rail, float, state] = cells;
        format!("{asset:<16}{ledger:>26}{gas:>26}{in_flight:>26}{rail:>26}{float:>26}  {state}")
    };
    let mut lines = vec![line(["asset", "ledger", "gas", "in flight", "rail", "float", "state"])];
    for asset in &found.assets {
        let (rail, float) = (asset.rail.as_deref().unwrap_or("-"), asset.float.as_deref().unwrap_or("-"));
        let shown = line([&asset.asset, &asset.ledger, &asset.gas, &asset.in_flight, rail, float, asset.state.name()]);
        lines.push(format!("{shown}: {}", asset.note));
    }
    lines.push(if found.ok { "the rails hold what is owed" } else { "the rails do NOT show all that is owed" }.to_owned());
    Ok(Answer { json: json!({ "assets": found.assets, "ok": found.ok }), text: lines.join("\n"), is_ok: found.ok })
}

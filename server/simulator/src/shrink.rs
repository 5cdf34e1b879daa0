//! Cuts a failing script down to the shortest that still fails in the same way.

use crate::script::{Script, Step};

/// Returns the shortest script found for which `fails` holds, after at most `plays` tries. `script` itself must fail.
pub fn shrink(script: &Script, mut plays: usize, mut fails: impl FnMut(&Script) -> bool) -> Script {
    let mut best = script.clone();
    let mut is_worth = |candidate: &Script, plays: &mut usize| {
        if *plays == 0 {
            return false;
        }
        *plays = plays.saturating_sub(1);
        fails(candidate)
    };
    loop {
        let before = best.clone();
        // Halves first, single lines last.
        let mut length = best.0.len().div_ceil(2);
        while length > 0 {
            let mut start = 0_usize;
            while start < best.0.len() {
                let candidate = without(&best, start, length);
                if is_worth(&candidate, &mut plays) {
                    best = candidate;
                } else {
                    start = start.saturating_add(length);
                }
            }
            length = if length == 1 { 0 } else { length.div_ceil(2) };
        }
        for index in 0..best.0.len() {
            for simpler in simpler(best.0[index]) {
                let mut candidate = best.clone();
                candidate.0[index] = simpler;
                if is_worth(&candidate, &mut plays) {
                    best = candidate;
                    break;
                }
            }
        }
        if best == before || plays == 0 {
            return best;
        }
    }
}

fn without(script: &Script, start: usize, length: usize) -> Script {
    let end = start.saturating_add(length);
    Script(script.0.iter().enumerate().filter(|(index, _)| !(start..end).contains(index)).map(|(_, step)| *step).collect())
}

/// Returns the step with less going on, the simplest first.
fn simpler(step: Step) -> Vec<Step> {
    let mut all = Vec::new();
    if step.second {
        all.push(Step { second: false, ..step });
    }
    if let Some(mishap) = step.mishap {
        all.push(Step { mishap: None, second: false, ..step });
        all.extend((1..mishap.nth).take(3).map(|nth| Step { mishap: Some(crate::script::Mishap { nth, ..mishap }), ..step }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::script;
    use crate::script::Action;

    #[test]
    fn what_does_not_matter_is_cut_off() {
        let whole = script(3, 60);
        let fails = |script: &Script| {
            let waits = script.0.iter().filter(|step| matches!(step.action, Action::Wait { .. })).count();
            let payments = script.0.iter().filter(|step| matches!(step.action, Action::Pay { .. })).count();
            waits >= 2 && payments >= 1
        };
        assert!(fails(&whole), "this seed has both");
        let shortest = shrink(&whole, 1000, fails);
        assert_eq!(shortest.0.len(), 3, "{shortest}");
        assert!(shortest.0.iter().all(|step| step.mishap.is_none() && !step.second), "{shortest}");
    }

    #[test]
    fn tries_are_counted() {
        let mut plays = 0_usize;
        shrink(&script(3, 60), 10, |_| {
            plays = usize::saturating_add(plays, 1);
            false
        });
        assert_eq!(plays, 10);
    }
}

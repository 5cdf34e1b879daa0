//! How the numbers of a script become choices.

use super::*;

impl Word {
    /// Returns a number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("few choices");
        let number = self.0 % end;
        self.0 /= end;
        usize::try_from(number).expect("a small number")
    }

    pub(super) fn of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[self.below(N)]
    }

    pub(super) fn among<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        if choices.is_empty() { None } else { choices.get(self.below(choices.len())) }
    }

    pub(super) fn any<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.among(choices).expect("a choice")
    }
}

/// A policy that turns every knob that says where money goes.
pub(super) fn policy(rules: &mut Word) -> Policy {
    let limits = |text: &str| text.parse().expect("limits");
    Policy {
        on_over: rules.any(OnOver::ALL),
        on_under: rules.any(OnUnder::ALL),
        on_late: rules.any(OnLate::ALL),
        late_grace: rules.of([LateGrace::default(), LateGrace { fiat: Period::hours(1), coin: Period::days(1) }]),
        late_rate_drift: rules.of([1, 100]).into(),
        tolerance: Tolerance { percent: rules.of([0, 10]).into(), absolute: limits(rules.of(["", "USD:2", "EUR:2"])) },
        topup_until: rules.of([Period::none(), Period::days(1)]),
        destination_source: rules.any(DestinationSource::ALL),
        security_delay: Period::hours(rules.of([0, 72])),
        security_delay_anchor: rules.any(DelayAnchor::ALL),
        payer_cancel: rules.of([true, false]),
        reopen_after_payer_cancel: rules.any(Reopen::ALL),
        claim_ttl: Period::days(rules.of([1, 90])),
        on_expiry: rules.any(OnExpiry::ALL),
        fee_bearer: rules.any(FeeBearer::ALL),
        fee_cap: rules.of([100, 50]).into(),
        claim_floor: limits(rules.of(["", "USD:3"])),
        reminders: if rules.of([true, false]) { vec![30, 7, 1] } else { Vec::new() },
        ..Policy::default()
    }
}

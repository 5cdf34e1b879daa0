//! Outages: times in which no payer could reach the pages. Time to cancel is time in which one can: what an outage takes of it is
//! given back (odd case 23).

use jiff::Timestamp;

/// A time in which the pages could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When they were last seen to be served.
    pub began_at: Timestamp,
    /// When they were served again.
    pub ended_at: Timestamp,
}

/// Returns when a payer's time ends that was to last from `from` until `until`, with every outage in it given back: also those in the
/// time that was added. `outages` come in the order of time.
#[must_use]
pub fn window_end(from: Timestamp, until: Timestamp, outages: &[Outage]) -> Timestamp {
    outages.iter().fold(until, |end, outage| {
        let taken_from = outage.began_at.max(from);
        if taken_from >= end || outage.ended_at <= taken_from {
            return end;
        }
        end.saturating_add(outage.ended_at.duration_since(taken_from)).unwrap_or(Timestamp::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour.saturating_mul(3600)).expect("an instant")
    }

    /// Works out, in hours, the end of a time to cancel from hour 10 to hour 20.
    fn end(outages: &[(i64, i64)]) -> i64 {
        let outages: Vec<_> = outages.iter().map(|(began, ended)| Outage { began_at: at(*began), ended_at: at(*ended) }).collect();
        window_end(at(10), at(20), &outages).as_second() / 3600
    }

    #[test]
    fn what_an_outage_takes_of_the_time_is_given_back() {
        assert_eq!(end(&[]), 20);
        assert_eq!(end(&[(12, 15)]), 23, "inside");
        assert_eq!(end(&[(8, 12)]), 22, "it began before: only its part inside counts");
        assert_eq!(end(&[(18, 25)]), 27, "it ended after: two hours were left when it began, and are left when it ends");
        assert_eq!(end(&[(5, 10), (20, 30)]), 20, "before and after");
        assert_eq!(end(&[(12, 13), (19, 21)]), 23, "two of them");
        assert_eq!(end(&[(12, 15), (21, 22)]), 24, "the second is in what the first gave back");
    }

    #[test]
    fn no_time_to_cancel_stays_none() {
        let outage = Outage { began_at: at(5), ended_at: at(30) };
        assert_eq!(window_end(at(10), at(10), &[outage]), at(10));
    }
}

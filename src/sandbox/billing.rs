//! The sandbox's account: an append-only file, and sums over it. No money at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::Usd;

const START: Usd = Usd::from_micros(100_000_000);
const LOW: Usd = Usd::from_micros(10_000_000);
const REFILL: Usd = Usd::from_micros(90_000_000);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum BillingType {
    Deduct,
    Refund,
}

impl BillingType {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Deduct => "deduct",
            Self::Refund => "refund",
        }
    }
}

/// One line of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Bill {
    pub(super) uuid: String,
    pub(super) billing_type: BillingType,
    pub(super) price: Usd,
    /// When it counts. A refund is written together with its run, for the moment when that has failed.
    pub(super) at: Timestamp,
    pub(super) prediction: String,
    pub(super) model: String,
}

#[derive(Debug)]
pub(super) struct Billing(pub(super) PathBuf);

impl Billing {
    /// Adds lines in one write, so that those of two processes never mix.
    pub(super) fn append(&self, bills: &[Bill]) -> io::Result<()> {
        // Starting a new line: the last one may have been cut short by a full disk.
        let mut lines = vec![b'\n'];
        for bill in bills {
            serde_json::to_writer(&mut lines, bill)?;
            lines.push(b'\n');
        }
        OpenOptions::new().create(true).append(true).open(&self.0)?.write_all(&lines)
    }

    /// Every line that counts by now, the oldest first. A line that cannot be read is passed over.
    pub(super) fn bills(&self, now: Timestamp) -> Vec<Bill> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let readable = text.lines().filter_map(|line| serde_json::from_str::<Bill>(line).ok());
        let mut bills: Vec<Bill> = readable.filter(|bill| bill.at <= now).collect();
        bills.sort_by_key(|bill| bill.at);
        bills
    }
}

/// What is left: $100 at the start, filled up whenever it falls below $10.
pub(super) fn balance(bills: &[Bill]) -> Usd {
    bills.iter().fold(START, |left, bill| {
        let left = match bill.billing_type {
            BillingType::Deduct => left - bill.price,
            BillingType::Refund => left + bill.price,
        };
        if left < LOW { left + REFILL } else { left }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(billing_type: BillingType, cents: i64, second: i64) -> Bill {
        Bill {
            uuid: "u".to_owned(),
            billing_type,
            price: Usd::from_micros(cents * 10_000),
            at: Timestamp::from_second(second).unwrap(),
            prediction: "p".to_owned(),
            model: "m".to_owned(),
        }
    }

    #[test]
    fn the_balance_goes_down_comes_back_and_fills_itself_up() {
        let cents = |bills: &[Bill]| balance(bills).micros() / 10_000;
        assert_eq!(cents(&[]), 10_000);
        let mut bills = vec![bill(BillingType::Deduct, 50, 1)];
        assert_eq!(cents(&bills), 9_950);
        bills.push(bill(BillingType::Refund, 50, 2));
        assert_eq!(cents(&bills), 10_000);
        bills.push(bill(BillingType::Deduct, 9_001, 3));
        assert_eq!(cents(&bills), 9_999);
    }

    #[test]
    fn a_line_counts_from_its_moment_on_and_a_broken_one_never() {
        let folder = tempfile::tempdir().unwrap();
        let billing = Billing(folder.path().join("billing.jsonl"));
        billing
            .append(&[bill(BillingType::Refund, 5, 20), bill(BillingType::Deduct, 5, 10)])
            .unwrap();
        let mut file = OpenOptions::new().append(true).open(&billing.0).unwrap();
        file.write_all(b"{\"uuid\":\"cut").unwrap();
        billing.append(&[bill(BillingType::Deduct, 5, 30)]).unwrap();
        let at = |second| billing.bills(Timestamp::from_second(second).unwrap()).len();
        assert_eq!((at(5), at(15), at(25), at(35)), (0, 1, 2, 3));
    }
}

//! Days of the calendar: when an exception ends.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// `2026-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    pub fn parse(text: &str) -> Option<Date> {
        let [year, month, day] = *text.split('-').collect::<Vec<_>>() else { return None };
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return None;
        }
        let date = Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        (date.day >= 1 && date.day <= date.days_of_month()?).then_some(date)
    }

    /// In UTC: the verdict is the same wherever a run takes place.
    pub fn today() -> Date {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Date::after_1970(seconds / 86_400)
    }

    fn after_1970(mut days: u64) -> Date {
        let mut date = Date { year: 1970, month: 1, day: 1 };
        loop {
            let length = u64::from(date.days_of_month().unwrap_or(31));
            if days < length || date.year == u16::MAX {
                return Date { day: 1 + days.min(30) as u8, ..date };
            }
            days -= length;
            date = if date.month == 12 { Date { year: date.year + 1, month: 1, ..date } } else { Date { month: date.month + 1, ..date } };
        }
    }

    fn days_of_month(self) -> Option<u8> {
        let year = self.year;
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
            4 | 6 | 9 | 11 => Some(30),
            2 => Some(if leap { 29 } else { 28 }),
            _ => None,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> String {
        date.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Date, String> {
        Date::parse(&text).ok_or_else(|| format!("`{text}` is no date such as `2026-12-31`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_become_dates() {
        for (days, date) in [(0, "1970-01-01"), (58, "1970-02-28"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_780, "2026-11-23")] {
            assert_eq!(Date::after_1970(days).to_string(), date);
        }
    }

    #[test]
    fn what_is_no_day_is_no_date() {
        assert!(Date::parse("2026-12-31") > Date::parse("2026-02-28"));
        for text in ["2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-00-10", "2026-01-00", "tomorrow", "+026-01-01"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}

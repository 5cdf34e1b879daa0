//! Comma-separated values (RFC 4180) that a spreadsheet shows as they are: text that it would run as a formula gets an apostrophe in
//! front (OWASP, CSV injection).

/// The media type, with a header line.
pub const CONTENT_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// Returns one record, its line break included.
#[must_use]
pub fn record<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Says whether it is a plain number, such as an amount of ours below zero.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_when_they_must_be() {
        assert_eq!(record(["a", "", "1.50"]), "a,,1.50\r\n");
        assert_eq!(record(["a,b", "say \"hi\"", "two\nlines"]), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
    }

    #[test]
    fn nothing_is_a_formula_and_numbers_stay_numbers() {
        for number in ["-0.010000", "-1", "7", "0.000001"] {
            assert_eq!(cell(number), number);
        }
        for formula in ["=1+1", "+49 30 1234", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-", "--1", "-1.", "-.5", "-1e5"] {
            let shown = cell(formula);
            assert!(shown.starts_with("\"'"), "{shown}");
        }
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    }
}

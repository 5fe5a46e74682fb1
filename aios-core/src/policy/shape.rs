//! Whether policies may be parsed at all: none may nest so deep, or chain so much, that reading it takes all of a stack, or
//! that Cedar's validator stops looking before its end.

/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 64;
/// Most operators of one policy, each of which can put all before it one level deeper.
const MAX_OPERATORS: usize = 512;

/// Says on which line of policies there is too much in one, and of what.
pub(super) fn check(text: &str) -> Result<(), (usize, &'static str)> {
    let (mut line, mut depth, mut operators) = (1, 0_usize, 0_usize);
    let mut rest = text.chars().peekable();
    let mut word = String::new();
    while let Some(c) = rest.next() {
        let is_of_word = c.is_alphanumeric() || c == '_';
        if is_of_word {
            word.push(c);
        } else {
            operators += usize::from(word == "if");
            word.clear();
        }
        match c {
            '\n' => line += 1,
            '"' => line += passed(&mut rest).ok_or((line, "holds a string that does not end"))?,
            '/' if rest.peek() == Some(&'/') => {
                while rest.next_if(|c| !matches!(c, '\n' | '\r')).is_some() {}
            }
            '(' | '[' | '{' => {
                depth += 1;
                operators += 1;
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '.' | '+' | '-' | '*' | '!' => operators += 1,
            // Nowhere else than at a policy's end is there one that can be parsed.
            ';' => operators = 0,
            '&' | '|' => operators += usize::from(rest.next_if_eq(&c).is_some()),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err((line, "nests deeper than 64 brackets"));
        }
        if operators > MAX_OPERATORS {
            return Err((line, "has more than 512 operators and brackets; make several policies of it"));
        }
    }
    Ok(())
}

/// Goes behind the end of a string, and says how many lines it goes over.
fn passed(rest: &mut impl Iterator<Item = char>) -> Option<usize> {
    let mut lines = 0;
    loop {
        match rest.next()? {
            '"' => return Some(lines),
            '\\' => lines += usize::from(rest.next()? == '\n'),
            '\n' => lines += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_too_long_or_does_not_end_is_told_with_its_line() {
        let nested = |count: usize| format!("\n{}true{}", "(".repeat(count), ")".repeat(count));
        let told = |text: &str| check(text).map_err(|(line, message)| format!("{line}: {message}"));
        for well in [
            &nested(64),
            &format!("\"{}\" // {}\n", "(".repeat(999), "[".repeat(999)),
            &format!(r#""\"{}" "\\" // ""#, "(".repeat(999)),
            &"(true) && ".repeat(256),
            &format!("{};", "1+".repeat(512)).repeat(3),
        ] {
            assert_eq!(told(well), Ok(()), "{well}");
        }
        for (ill, expected) in [
            (&nested(65), "2: nests deeper than 64 brackets"),
            (&format!("// \"\n{}", nested(65)), "3: nests deeper than 64 brackets"),
            (&format!("// \r{}", nested(65)), "2: nests deeper than 64 brackets"),
            (&format!("\"\n\"{}", nested(65)), "3: nests deeper than 64 brackets"),
            (&format!("\"\\\\\"{}", nested(65)), "2: nests deeper than 64 brackets"),
            (
                &"\n1+".repeat(513),
                "514: has more than 512 operators and brackets; make several policies of it",
            ),
            (
                &"if a then ".repeat(513),
                "1: has more than 512 operators and brackets; make several policies of it",
            ),
            (&"a \n \"b".to_owned(), "2: holds a string that does not end"),
            (&"a \"b\\".to_owned(), "1: holds a string that does not end"),
        ] {
            assert_eq!(told(ill), Err(expected.to_owned()), "{ill}");
        }
    }
}

//! What strangers may write as a policy: the longest and deepest of it is read to its end, on any stack.

use super::layers::layered;
use super::stored::{ask, kept};
use super::{data, user};
use crate::policy::raw::{Loaded, Texts};

/// Longest and deepest of what may be put, in every way that puts one thing into another; and whether it fits, where that shows
/// that it was looked at to its end.
fn extremes() -> Vec<(String, Option<bool>)> {
    let (deep, long) = (60, 500);
    let nested =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(deep), close.repeat(deep));
    let bodies = [
        (nested("(", "true", ")"), Some(true)),
        (format!("{} == 1", nested("[", "1", "]")), None),
        (format!("{} == 1", nested("{a:", "1", "}")), None),
        (format!("decimal({}).lessThan(decimal(\"1.0\"))", nested("(", "\"1.0\"", ")")), None),
        (format!("{}true", "if true then true else ".repeat(320)), Some(true)),
        (format!("{} true{}", "if ".repeat(320), " then true else true".repeat(320)), Some(true)),
        (format!("true{}", "&&true".repeat(long)), Some(true)),
        (format!("true{}", "||true".repeat(long)), Some(true)),
        (format!("1{} > 0", "+1".repeat(long)), Some(true)),
        (format!("1{} > 0", "*1".repeat(long)), Some(true)),
        // Nobody declares these attributes.
        (format!("principal{}", ".a".repeat(long)), Some(false)),
        (format!("principal{}", "[\"a\"]".repeat(long)), Some(false)),
        (format!("principal{}", ".contains(1)".repeat(long / 2)), Some(false)),
        (format!("principal has a{}", ".a".repeat(long)), Some(false)),
    ];
    let policy = |body: &str| format!("forbid(principal, action, resource) when {{ {body} }};");
    let mut policies: Vec<_> = bodies.iter().map(|(body, fits)| (policy(body), *fits)).collect();
    let conditions = " when {true}".repeat(long);
    policies.push((format!("forbid(principal, action, resource){conditions};"), Some(true)));
    policies
}

/// Runs on a stack of so many bytes.
fn on(stack: usize, work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work).unwrap().join().unwrap();
    });
}

#[test]
fn a_set_of_policies_that_loads_at_all_loads_on_the_stack_of_any_thread() {
    let load = |policies: String| Loaded::load(&Texts { policies, schema: None, entities: None });
    on(2 * 1024 * 1024, || {
        for (text, _) in extremes() {
            load(text.repeat(3)).unwrap();
        }
        for (open, close) in
            [("(", ")"), ("[", "]"), ("{a:", "}"), ("-", ""), ("!", ""), ("if true then true else ", "")]
        {
            let deep = format!("{}true{}", open.repeat(100_000), close.repeat(100_000));
            let problems = load(format!(
                "permit(principal, action, resource);\nforbid(principal, action, resource) when {{ {deep} }};"
            ));
            let [problem] = <[_; 1]>::try_from(problems.unwrap_err()).unwrap();
            assert_eq!(problem.line, Some(2), "{open}: {problem:?}");
        }
    });
}

#[test]
fn no_text_that_may_be_put_takes_all_of_a_stack_or_passes_unread() {
    let desk = layered(&[("a.cedar", r#"@id("all") permit(principal, action, resource);"#)]);
    for (text, fits) in extremes() {
        let kept = std::sync::Mutex::new(Some(kept(&[("deep", &text)])));
        // A quarter of what the engine gives reading, and little for whoever decides and lets go.
        on(4 * 1024 * 1024, || {
            let kept = kept.lock().unwrap();
            let read = desk.policies().read_layer(&"acme".parse().unwrap(), kept.as_ref().unwrap());
            assert!(fits.is_none_or(|fits| fits == read.is_ok()), "{text}: {read:?}");
        });
        on(512 * 1024, || {
            let kept = kept.lock().unwrap().take().unwrap();
            drop(ask((&desk, &kept), &user(&[]), "read", data("x")));
        });
    }
}

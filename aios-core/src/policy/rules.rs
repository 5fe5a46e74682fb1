//! Policies from text: parsed, named, validated.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationResult, ValidationWarning};

use super::candidates::Unfit;
use super::levels::{self, Levels};
use super::source::{Problem, line};

/// All policies, and how far their evaluation looks.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) set: PolicySet,
    pub(super) levels: Levels,
}

/// Whose policies they are.
pub(super) struct Author<'a> {
    /// Begins the id of each.
    pub(super) prefix: String,
    /// Why one may not stand there, if so.
    pub(super) objection: &'a dyn Fn(&Policy) -> Option<&'static str>,
    pub(super) naming: Naming,
}

/// What a policy is called that has no `@id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// By its place in its file.
    ByPlace,
    /// As its text is, in which it stands alone.
    ByText,
}

/// Where a policy stands.
struct Origin<'f> {
    file: &'f str,
    text: &'f str,
    line: Option<usize>,
}

/// Parses all files and, where there is a schema, validates the policies strictly.
pub(super) fn load(
    files: &[(&str, &str)],
    author: &Author<'_>,
    schema: Option<&Schema>,
    problems: &mut Vec<Problem>,
) -> Rules {
    let mut rules = Rules::default();
    let mut origins = HashMap::new();
    for (file, text) in files {
        problems.extend(bidi_lines(text).map(|line| {
            Problem::new(*file, Some(line), "holds a character that changes the direction of text")
        }));
        match text.parse::<PolicySet>() {
            Ok(set) => add((&mut rules, &mut origins), author, (file, text, &set), problems),
            Err(errors) => problems
                .extend(errors.iter().map(|error| Problem::new(*file, line(error, text), error.to_string()))),
        }
    }
    if let Some(schema) = schema {
        rules.levels = validate(&rules.set, schema, &origins, problems);
    }
    rules
}

fn add<'f>(
    (rules, origins): (&mut Rules, &mut HashMap<PolicyId, Origin<'f>>),
    author: &Author<'_>,
    (file, text, set): (&'f str, &'f str, &PolicySet),
    problems: &mut Vec<Problem>,
) {
    for _ in set.templates() {
        problems.push(Problem::new(file, None, "holds a template; templates are not supported"));
    }
    if author.naming == Naming::ByText && set.policies().count() + set.templates().count() != 1 {
        problems.push(Problem::new(file, None, "must hold one policy"));
        return;
    }
    let (mut from, mut lines) = (0, 1);
    for (index, policy) in set.policies().enumerate() {
        let at = position(policy, text, from);
        let passed = text.get(from..at.unwrap_or(from)).unwrap_or_default();
        lines += passed.bytes().filter(|byte| *byte == b'\n').count();
        from = at.map_or(from, |at| at + 1);
        let line = at.map(|_| lines);
        for (name, _) in policy.annotations().filter(|(name, _)| *name != "id") {
            problems.push(Problem::new(file, line, format!("the annotation @{name} has no meaning here")));
        }
        let objection = (author.objection)(policy);
        problems.extend(objection.map(|message| Problem::new(file, line, message)));
        let id = match id(policy.annotation("id"), author, (file, index)) {
            Ok(id) => id,
            Err(message) => {
                problems.push(Problem::new(file, line, message));
                continue;
            }
        };
        if let Some(first) = origins.get(&id) {
            let place = first.line.map_or(first.file.to_owned(), |line| format!("{}:{line}", first.file));
            problems.push(Problem::new(file, line, format!("the @id {id} already stands at {place}")));
            continue;
        }
        origins.insert(id.clone(), Origin { file, text, line });
        if let Err(error) = rules.set.add(policy.new_id(id)) {
            problems.push(Problem::new(file, line, error.to_string()));
        }
    }
}

fn id(
    said: Option<&str>,
    author: &Author<'_>,
    (file, index): (&str, usize),
) -> Result<PolicyId, &'static str> {
    let prefix = &author.prefix;
    // A prefix says already in whose folder.
    let file_name = if prefix.is_empty() { file } else { file.rsplit('/').next().unwrap_or(file) };
    match (said, author.naming) {
        (Some(""), _) => Err("an @id is empty"),
        (Some(id), Naming::ByText) if id != file => {
            Err("an @id is not the name that the policy is kept under")
        }
        (Some(id), _) => Ok(PolicyId::new(format!("{prefix}{id}"))),
        (None, Naming::ByPlace) => Ok(PolicyId::new(format!("{prefix}{}#{}", file_name, index + 1))),
        (None, Naming::ByText) => Ok(PolicyId::new(format!("{prefix}{file}"))),
    }
}

fn position(policy: &Policy, text: &str, from: usize) -> Option<usize> {
    Some(from + text.get(from..)?.find(policy.to_cedar()?.as_str())?)
}

fn validate(
    set: &PolicySet,
    schema: &Schema,
    origins: &HashMap<PolicyId, Origin<'_>>,
    problems: &mut Vec<Problem>,
) -> Levels {
    let (results, levels) = match levels::validate(set, schema) {
        Ok(validated) => validated,
        Err(Unfit(message)) => {
            problems.push(Problem::new("policies", None, message));
            return Levels::default();
        }
    };
    let mut found = BTreeSet::new();
    let mut report = |id: &PolicyId, diagnostic: &dyn miette::Diagnostic, message: String| {
        let Some(origin) = origins.get(id) else { return };
        let line = line(diagnostic, origin.text).or(origin.line);
        found.insert(Problem::new(origin.file, line, message));
    };
    for error in results
        .iter()
        .flat_map(ValidationResult::validation_errors)
        .filter(|error| !levels::is_of_level(error))
    {
        report(error.policy_id(), error, error.to_string());
    }
    // Holds the findings of `confusable_string_checker`, which by itself takes templates only.
    for warning in results.iter().flat_map(ValidationResult::validation_warnings) {
        if refuses(warning, set) {
            report(warning.policy_id(), warning, warning.to_string());
        }
    }
    problems.extend(found);
    levels
}

/// Confusable characters refuse; so does a `forbid` that can never apply, for it protects nothing.
fn refuses(warning: &ValidationWarning, set: &PolicySet) -> bool {
    match warning {
        ValidationWarning::ImpossiblePolicy(_) | ValidationWarning::InvalidActionApplication(_) => {
            set.policy(warning.policy_id()).is_none_or(|policy| policy.effect() == Effect::Forbid)
        }
        ValidationWarning::BidiCharsInIdentifier(_)
        | ValidationWarning::BidiCharsInString(_)
        | ValidationWarning::ConfusableIdentifier(_)
        | ValidationWarning::MixedScriptIdentifier(_)
        | ValidationWarning::MixedScriptString(_)
        | _ => true,
    }
}

fn bidi_lines(text: &str) -> impl Iterator<Item = usize> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.lines().enumerate().filter(move |(_, line)| line.contains(turns)).map(|(index, _)| index + 1)
}

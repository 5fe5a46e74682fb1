//! Policies from text: parsed, named, validated.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{
    Effect, Policy, PolicyId, PolicySet, Schema, Template, ValidationResult, ValidationWarning,
};

use super::candidates::Unfit;
use super::layer;
use super::levels::{self, Levels};
use super::links::{self, Link};
use super::shape;
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
    /// Why none may be called so, if so.
    pub(super) misnamed: fn(&str) -> Option<&'static str>,
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

/// Where a policy or a template stands.
#[derive(Clone, Copy)]
struct Origin<'f> {
    file: &'f str,
    /// None for a link, whose words are its template's.
    text: Option<&'f str>,
    line: Option<usize>,
}

/// What was read so far.
struct Reading<'f, 'a> {
    author: &'a Author<'a>,
    rules: Rules,
    origins: HashMap<PolicyId, Origin<'f>>,
    /// Templates that nothing links yet.
    idle: BTreeSet<PolicyId>,
    problems: &'a mut Vec<Problem>,
}

/// Parses all files and, where there is a schema, validates the policies strictly.
pub(super) fn load(
    files: &[(&str, &str)],
    author: &Author<'_>,
    schema: Option<&Schema>,
    problems: &mut Vec<Problem>,
) -> Rules {
    let (rules, origins, idle) = (Rules::default(), HashMap::new(), BTreeSet::new());
    let mut reading = Reading { author, rules, origins, idle, problems };
    // In the store a text may have any name.
    let is_of_links = |file: &str| author.naming == Naming::ByPlace && links::is_of_links(file);
    for (file, text) in files {
        reading.problems.extend(bidi_lines(text).map(|line| {
            Problem::new(*file, Some(line), "holds a character that changes the direction of text")
        }));
        if is_of_links(file) {
            continue;
        }
        if let Err((line, message)) = shape::check(text) {
            reading.problems.push(Problem::new(*file, Some(line), message));
            continue;
        }
        match text.parse::<PolicySet>() {
            Ok(set) => reading.add((file, text), &set),
            Err(errors) => reading
                .problems
                .extend(errors.iter().map(|error| Problem::new(*file, line(error, text), error.to_string()))),
        }
    }
    for (file, text) in files.iter().filter(|(file, _)| is_of_links(file)) {
        for link in links::read(file, text, reading.problems) {
            let origin = Origin { file, text: None, line: Some(link.line) };
            if let Err(message) = reading.link(origin, &link) {
                reading.told(origin, message);
            }
        }
    }
    reading.end(schema)
}

impl<'f> Reading<'f, '_> {
    fn told(&mut self, at: Origin<'_>, message: impl Into<String>) {
        self.problems.push(Problem::new(at.file, at.line, message));
    }

    fn add(&mut self, (file, text): (&'f str, &'f str), set: &PolicySet) {
        let whole = Origin { file, text: Some(text), line: None };
        if self.author.naming == Naming::ByText && set.policies().count() + set.templates().count() != 1 {
            return self.told(whole, "must hold one policy");
        }
        for template in set.templates() {
            let at = text.find(&template.to_cedar());
            let lines = at.and_then(|at| text.get(..at)).map(|before| before.matches('\n').count() + 1);
            self.template(Origin { line: lines, ..whole }, template);
        }
        let (mut from, mut lines) = (0, 1);
        for (index, policy) in set.policies().enumerate() {
            let at = position(policy, text, from);
            let passed = text.get(from..at.unwrap_or(from)).unwrap_or_default();
            lines += passed.bytes().filter(|byte| *byte == b'\n').count();
            from = at.map_or(from, |at| at + 1);
            let here = Origin { line: at.map(|_| lines), ..whole };
            self.annotated(here, policy.annotations());
            if let Some(message) = (self.author.objection)(policy) {
                self.told(here, message);
            }
            let id = id(policy.annotation("id"), self.author, (file, index));
            let added = id.map_err(str::to_owned).and_then(|id| {
                self.place(here, &id)?;
                self.rules.set.add(policy.new_id(id)).map_err(|error| error.to_string())
            });
            if let Err(message) = added {
                self.told(here, message);
            }
        }
    }

    fn template(&mut self, at: Origin<'f>, template: &Template) {
        self.annotated(at, template.annotations());
        let Some(id) = template.annotation("id").filter(|id| !id.is_empty()) else {
            return self.told(at, "holds a template without an @id, by which links.json could name it");
        };
        let id = PolicyId::new(format!("{}{id}", self.author.prefix));
        let added = self.place(at, &id).and_then(|()| {
            let template = template.new_id(id.clone());
            self.rules.set.add_template(template).map_err(|error| error.to_string())
        });
        match added {
            Ok(()) => drop(self.idle.insert(id)),
            Err(message) => self.told(at, message),
        }
    }

    fn link(&mut self, at: Origin<'f>, link: &Link) -> Result<(), String> {
        let named = |name: &str| PolicyId::new(format!("{}{name}", self.author.prefix));
        let (template, id) = (named(&link.template), named(&link.id));
        if link.id.is_empty() {
            return Err("the id of a link is empty".to_owned());
        }
        if let Some(message) = (self.author.misnamed)(&link.id) {
            return Err(message.to_owned());
        }
        if self.rules.set.template(&template).is_none() {
            return Err(format!("no template of this folder has the @id {}", link.template));
        }
        // Told of once, whatever is wrong with its links.
        self.idle.remove(&template);
        let slots = link.slots()?;
        self.place(at, &id)?;
        self.rules.set.link(template, id.clone(), slots).map_err(|error| layer::explain(&error))?;
        let linked = self.rules.set.policy(&id);
        linked.and_then(self.author.objection).map_or(Ok(()), |message| Err(message.to_owned()))
    }

    fn annotated<'t>(&mut self, at: Origin<'_>, annotations: impl Iterator<Item = (&'t str, &'t str)>) {
        for (name, value) in annotations {
            if name != "id" {
                self.told(at, format!("the annotation @{name} has no meaning here"));
            } else if let Some(message) = (self.author.misnamed)(value) {
                self.told(at, message);
            }
        }
    }

    /// Takes an id for what stands there, once.
    fn place(&mut self, at: Origin<'f>, id: &PolicyId) -> Result<(), String> {
        if let Some(first) = self.origins.get(id) {
            let place = first.line.map_or(first.file.to_owned(), |line| format!("{}:{line}", first.file));
            return Err(format!("the @id {id} already stands at {place}"));
        }
        self.origins.insert(id.clone(), at);
        Ok(())
    }

    fn end(self, schema: Option<&Schema>) -> Rules {
        let Self { mut rules, origins, idle, problems, .. } = self;
        for Origin { file, line, .. } in idle.iter().filter_map(|id| origins.get(id)) {
            problems.push(Problem::new(*file, *line, "holds a template that no links.json links"));
        }
        if let Some(schema) = schema {
            rules.levels = validate(&rules.set, schema, &origins, problems);
        }
        rules
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
        let line = origin.text.and_then(|text| line(diagnostic, text)).or(origin.line);
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

//! Runs a file of rules through the JSON form of the operations. What goes against a rule comes back as a sentence.

use std::collections::BTreeMap;
use std::path::Path;

use aios_core::Refusal;
use aios_core::facade::handles::Host;
use aios_core::facade::json::{Answer, Handle, call, refusal};
use aios_core::facade::testing::Kit;
use serde_json::{Map, Value, json};

use super::awaiting;
use super::format::{Call, File, Moment, Rule, Step};

/// Which form of the operations that may wait is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Awaiting,
    Waiting,
}

/// Runs every rule of a file, and says which do not hold, a line each.
pub(crate) fn file(file: &File, form: Form) -> Result<(), String> {
    let stage = Stage::of(file, form)?;
    let wrong: Vec<String> = file
        .rules
        .iter()
        .filter_map(|rule| stage.run(rule).err().map(|wrong| format!("{}: {wrong}", rule.name)))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// What the rules of a file share: a folder, key sets and tokens.
struct Stage<'a> {
    file: &'a File,
    form: Form,
    folder: tempfile::TempDir,
    keys: BTreeMap<&'a str, Value>,
    tokens: BTreeMap<&'a str, Value>,
    introspection: BTreeMap<&'a str, Value>,
    /// Providers that answer until the rules were run.
    _served: Vec<Handle>,
}

impl<'a> Stage<'a> {
    fn of(file: &'a File, form: Form) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let root_keys = folder.path().join("root.keys");
        data(&Handle::Host(Host), "create_root_keys", &json!({"path": root_keys}))?;
        for (name, content) in &file.files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let kit = Handle::Kit(Kit);
        let mut idps = BTreeMap::new();
        let mut keys = BTreeMap::new();
        for (name, iss) in &file.issuers {
            let idp = handle(&kit, "idp", &json!({"iss": iss}))?;
            keys.insert(name.as_str(), data(&idp, "jwks", &json!({}))?);
            idps.insert(name.as_str(), idp);
        }
        let mut tokens = BTreeMap::new();
        for (name, token) in &file.tokens {
            let idp = idps.get(token.issuer.as_str()).ok_or(format!("no issuer {}", token.issuer))?;
            let wanted =
                json!({"claims": token.claims, "header": token.header, "algorithm": token.algorithm});
            tokens.insert(name.as_str(), data(idp, "sign", &wanted)?["token"].take());
        }
        let (mut introspection, mut served) = (BTreeMap::new(), Vec::new());
        if file.configuration.to_string().contains("$introspection") {
            for (name, idp) in &idps {
                let provider = handle(idp, "serve", &json!({}))?;
                let iss = data(&provider, "view", &json!({}))?["iss"].as_str().unwrap().to_owned();
                introspection.insert(*name, json!(format!("{iss}/introspect")));
                served.push(provider);
            }
        }
        Ok(Self { file, form, folder, keys, tokens, introspection, _served: served })
    }

    fn run(&self, rule: &Rule) -> Result<(), String> {
        let mut configuration = self.file.configuration.clone();
        if let Some(changes) = &rule.changes {
            merge(&mut configuration, &Value::Object(changes.clone()));
        }
        let opening = json!({"configuration": self.filled(&configuration)?, "base": self.base()});
        let clock = handle(&Handle::Kit(Kit), "clock", &json!({"seconds": self.file.now}))?;
        let opened = self.call(&clock, "engine", &opening);
        if let Some(opening) = &rule.opening {
            return fits_refusal(&opening.refusal, opened).map_err(|wrong| format!("the opening: {wrong}"));
        }
        let engine = opened.map_err(|refused| format!("the opening: {refused}"))?;
        let mut handles = BTreeMap::from([
            ("engine", as_handle(engine)?),
            ("host", Handle::Host(Host)),
            ("kit", Handle::Kit(Kit)),
        ]);
        for (index, step) in rule.steps.iter().enumerate() {
            let done = match step {
                Step::Call(call) => self.step(call, &mut handles),
                Step::Clock(Moment { at }) => data(&clock, "set", &json!({"seconds": at})).map(drop),
            };
            done.map_err(|wrong| format!("step {}: {wrong}", index + 1))?;
        }
        Ok(())
    }

    fn step<'h>(&self, step: &'h Call, handles: &mut BTreeMap<&'h str, Handle>) -> Result<(), String> {
        let Call { on, r#do, with, r#as, answer, refusal } = step;
        let receiver = handles.get(on.as_str()).ok_or(format!("nothing is called {on}"))?;
        let given = self.call(receiver, r#do, &self.filled(with)?);
        match (answer, refusal, r#as) {
            (None, Some(expected), None) => fits_refusal(expected, given),
            (Some(expected), None, None) => {
                fits(&Value::Object(expected.clone()), &as_data(said(given)?)?, "")
            }
            (None, None, Some(name)) => {
                handles.insert(name, as_handle(said(given)?)?);
                Ok(())
            }
            (None, None, None) => said(given).map(drop),
            _ => Err("at most one of answer, refusal and as".into()),
        }
    }

    fn call(&self, on: &Handle, operation: &str, with: &Value) -> Result<Answer, Refusal> {
        match self.form {
            Form::Awaiting => awaiting::call(on, operation, &with.to_string()),
            Form::Waiting => call(on, operation, &with.to_string()),
        }
    }

    fn base(&self) -> &Path {
        self.folder.path()
    }

    /// A value with tokens and key sets in place of their names.
    fn filled(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect::<Result<_, _>>()?,
            Value::Object(members) => match self.stands_for(members) {
                Some(found) => found?,
                None => members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), self.filled(member)?)))
                    .collect::<Result<Map<_, _>, String>>()?
                    .into(),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        })
    }

    fn stands_for(&self, members: &Map<String, Value>) -> Option<Result<Value, String>> {
        let (word, name) = members.iter().next()?;
        let known = match word.as_str() {
            "$introspection" => &self.introspection,
            "$keys" => &self.keys,
            "$token" => &self.tokens,
            _ => return None,
        };
        let found = name.as_str().filter(|_| members.len() == 1).and_then(|name| known.get(name));
        Some(found.cloned().ok_or_else(|| format!("nothing is known by {word} {name}")))
    }
}

/// RFC 7396.
pub(crate) fn merge(base: &mut Value, changes: &Value) {
    let Some(changes) = changes.as_object() else {
        *base = changes.clone();
        return;
    };
    if !base.is_object() {
        *base = json!({});
    }
    let Some(members) = base.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

/// Whether an answer is what is expected, or more: objects may have further members.
pub(crate) fn fits(expected: &Value, given: &Value, at: &str) -> Result<(), String> {
    match (expected, given) {
        (Value::Object(expected), Value::String(given)) if expected.keys().eq(["$contains"]) => {
            let part = expected["$contains"].as_str().filter(|part| given.contains(part));
            part.map(drop).ok_or(format!("{at} is {given:?}, without {expected:?}"))
        }
        (Value::Object(expected), Value::Object(given)) => expected.iter().try_for_each(|(name, member)| {
            let at = format!("{at}.{name}");
            fits(member, given.get(name).ok_or(format!("{at} is not there"))?, &at)
        }),
        (Value::Array(expected), Value::Array(given)) if expected.len() == given.len() => {
            let mut pairs = expected.iter().zip(given).enumerate();
            pairs.try_for_each(|(index, (expected, given))| fits(expected, given, &format!("{at}[{index}]")))
        }
        _ if expected == given => Ok(()),
        _ => Err(format!("{at} is {given}, not {expected}")),
    }
}

fn fits_refusal(expected: &Map<String, Value>, given: Result<Answer, Refusal>) -> Result<(), String> {
    let Err(refused) = given else { return Err(format!("succeeds, where {expected:?} is expected")) };
    let view = serde_json::from_str(&refusal(&refused)).unwrap();
    fits(&Value::Object(expected.clone()), &view, "refusal")
}

fn said(given: Result<Answer, Refusal>) -> Result<Answer, String> {
    given.map_err(|refused| refused.to_string())
}

fn as_data(answer: Answer) -> Result<Value, String> {
    match answer {
        Answer::Data(text) => Ok(serde_json::from_str(&text).unwrap()),
        Answer::Handle(_) => Err("gives a handle, which has no data".into()),
    }
}

fn as_handle(answer: Answer) -> Result<Handle, String> {
    match answer {
        Answer::Data(_) => Err("gives data, which cannot be called".into()),
        Answer::Handle(handle) => Ok(handle),
    }
}

fn data(on: &Handle, operation: &str, with: &Value) -> Result<Value, String> {
    as_data(said(call(on, operation, &with.to_string()))?)
}

fn handle(on: &Handle, operation: &str, with: &Value) -> Result<Handle, String> {
    as_handle(said(call(on, operation, &with.to_string()))?)
}

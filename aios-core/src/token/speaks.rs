//! Which `iss` are an issuer's: one text exactly, or a text with a directory's id in it.

use super::preset::is_directory;

/// What an issuer's tokens may say in `iss`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaks(Vec<Form>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Exactly(String),
    /// A directory's id (a lower-case GUID) between two texts.
    PerDirectory {
        before: String,
        after: String,
    },
}

impl Speaks {
    /// This text and no other.
    #[must_use]
    pub fn exactly(iss: impl Into<String>) -> Self {
        Self(vec![Form::Exactly(iss.into())])
    }

    /// Any of these texts; `{}` in one stands for a directory's id.
    #[must_use]
    pub fn any_of(forms: &[&str]) -> Self {
        let form = |text: &&str| match text.split_once("{}") {
            Some((before, after)) => {
                Form::PerDirectory { before: before.to_owned(), after: after.to_owned() }
            }
            None => Form::Exactly((*text).to_owned()),
        };
        Self(forms.iter().map(form).collect())
    }

    /// Whether `iss` is the issuer's.
    #[must_use]
    pub fn is(&self, iss: &str) -> bool {
        self.0.iter().any(|form| match form {
            Form::Exactly(text) => text == iss,
            Form::PerDirectory { .. } => form.directory(iss).is_some(),
        })
    }

    /// Whether some `iss` could be either's.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let meets = |one: &Form, all: &Self| match one {
            Form::Exactly(text) => all.is(text),
            Form::PerDirectory { .. } => all.0.contains(one),
        };
        self.0.iter().any(|form| meets(form, other)) || other.0.iter().any(|form| meets(form, self))
    }

    /// The directory's id that stands in `iss`, where one does.
    pub(super) fn directory<'i>(&self, iss: &'i str) -> Option<&'i str> {
        self.0.iter().find_map(|form| form.directory(iss))
    }
}

impl Form {
    fn directory<'i>(&self, iss: &'i str) -> Option<&'i str> {
        let Self::PerDirectory { before, after } = self else { return None };
        iss.strip_prefix(before.as_str())?.strip_suffix(after.as_str()).filter(|id| is_directory(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_stands_where_the_form_has_it_and_is_a_guid() {
        let speaks = Speaks::any_of(&["https://login.test/{}/v2.0", "https://other.test/"]);
        let iss = |directory: &str| format!("https://login.test/{directory}/v2.0");
        let good = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        assert!(speaks.is(&iss(good)) && speaks.is("https://other.test/"));
        assert_eq!(speaks.directory(&iss(good)), Some(good));
        for bad in [
            "",
            "common",
            "{tenantid}",
            "72F988BF-86F1-41AF-91AB-2D7CD011DB47",
            "72f988bf86f141af91ab2d7cd011db47",
        ] {
            assert!(!speaks.is(&iss(bad)), "{bad}");
        }
        assert!(!speaks.is(&format!("{}x", iss(good))) && !speaks.is("https://other.test"));
    }
}

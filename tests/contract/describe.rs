//! The operations table as data, with the JSON Schemas of its requests and answers.

use aios_core::facade::{testing as kit, views, wire};
use schemars::SchemaGenerator;
use serde_json::{Map, Value};

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) receiver: &'static str,
    pub(crate) name: &'static str,
    pub(crate) doc: String,
    /// Name of the request's definition.
    pub(crate) request: &'static str,
    pub(crate) answer: Answer,
    /// Whether there is an awaiting form.
    pub(crate) waits: bool,
}

/// What an operation gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// Data of a definition.
    Data(&'static str),
    /// A receiver.
    Handle(&'static str),
}

impl Answer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Data(name) | Self::Handle(name) => name,
        }
    }
}

macro_rules! answer {
    (data $name:ident) => {
        Answer::Data(stringify!($name))
    };
    (handle $name:ident) => {
        Answer::Handle(stringify!($name))
    };
}

macro_rules! rows {
    ($($receiver:ident { $($(#[doc = $doc:literal])* $name:ident($request:ident) -> $kind:ident $answer:ident, $when:ident;)* })*) => {
        vec![$($(Operation {
            receiver: stringify!($receiver),
            name: stringify!($name),
            doc: [$($doc),*].map(str::trim).join(" "),
            request: stringify!($request),
            answer: answer!($kind $answer),
            waits: stringify!($when) == "waits",
        },)*)*]
    };
}

/// The operations of the product, in the table's order.
pub(crate) fn product() -> Vec<Operation> {
    aios_core::operations!(rows)
}

/// The operations of the testing kit, in the table's order.
pub(crate) fn testing() -> Vec<Operation> {
    aios_core::testing_operations!(rows)
}

/// JSON Schemas by name: every request, every answer that is data, and what they are made of.
pub(crate) fn definitions() -> Map<String, Value> {
    let mut requests =
        SchemaGenerator::new(schemars::generate::SchemaSettings::draft2020_12().for_deserialize());
    let mut answers =
        SchemaGenerator::new(schemars::generate::SchemaSettings::draft2020_12().for_serialize());
    macro_rules! define {
        ($generator:ident: $($name:ty),*) => { $($generator.subschema_for::<$name>();)* };
    }
    define!(requests: wire::KeyFile, wire::Nothing, wire::Opening, wire::Outcome, wire::Presented, wire::Request,
        wire::Revoking,
        wire::RevokingBefore,
        wire::Rewrapping, wire::RootKeyId,
        wire::Snapshot, wire::Trail);
    define!(requests: wire::PolicyTexts, wire::RawQuestion);
    define!(requests: wire::ChangeEntities, wire::DeleteEntity, wire::GetEntity, wire::ListEntities, wire::PutEntity);
    define!(requests: wire::ChangePolicies, wire::ListPolicies, wire::PutPolicy, wire::RemovePolicy);
    define!(requests: wire::ListSecrets, wire::CredentialName, wire::NamedSecret, wire::PutSecret, wire::ReferenceText, wire::RotateSecret,
        wire::SecretFetch, wire::SecretUpload, wire::BodyPart, wire::RewrapSecrets, wire::OffboardTenant, wire::DueSecrets, wire::Examination, wire::ScheduleSecret,
        wire::VerifySecrets);
    define!(requests: wire::PayloadBytes, wire::PayloadOrder);
    define!(requests: kit::Claims, kit::Issuer, kit::Moment, kit::SealedEnvelope);
    define!(answers: views::Decision, views::Done, views::Explanation, views::Hydrated, views::KeySnapshot, views::Outbound, views::Restored, views::PermitView, views::PolicyReport, views::PrincipalView, views::RefusalView, views::Report);
    define!(answers: views::AnswerHead, views::AnswerPart, views::PartTaken, views::SecretUseView);
    define!(answers: views::PayloadPart);
    define!(answers: views::PolicySetView, views::RawDecision);
    define!(answers: views::RootKey, views::RootKeyReport);
    define!(answers: views::EntityList, views::KeptEntity, views::WrittenEntities);
    define!(answers: views::PolicyList, views::WrittenPolicies);
    define!(answers: views::ReferenceParts, views::SecretList, views::SecretReport, views::WrittenSecret, views::RevealedSecret);
    define!(answers: views::MovedSecrets, views::OffboardedTenant, views::SecretsDue, views::DoctorReport, views::CoreDumps);
    define!(answers: kit::Keys, kit::Moment, kit::OpenedEnvelope, kit::ServedView, kit::Token);
    let mut all = requests.take_definitions(true);
    all.extend(answers.take_definitions(true));
    all
}

// The AIOS security SDK for Node.
export { Aios } from "./aios.js";
export type { Asked, Audit, Configuration, OpenOptions, Question } from "./aios.js";
export { CODES } from "./codes.js";
export type { Code, CodeFacts } from "./codes.js";
export { AuthenticationError, Denied, Failed, Refused } from "./errors.js";
export { createRootKeys } from "./keys.js";
export { Permit } from "./permit.js";
export { PolicySet } from "./policies.js";
export type { Uid } from "./policies.js";
export { Principal } from "./principal.js";
export type {
  ActorView,
  Binding,
  Credential,
  Decision,
  DroppedKey,
  Egress,
  EntityRef,
  ExplainedStep,
  Explanation,
  Fault,
  Finding,
  HttpRequest,
  HttpUse,
  Hydrated,
  IssuerKeys,
  KeySnapshot,
  Kind,
  Level,
  ListSecrets,
  MappedView,
  MasterPurpose,
  MovedSecrets,
  NamedCredential,
  NamedSecret,
  Obligation,
  OffboardTenant,
  OffboardedTenant,
  Outbound,
  PermitView,
  Place,
  PolicyFault,
  PolicyReport,
  PolicySetView,
  PolicyTexts,
  PrincipalView,
  Purpose,
  PutSecret,
  RawDecision,
  RawQuestion,
  ReferenceParts,
  RefusalView,
  Report,
  Request,
  Resource,
  Restored,
  Retry,
  Revoking,
  RevokingBefore,
  RewrapSecrets,
  Rewrapping,
  RootKey,
  RootKeyId,
  RootKeyReport,
  RotateSecret,
  SecretFault,
  SecretList,
  SecretOwner,
  SecretReport,
  SecretVersion,
  SecretView,
  Selector,
  SelectorKind,
  Snapshot,
  Stage,
  Status,
  StepOutcome,
  TokenSays,
  Trail,
  UnusableMaster,
  Verdict,
  VerifySecrets,
  WrittenSecret,
} from "./types.js";
export { partReference } from "./vault.js";
export type { SecretUse } from "./credential.js";
export type { Payload } from "./payload.js";
export type { Roots } from "./roots.js";
export type { Vault } from "./vault.js";

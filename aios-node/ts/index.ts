// The AIOS security SDK for Node.
export { Aios } from "./aios.js";
export type { Asked, Audit, Configuration, OpenOptions, Question } from "./aios.js";
export { CODES } from "./codes.js";
export type { Code, CodeFacts } from "./codes.js";
export { AuthenticationError, Denied, Failed, Refused } from "./errors.js";
export { createRootKeys } from "./keys.js";
export { Permit } from "./permit.js";
export { Principal } from "./principal.js";
export type {
  ActorView,
  Credential,
  Decision,
  DroppedKey,
  Egress,
  EntityRef,
  Fault,
  Finding,
  Hydrated,
  IssuerKeys,
  KeySnapshot,
  Kind,
  Level,
  NamedCredential,
  Obligation,
  Outbound,
  PermitView,
  Place,
  PolicyFault,
  PrincipalView,
  RefusalView,
  Report,
  Request,
  Resource,
  Restored,
  Retry,
  Revoking,
  RevokingBefore,
  Selector,
  SelectorKind,
  Snapshot,
  Status,
  Trail,
} from "./types.js";

// Refusals as errors. What a refusal says is in the table of codes; nothing here holds a token or a secret.
import { CODES, type Code } from "./codes.js";
import type { PolicyFault, RefusalView, Retry } from "./types.js";

/** What is refused: a denial (the caller's affair) or a failure (ours). */
export class Refused extends Error {
  /** The stable code. */
  readonly code: Code;
  /** The HTTP status a web front end should answer with. */
  readonly status: number;
  /** When trying again can help. */
  readonly retry: Retry;
  /** The place in the request or configuration. */
  readonly at: string | null;
  /** What was expected. */
  readonly expected: string | null;
  /** What came instead. */
  readonly actual: string | null;
  /** What to do. */
  readonly hint: string;
  /** The nonce with which a proof has to be made: send it as `DPoP-Nonce`. */
  readonly nonce: string | null;
  /** What to send as `WWW-Authenticate`, where the refusal is about what a token is bound to. */
  readonly challenge: string | null;
  /** From when on trying again can help, seconds since 1970, where that is known. */
  readonly retry_at: number | null;
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
  /** Policies that failed. */
  readonly errors: readonly PolicyFault[];

  static {
    // On the prototype, as with the language's own errors, so that it is not printed as a member.
    Object.defineProperty(this.prototype, "name", { value: "Refused", writable: true, configurable: true });
  }

  /** Use {@link Refused.from}, which gives the class that fits. */
  protected constructor(view: RefusalView, cause?: unknown) {
    super(view.message, cause === undefined ? undefined : { cause });
    this.code = view.code;
    this.status = view.status;
    this.retry = view.retry;
    this.at = view.at;
    this.expected = view.expected;
    this.actual = view.actual;
    this.hint = view.hint;
    this.nonce = view.nonce;
    this.challenge = view.challenge;
    this.retry_at = view.retry_at;
    this.policies = view.policies;
    this.errors = view.errors;
  }

  /**
   * The error of a refusal's data, in the class that fits. Structured cloning keeps only the message of an error of any class:
   * to send a refusal to another thread, post `error.toJSON()` and make the error again there.
   */
  static from(view: RefusalView, cause?: unknown): Refused {
    if (view.status === 401) return new AuthenticationError(view, cause);
    if (view.status === 403 || view.status === 429) return new Denied(view, cause);
    return new Failed(view, cause);
  }

  /** The refusal's data. */
  toJSON(): RefusalView {
    const { code, message, status, retry, at, expected, actual, hint, nonce, challenge, retry_at, policies, errors } = this;
    return { code, message, status, retry, at, expected, actual, hint, nonce, challenge, retry_at, policies, errors };
  }
}

/** The caller may not: 401, 403 or 429. */
export class Denied extends Refused {
  static {
    Object.defineProperty(this.prototype, "name", { value: "Denied", writable: true, configurable: true });
  }
}

/** The caller did not prove who it is: 401. */
export class AuthenticationError extends Denied {
  static {
    Object.defineProperty(this.prototype, "name", { value: "AuthenticationError", writable: true, configurable: true });
  }
}

/** Something of ours failed: 500 or 503. Nothing is allowed by it. */
export class Failed extends Refused {
  static {
    Object.defineProperty(this.prototype, "name", { value: "Failed", writable: true, configurable: true });
  }
}

/**
 * A refusal that is found before the native layer is asked.
 * @internal
 */
export function refusal(code: Code, where: { at?: string; expected?: string } = {}, cause?: unknown): Refused {
  const { status, retry, sentence, remedy } = CODES[code];
  const { at = null, expected = null } = where;
  const said = [sentence, at === null ? [] : `at ${at}`, expected === null ? [] : `expected ${expected}`, remedy].flat();
  const message = `${code}: ${said.join("; ")}`;
  const hint = remedy;
  const none = { actual: null, nonce: null, challenge: null, retry_at: null, policies: [], errors: [] };
  const view = { code, message, status, retry, at, expected, hint, ...none };
  return Refused.from(view, cause);
}

/**
 * What the native layer threw, as a refusal. What is no refusal is a bug, which refuses too.
 * @internal
 */
export function refused(thrown: unknown): Refused {
  if (thrown instanceof Refused) return thrown;
  const view = parse(thrown);
  return view === undefined ? refusal("internal", {}, thrown) : Refused.from(view);
}

/** The native layer's errors have the refusal's JSON text as their message. */
function parse(thrown: unknown): RefusalView | undefined {
  try {
    const view: unknown = JSON.parse((thrown as Error).message);
    return isRefusal(view) ? view : undefined;
  } catch {
    return undefined;
  }
}

function isRefusal(view: unknown): view is RefusalView {
  return typeof view === "object" && view !== null && "code" in view && Object.hasOwn(CODES, String(view.code));
}

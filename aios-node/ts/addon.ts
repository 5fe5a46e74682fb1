// Finds and loads the native layer: the file beside this package, or the package for this platform.
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type {
  NativeAudit,
  NativeClock,
  NativeEngine,
  NativeHost,
  NativeIdp,
  NativeKit,
  NativePayload,
  NativePermit,
  NativePolicySet,
  NativePrincipal,
  NativeSecretAnswer,
  NativeSecretUse,
  NativeServed,
  NativeVault,
} from "./native.js";

/** A class of which only the native layer makes objects. */
export type Class<T> = abstract new (...nobody: never[]) => T;

/** What the native layer exports. */
export interface Addon {
  readonly Host: new () => NativeHost;
  readonly Kit: new () => NativeKit;
  readonly Audit: Class<NativeAudit>;
  readonly Clock: Class<NativeClock>;
  readonly Engine: Class<NativeEngine>;
  readonly Idp: Class<NativeIdp>;
  readonly Payload: Class<NativePayload>;
  readonly Permit: Class<NativePermit>;
  readonly PolicySet: Class<NativePolicySet>;
  readonly Principal: Class<NativePrincipal>;
  readonly SecretAnswer: Class<NativeSecretAnswer>;
  readonly SecretUse: Class<NativeSecretUse>;
  readonly Served: Class<NativeServed>;
  readonly Vault: Class<NativeVault>;
  operations(): string[];
  testingOperations(): string[];
  codes(): string[];
  share(engine: NativeEngine, handle: string): void;
  findShared(handle: string): NativeEngine;
  unshare(handle: string): void;
}

let loaded: Addon | undefined;

/** The native layer. It is loaded when it is first needed, so that importing the package does nothing. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  const require = createRequire(__filename);
  const failures: { tried: string; cause: unknown }[] = [];
  const libc = libcHere();
  for (const name of names(libc)) {
    for (const tried of [join(__dirname, "..", `aios.${name}.node`), `@aios/node-${name}`]) {
      try {
        return require(tried) as Addon;
      } catch (cause) {
        failures.push({ tried, cause });
      }
    }
  }
  throw missing(libc, failures);
}

/** Names of builds that may run here: platform, processor and, on Linux, the C library. */
export function names(libc = libcHere()): string[] {
  const base = `${process.platform}-${process.arch}`;
  if (libc === undefined) return [base];
  return libc === "unknown" ? [`${base}-gnu`, `${base}-musl`] : [`${base}-${libc}`];
}

type Libc = "gnu" | "musl" | "unknown";

/** By the dynamic loader that Node's own program names at its beginning; undefined where there is only one C library. */
function libcHere(): Libc | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const file = openSync(process.execPath, "r");
    try {
      const start = Buffer.alloc(4096);
      readSync(file, start, 0, start.length, 0);
      if (start.includes("/ld-musl-")) return "musl";
      return start.includes("/ld-linux") || start.includes("/ld64.so") ? "gnu" : "unknown";
    } finally {
      closeSync(file);
    }
  } catch {
    return "unknown";
  }
}

function missing(libc: Libc | undefined, failures: { tried: string; cause: unknown }[]): Error {
  const { platform, arch, version } = process;
  const here = `${platform} ${arch}${libc === undefined ? "" : `, libc ${libc}`}, Node ${version}`;
  const tried = failures.map(({ tried, cause }) => `\n  ${tried}: ${firstLine(cause)}`).join("");
  const advice =
    "\nIf the package for this platform is not installed: was it left out as an optional dependency, or was node_modules copied from another platform?";
  const causes = failures.map(({ cause }) => cause);
  const error = new AggregateError(causes, `@aios/node cannot load its native layer on ${here}. Tried:${tried}${advice}`);
  return Object.assign(error, { code: "ERR_AIOS_ADDON" });
}

function firstLine(cause: unknown): string {
  return String(cause instanceof Error ? cause.message : cause).split("\n", 1)[0] ?? "";
}

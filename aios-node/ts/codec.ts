// Requests as JSON text, answers from it, and whatever goes wrong on the way as a refusal.
import { copy } from "./copy.js";
import { refusal, refused } from "./errors.js";
import type { Text } from "./native.js";
import type { Nothing } from "./types.js";

/** The request of operations that take none. */
export const NOTHING = "{}" as Text<Nothing>;

/** A request as JSON text; `policy.input` for what plain data cannot hold, and for text beyond the engine's limits. */
export function encode<T>(request: T): Text<T> {
  const copied = copy(request);
  return read(() => JSON.stringify(copied)) as Text<T>;
}

/** Reads what the caller gave, whose getters and proxies may throw anything. */
export function read<T>(reader: () => T): T {
  try {
    return reader();
  } catch (cause) {
    throw refusal("policy.input", { expected: "values that have a JSON form" }, cause);
  }
}

/** An answer of the native layer. */
export function decode<T>(text: Text<T>): T {
  return JSON.parse(text) as T;
}

/** An answer that is handed out again and again, so that nobody can change what others read. */
export function decodeFrozen<T>(text: Text<T>): T {
  return freeze(decode(text));
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/** Calls an operation that answers now. */
export function now<T>(operation: () => T): T {
  try {
    return operation();
  } catch (thrown) {
    throw refused(thrown);
  }
}

/** Calls an operation that is awaited. */
export async function awaited<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (thrown) {
    throw refused(thrown);
  }
}

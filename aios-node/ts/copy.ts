// What a caller gave, copied with nothing left out. JSON.stringify would drop or change what has no JSON form, and policy would
// decide about something else than what the caller holds. What is checked here is what is sent: each member is read once.
import { type Refused, refusal } from "./errors.js";

/** Levels at most. The native layer reads no deeper text. */
const LEVELS = 128;
/** Values at most, those of shared parts each time they are met: small objects can stand for more text than fits in memory. */
const VALUES = 1_000_000;
/** The longest place that a refusal names. */
const PLACE = 200;
/** Members of a request of which the members may be undefined, as its own may. In other objects a lost member changes the meaning. */
const OPTIONAL: ReadonlySet<unknown> = new Set(["credential", "http", "resource", "selector"]);

/** An object whose members are its own, also one that is called `__proto__`. */
const Members = function () {} as unknown as new () => Record<string, unknown>;
Members.prototype = Object.create(null);

/** A copy of plain data; `policy.input` with the place of the first value that is none. */
export function copy(given: unknown): unknown {
  const copying = new Copying();
  return copying.refusing(() => copying.value(given));
}

/** A copy of an object's members, which are not looked at. */
export function members<T extends object>(given: T): T {
  const copying = new Copying();
  return copying.refusing(() => copying.members(given, (value) => value)) as T;
}

class Copying {
  readonly #place: (string | number)[] = [];
  #left = VALUES;
  #refusal: Refused | undefined;

  /** Getters and proxies may throw anything. */
  refusing<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause === this.#refusal) throw cause;
      throw this.#refuse("values that have a JSON form", cause);
    }
  }

  value(given: unknown): unknown {
    switch (typeof given) {
      case "string":
      case "boolean":
        return given;
      case "number":
        if (Number.isFinite(given)) return given;
        throw this.#refuse("a finite number");
      case "object":
        return given === null ? null : this.#inside(given);
      case "undefined":
        throw this.#refuse("a value, or no such member");
      default:
        throw this.#refuse("a value that has a JSON form");
    }
  }

  #inside(given: object): unknown {
    if (this.#place.length >= LEVELS) throw this.#refuse(`${LEVELS} levels at most`);
    if (Array.isArray(given)) return this.#list(given);
    return this.members(given, (value) => this.value(value));
  }

  members(given: object, copied: (value: unknown) => unknown): Record<string, unknown> {
    if (!isPlain(given)) throw this.#refuse("a plain object");
    const names = Object.keys(given);
    if (hides(given, names.length)) throw this.#refuse("an object of which all members are enumerable and named by text");
    this.#count(names.length);
    const place = this.#place;
    const optional = place.length === 0 || (place.length === 1 && OPTIONAL.has(place[0]));
    const result = new Members();
    for (const name of names) {
      place.push(name);
      const value = (given as Record<string, unknown>)[name];
      if (value !== undefined || !optional) result[name] = copied(value);
      place.pop();
    }
    return result;
  }

  #list(given: readonly unknown[]): unknown[] {
    const { length } = given;
    this.#count(length);
    const result: unknown[] = [];
    if (!isPlainList(given) || "toJSON" in result) throw this.#refuse("a plain list");
    // Beside its elements, a list has its length.
    if (hides(given, length + 1)) throw this.#refuse("a list of elements, with no holes and no members");
    for (let index = 0; index < length; index += 1) {
      this.#place.push(index);
      result.push(this.value(given[index]));
      this.#place.pop();
    }
    return result;
  }

  #count(values: number): void {
    this.#left -= values;
    if (this.#left < 0) throw this.#refuse("fewer values");
  }

  #refuse(expected: string, cause?: unknown): Refused {
    const at = this.#place.reduce<string>((place, step) => place + (typeof step === "number" ? `[${step}]` : place === "" ? step : `.${step}`), "");
    this.#refusal = refusal("policy.input", at === "" ? { expected } : { at: at.slice(0, PLACE), expected }, cause);
    return this.#refusal;
  }
}

/** Whether an object inherits nothing that could be meant as a member. Other realms have an `Object.prototype` of their own. */
function isPlain(given: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(given);
  if (prototype === Object.prototype || prototype === null) return true;
  if (Object.getPrototypeOf(prototype) !== null) return false;
  return Object.hasOwn(prototype, "isPrototypeOf") || Reflect.ownKeys(prototype).length === 0;
}

/** As {@link isPlain}: in every realm, `Array.prototype` is an array itself, and that of no class is. */
function isPlainList(given: readonly unknown[]): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === Array.prototype || Array.isArray(prototype);
}

/** Whether there are other members than so many. `Reflect.ownKeys` would say it too, at twice the cost. */
function hides(given: object, members: number): boolean {
  return Object.getOwnPropertyNames(given).length !== members || Object.getOwnPropertySymbols(given).length !== 0;
}

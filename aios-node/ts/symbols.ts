// The symbols of `using` and `await using`, which the first releases of Node 20 lack. Nothing global is changed.

/** What `using` calls. */
export const dispose: typeof Symbol.dispose = symbol("dispose") as typeof Symbol.dispose;

/** What `await using` calls. */
export const asyncDispose: typeof Symbol.asyncDispose = symbol("asyncDispose") as typeof Symbol.asyncDispose;

function symbol(name: "dispose" | "asyncDispose"): symbol {
  const known: symbol | undefined = Symbol[name];
  return known ?? Symbol.for(`Symbol.${name}`);
}

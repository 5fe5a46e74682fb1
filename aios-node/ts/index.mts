// The package for `import`. There is one implementation, which `require` gives too, so that a class is the same everywhere.
export * from "./index.js";

// The testing kit for `import`.
export * from "./testing.js";

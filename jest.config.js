// How the tests are run: TypeScript through swc, types are checked by tsc; two workers, as most of the long tests wait
// for processes.
/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "<rootDir>/test/helpers/leftovers.ts",
  roots: ["<rootDir>/test"],
  setupFiles: ["<rootDir>/test/helpers/environment.ts"],
  transform: {
    "^.+\\.[tj]s$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  // Ends what hangs. What is only slow, on two cores with another suite beside it, takes a minute at times.
  testTimeout: 180_000,
  maxWorkers: 2,
};

// What errors have in common: a failed start, and words and codes from whatever was thrown.

/** A failed start: one sentence that says what is wrong and what to do. Ends the process with a non-zero exit. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

/** The words of whatever was thrown, also by a library or another realm, whose errors are no `Error` here. */
export const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);

/** The code of whatever was thrown, such as `ENOENT`; undefined when it has none. */
export const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

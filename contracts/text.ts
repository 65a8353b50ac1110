// Text that people write and others read: nothing in it may end a line or a header, or turn the reading around.
import { Type } from "@sinclair/typebox";
import { BLANK, CONTROL } from "../lib/contract";

// Explicit ranges, no lookaround and no flags: other languages' tools read these patterns in the OpenAPI document. Each
// character belongs to one part of a pattern only, so that a long text costs linear time.
const LINE = `^[^${CONTROL}]*$`;
const LINES = `^[^${CONTROL.replace("\\u0000-\\u001f", "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f")}]*$`;
const SOMETHING = `^[${BLANK}]*[^${CONTROL}${BLANK}][^${CONTROL}]*$`;

/** One line with something to read in it, such as a name. */
export const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: SOMETHING });

/** One line that may be empty. */
export const optionalText = (maxLength: number) => Type.String({ maxLength, pattern: LINE });

/** Text with line breaks and tabs, such as a description; it may be empty. */
export const multiline = (maxLength: number) => Type.String({ maxLength, pattern: LINES });

/** What a header carries: printable ASCII (RFC 9110, section 5.5). */
export const headerText = (minLength: number, maxLength: number) =>
  Type.String({ minLength, maxLength, pattern: "^[ -~]*$" });

/** What is typed and proven, never shown: any character may be part of it. */
export const secret = (minLength: number, maxLength: number) =>
  Type.String({ format: "password", minLength, maxLength });

/** Names of a client's own fields. Without dots and leading dollars: stores give both a meaning of their own. */
export const fieldName = (maxLength: number) =>
  Type.String({ pattern: `^(?!__proto__$)[^$.${CONTROL}][^.${CONTROL}]{0,${maxLength - 1}}$` });

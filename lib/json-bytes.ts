// A part of a JSON text that is passed on as the bytes it came in, with nothing made of it on the way.
import { isUtf8 } from "node:buffer";
import { memberIn } from "./json-scan";

/** Bytes that are known to be JSON. */
export class JsonBytes {
  private constructor(readonly bytes: Buffer) {}

  /** A member of a text that is one whole JSON object; undefined when there is none, or when in doubt: see memberIn. */
  static in(text: Buffer, name: string): { value: JsonBytes; before: Buffer; after: Buffer } | undefined {
    const found = isUtf8(text) ? memberIn(text, name) : undefined;
    return (
      found && {
        value: new JsonBytes(text.subarray(found.start, found.end)),
        before: text.subarray(0, found.start),
        after: text.subarray(found.end),
      }
    );
  }

  member(name: string): JsonBytes | undefined {
    return JsonBytes.in(this.bytes, name)?.value;
  }

  parse(): unknown {
    return JSON.parse(this.bytes.toString());
  }
}

// Moleculer's JSON packets, of which a caller may have the answer's data as the bytes that came: for whoever only
// passes them on. The packets stay those that any Moleculer broker writes and reads.
import { Serializers } from "moleculer";
import { JsonBytes } from "../json-bytes";

/**
 * Options of a call whose answer may be JsonBytes. It is when it crossed a bus and there is no doubt about its bytes;
 * an answer of this process, and any other, is the value itself.
 */
export const AS_BYTES = { asBytes: true };

const wants = (options: object | undefined) => options !== undefined && "asBytes" in options;

const ID_FIRST = '{"id":"';

/** The id of an answer whose first member it is, as Moleculer writes it. */
const idOf = (packet: Buffer): string | undefined => {
  if (packet.toString("latin1", 0, ID_FIRST.length) !== ID_FIRST) return undefined;
  return packet.toString("latin1", ID_FIRST.length, packet.indexOf('"', ID_FIRST.length));
};

interface Response {
  id?: unknown;
  success?: unknown;
  stream?: unknown;
  data: JsonBytes;
}

const NULL = Buffer.from("null");
const [OPEN_BRACE, OPEN_BRACKET] = Buffer.from("{[");

/**
 * The answer to a call, with its data as bytes; undefined when it is a failure, a part of a stream, or says anything
 * that is no matter of course: whoever parses all of it then sees what it is.
 * @param id of the call
 */
const withBytes = (packet: Buffer, id: string): Response | undefined => {
  const found = JsonBytes.in(packet, "data");
  if (!found) return undefined;
  const { value: data, before, after } = found;
  if (data.bytes[0] !== OPEN_BRACE && data.bytes[0] !== OPEN_BRACKET) return undefined;
  const response: Response = { ...(JSON.parse(Buffer.concat([before, NULL, after]).toString()) as object), data };
  const isPlain = response.id === id && response.success === true && (response.stream ?? undefined) === undefined;
  return isPlain ? response : undefined;
};

export class PassingSerializer extends Serializers.JSON {
  override deserialize(packet: Buffer, type?: string): unknown {
    const id = type === "RES" ? idOf(packet) : undefined;
    const isWanted = id !== undefined && wants(this.broker.transit?.pendingRequests.get(id)?.ctx.options);
    return (isWanted ? withBytes(packet, id) : undefined) ?? super.deserialize(packet);
  }
}

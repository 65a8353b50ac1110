// How much one message between processes may carry, and what becomes of one that is larger: a named error, at once.
import type { Context, Middleware, ServiceBroker } from "moleculer";
import { cursorBehind } from "../../paging";
import type { RefusalCode } from "../../refusal";

/** Bytes: NATS' own default, and the bound where there is no NATS. */
const ONE_MESSAGE = 1_048_576;
/** Bytes kept free for what Moleculer puts around a result: ids, meta, headers. */
const ENVELOPE = 32_768;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** What the NATS server has announced when it let us in, in bytes; undefined without NATS. */
export const announcedLimit = ({ transit }: Pick<ServiceBroker, "transit">): number | undefined => {
  const client: unknown = transit && "client" in transit.tx ? transit.tx.client : undefined;
  const info = isRecord(client) ? client.info : undefined;
  return isRecord(info) && typeof info.max_payload === "number" ? info.max_payload : undefined;
};

/**
 * The bytes of JSON that a page may have, so that its message is carried by this process's NATS. Never more than a
 * megabyte.
 */
export const pageLimit = (broker: Pick<ServiceBroker, "transit">): number => {
  const message = Math.min(announcedLimit(broker) ?? ONE_MESSAGE, ONE_MESSAGE);
  return message - Math.min(ENVELOPE, Math.floor(message / 4));
};

/** The bytes of JSON that a single thing may have which cannot be cut, so that a message can carry it. */
export const messageLimit = (broker: Pick<ServiceBroker, "transit">): number =>
  (announcedLimit(broker) ?? Infinity) - ENVELOPE;

/** The bytes of a value in a message. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Bytes of the longest numbers, such as -1.2345678901234567e-100, and more than those of a word. */
const LONGEST_NUMBER = 25;

/**
 * Bytes that a value cannot exceed in a message: six for each character, which may be escaped. Costs a small part of
 * what it costs to print it.
 */
const boundOf = (value: unknown): number => {
  if (typeof value === "string") return 6 * value.length + 2;
  if (typeof value !== "object" || value === null) return LONGEST_NUMBER;
  // It prints itself as something else.
  if ("toJSON" in value) return Number.POSITIVE_INFINITY;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += boundOf(item) + 1;
  else for (const key in value) bytes += 6 * key.length + 4 + boundOf((value as Record<string, unknown>)[key]);
  return bytes;
};

/**
 * How many of the items, from the first on, a page of `limit` bytes holds. At least one: whether that fits is seen when
 * it is sent.
 */
export const fitting = (items: readonly unknown[], limit: number): number => {
  if (boundOf(items) <= limit) return items.length;
  let bytes = 0;
  const over = items.findIndex((item, index) => {
    bytes += bytesOf(item) + 1;
    return index > 0 && bytes > limit;
  });
  return over < 0 ? items.length : over;
};

/** The page, or as much of it as `limit` bytes hold, and then it says so. */
export const cutPage = <P extends { items: readonly unknown[] }>(page: P, limit: number): P => {
  const count = fitting(page.items, limit);
  if (count === page.items.length) return page;
  const nextCursor = cursorBehind(page, count);
  const next = nextCursor === undefined ? {} : { nextCursor };
  return { ...page, items: page.items.slice(0, count), ...next, truncated: true };
};

/**
 * Known by its type wherever it arrives. Not retryable, and no fault that a circuit breaker counts: the next try is as
 * large.
 */
const tooLarge = (type: RefusalCode, message: string) => ({
  name: "MoleculerClientError",
  message,
  code: 400,
  type,
  retryable: false,
  data: {},
});

/** The parts of Moleculer's packets that matter here. */
interface Packet {
  type: string;
  payload: {
    id?: string;
    action?: string;
    event?: string;
    success?: boolean;
    data?: unknown;
    error?: unknown;
    meta?: unknown;
    headers?: unknown;
  };
}
type Send = (topic: string, data: Buffer, meta: { packet?: Packet }) => Promise<void>;
interface Serializer {
  serialize(packet: Packet): Buffer;
}

/**
 * NATS throws on a message over its limit. Left alone, a call ends as an unnamed fault, its entry among the pending
 * calls stays for ever, and an event throws into the face of whoever emits it. Here an answer becomes ANSWER_TOO_LARGE,
 * a call is rejected with BODY_TOO_LARGE, and an event is reported.
 */
export const boundMessages = (): Middleware => {
  let broker: ServiceBroker;
  const answerInstead = (serializer: Serializer, { payload, ...packet }: Packet, size: string): Buffer => {
    const error = tooLarge("ANSWER_TOO_LARGE", `The answer has ${size}.`);
    const short = { ...payload, success: false, data: null, meta: {}, headers: {}, error };
    return serializer.serialize({ ...packet, payload: short });
  };
  const transporterSend = (next: Send) =>
    async function (this: Serializer, topic: string, data: Buffer, meta: Parameters<Send>[2]): Promise<void> {
      const limit = announcedLimit(broker);
      const { packet } = meta;
      if (limit === undefined || !packet || data.length <= limit) return next(topic, data, meta);
      const { type, payload } = packet;
      const size = `${data.length} bytes, and NATS carries ${limit} (its max_payload)`;
      if (type === "RES") {
        broker.logger.error(`The answer to call ${payload.id} has ${size}.`);
        return next(topic, answerInstead(this, packet, size), meta);
      }
      if (type === "REQ" && payload.id !== undefined) broker.transit?.removePendingRequest(payload.id);
      const what =
        type === "REQ"
          ? `The call of ${payload.action}`
          : type === "EVENT"
            ? `The event ${payload.event}`
            : `A ${type} packet`;
      throw Object.assign(new Error(), tooLarge("BODY_TOO_LARGE", `${what} has ${size}.`));
    };
  return {
    name: "BoundMessages",
    created(created: ServiceBroker) {
      broker = created;
    },
    // Who asked knows the action's name; who answered, only the size.
    remoteAction: (next, action) => async (ctx: Context) => {
      try {
        return await (next as (ctx: Context) => Promise<unknown>)(ctx);
      } catch (error) {
        if (isRecord(error) && error.type === "ANSWER_TOO_LARGE")
          ctx.broker.logger.error(`${action.name}: ${String(error.message)}`, error.data);
        throw error;
      }
    },
    transporterSend: transporterSend as unknown as NonNullable<Middleware["transporterSend"]>,
  };
};

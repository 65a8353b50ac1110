// Shapes that more than one contract uses: ids, money, times, pages, and the durable feed.
import { type Static, type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { action, choice, MAX_DEPTH, object } from "../lib/contract";
import { headerText } from "./text";

export const Id = Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9_-]+$", description: "Opaque." });
export const Time = Type.String({ format: "date-time", description: "RFC 3339, UTC." });
/** Names a request, so that a repeat of it is told apart from another one. */
export const IdempotencyKey = headerText(1, 255);
/** So many lines an order has at most, and so many products. */
export const MAX_LINES = 100;
/** So many pieces of one product an order has at most, over all lines. */
export const MAX_QUANTITY = 1000;
/** So many orders of one user may be pending at once. */
export const MAX_PENDING_ORDERS = 20;
/** In minor units. */
export const MAX_AMOUNT = 1_000_000_000_000;
export const Nothing = object({});

/**
 * The result of an action that takes an idempotency key: it says whether an earlier request with the key made it, and
 * this is a repeat. Clients see that as a header, and not in the body.
 */
export const replayable = <P extends TProperties>(result: TObject<P>) =>
  object({ ...result.properties, replayed: Type.Optional(Type.Literal(true)) });

/** An amount in the currency's minor unit (1999 USD is $19.99). */
export const Money = object({
  amount: Type.Integer({
    minimum: 0,
    maximum: MAX_AMOUNT,
    format: "int64",
    description: "Minor units: 1999 is $19.99.",
  }),
  currency: Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217." }),
});
export type Money = Static<typeof Money>;

/** The languages that the shop speaks. */
export const LOCALES = ["en", "ko"] as const;
export const Locale = choice(...LOCALES);
export type Locale = Static<typeof Locale>;

/** A line of an order. */
export const Line = object({ productId: Id, quantity: Type.Integer({ minimum: 1, maximum: MAX_QUANTITY }) });
export type Line = Static<typeof Line>;
export const Lines = Type.Array(Line, { minItems: 1, maxItems: MAX_LINES });

/** Settings of more than one service: the shop's one currency, and the language of those who do not say theirs. */
export const CurrencySetting = {
  ...choice(...Intl.supportedValuesOf("currency")),
  default: "USD",
  wanted: "an ISO 4217 code such as USD",
};
export const LocaleSetting = { ...Locale, default: "en" };

/** So many items a page of a list has, when nobody says. */
export const PAGE_SIZE = 10;

/** The query parameters of every list. */
export const paging = {
  page: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_DEPTH,
      default: 1,
      description: `page × limit is at most ${MAX_DEPTH}: to go on from there, or to miss nothing, use cursor.`,
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE_SIZE })),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      pattern: "^[A-Za-z0-9_-]+$",
      description:
        "The nextCursor of a page of this list, with the same filters and sort: what comes behind it. " +
        "Nothing that was there all along is skipped or repeated. page is then passed over.",
    }),
  ),
};

/** One page of a list. */
export const pageOf = <T extends TSchema>(item: T) =>
  object({
    items: Type.Array(item),
    page: Type.Integer(),
    limit: Type.Integer(),
    total: Type.Integer(),
    pages: Type.Integer(),
    nextCursor: Type.Union([Type.String(), Type.Null()], { description: "Null on the last page." }),
    truncated: Type.Optional(
      Type.Literal(true, {
        description:
          "The page holds fewer items than it should: all of them are more than an answer can carry. " +
          "Ask again with a smaller limit.",
      }),
    ),
  });

export interface Page<T> extends Omit<Static<ReturnType<typeof pageOf>>, "items"> {
  items: T[];
}

/** A recorded event, as stored and as shown to clients. `version` counts from 1 within its aggregate, without gaps. */
export const RecordedEvent = object({
  id: Type.String(),
  type: Type.String(),
  aggregateId: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  data: Type.Unknown(),
  timestamp: Time,
});

/** Who caused a commit, as far as it is known: not in those of earlier releases. */
export const CommitMetadata = object({
  requestId: Type.Optional(
    Type.String({ description: "X-Request-ID of the request that it was a part of; `sweep_…` for the shop's own." }),
  ),
  traceparent: Type.Optional(Type.String({ description: "W3C Trace Context." })),
  actorId: Type.Optional(Type.String({ description: "The user who asked for it." })),
});

/** What a durable feed is asked and what it answers: commits after a position, in order, without gaps. */
export const FeedRequest = object({
  after: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 1, maximum: 1000 }),
});
export const FeedPage = object({
  log: Type.String({
    description: "The log's id. A checkpoint remembers it: in another log the same positions are other events.",
  }),
  at: Type.Union([Type.String(), Type.Null()], {
    description: "The id of the commit at `after`. When a checkpoint remembers another one, the log was rewritten.",
  }),
  commits: Type.Array(object({ position: Type.Integer(), id: Type.String(), events: Type.Array(RecordedEvent) })),
  head: Type.Integer({ description: "The position of the newest commit." }),
});

/** Every service answers it: a real round trip to its store. */
export const health = action({
  access: "internal",
  params: Nothing,
  result: Nothing,
  idempotent: true,
  deadline: 3000,
});

/** A service's durable feed: its commits, for those who follow it. */
export const feed = action({ access: "internal", params: FeedRequest, result: FeedPage, idempotent: true });

/** The nudge that follows a commit. It may be lost: the feed is the truth. */
export const Nudge = object({ position: Type.Integer() });

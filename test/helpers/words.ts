// Command handlers over logs of words, with what they read counted: for tests of the handler.
import { Type } from "@sinclair/typebox";
import { object } from "../../lib/contract";
import { CommandHandler } from "../../lib/events/command-handler";
import { EventStore } from "../../lib/events/event-store";
import type { Aggregate } from "../../lib/events/unit-of-work";
import { Refusal } from "../../lib/refusal";
import type { Store } from "../../lib/store/store";
import { aroundStore, openOnce } from "./around-store";
import { temporaryStore } from "./store";

export const schemas = { Counted: object({ by: Type.String() }) };
export type Schemas = typeof schemas;
export const counted = (by: string) => ({ type: "Counted" as const, data: { by } });
export const word: Aggregate<Schemas, string> = { initial: "", evolve: (all, { data }) => all + data.by };

/** A log in some store, and what has been read from it. */
export const open = async (store: Store) => {
  const reads: string[] = [];
  const noting = aroundStore(store, ({ on, method }, work) => {
    if (on === "log" && method !== "append") reads.push(method);
    return work();
  });
  const log = await EventStore.open<Schemas>(noting, () => new Date("2026-01-01T00:00:00Z"));
  return { log, handler: new CommandHandler(log), reads };
};
/** Two processes over one log. */
export const openTwice = async () => {
  const store = openOnce(await temporaryStore());
  return [await open(store), await open(store)] as const;
};
export const add = (handler: CommandHandler<Schemas>, by: string, stream = "a") =>
  handler.change(word, stream, () => [counted(by)]);
/** Adds a letter, but only to this word; refused for any other. */
export const addTo = (handler: CommandHandler<Schemas>, expected: string, by: string) =>
  handler.change(word, "a", state => {
    if (state !== expected) throw new Refusal("PRECONDITION_FAILED");
    return [counted(by)];
  });

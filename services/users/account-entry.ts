// What the list of accounts keeps of each: all of it, by the time at which it was opened.
import type { userEvents } from "../../contracts/users";
import type { Projection } from "../../lib/events/projection";
import type { ReadModel } from "../../lib/events/read-model";
import type { Versioned } from "../../lib/store/store";
import { type Account, type AccountState, evolve, isAccountEvent, noAccount } from "./account";

export interface Entry extends Versioned {
  createdAt: string;
  account: Account;
}

export type AccountModel = ReadModel<typeof userEvents, AccountState, Entry>;

/** The one group in which accounts are counted, and its one key. */
export const ALL_ACCOUNTS = "all";

export const accountEntries: Projection<typeof userEvents, AccountState, Entry> = {
  name: "users",
  shape: { indexes: [{ fields: ["createdAt", "_id"] }] },
  initial: noAccount,
  isShown: isAccountEvent,
  evolve: (state, event) => (isAccountEvent(event) ? evolve(state, event) : state),
  entryOf: account => {
    if (account.status === "absent") throw new Error("An account that was never opened is not shown.");
    return { _id: account.user.id, version: account.version, createdAt: account.user.createdAt, account };
  },
  stateOf: ({ account }) => account,
  countedIn: account => (account.status === "absent" ? [] : [{ group: ALL_ACCOUNTS, key: "accounts" }]),
};

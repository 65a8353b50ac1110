// Opens all that acts on accounts, on one store and its log: for the service, and for the way back of an admin.
import type { userEvents } from "../../contracts/users";
import type { EventStore } from "../../lib/events/event-store";
import { ReadModel } from "../../lib/events/read-model";
import type { Store } from "../../lib/store/store";
import { AccountCommands } from "./account-commands";
import { accountEntries } from "./account-entry";
import { AccountList } from "./account-list";
import { type CredentialDocument, Credentials } from "./credentials";
import { PasswordCommands } from "./password-commands";
import type { PasswordHasher } from "./password-hasher";
import { RegistrationCommands } from "./registration-commands";
import { Sessions } from "./sessions";

interface Opening {
  store: Store;
  events: EventStore<typeof userEvents>;
  hasher: Pick<PasswordHasher, "hash" | "matches">;
  now(): Date;
}

export const openAccounts = async ({ store, events, hasher, now }: Opening) => {
  const sessions = await Sessions.open(store, now);
  const credentials = new Credentials(await store.collection<CredentialDocument>("credentials"), hasher);
  const accounts = new AccountCommands(events, sessions);
  const readModel = await ReadModel.open(store, accountEntries, event => accounts.follow(event));
  return {
    readModel,
    list: new AccountList(readModel),
    sessions,
    accounts,
    registrations: new RegistrationCommands(accounts, credentials),
    passwords: new PasswordCommands(accounts, credentials),
  };
};

// Accounts on a store, without a service around them.
import type { userEvents } from "../../contracts/users";
import { EventStore } from "../../lib/events/event-store";
import type { Store } from "../../lib/store/store";
import type { CredentialDocument } from "../../services/users/credentials";
import { openAccounts } from "../../services/users/open-accounts";
import { PasswordHasher } from "../../services/users/password-hasher";
import { openOnce } from "./around-store";

/** Hashing that takes no time, so that racers reach each step together. */
export class InstantHasher extends PasswordHasher {
  override hash = async (password: string): Promise<string> => `hash of ${password}`;
  override matches = async (password: string, hash: string | undefined): Promise<boolean> =>
    hash === `hash of ${password}`;
}

/** One instance of what acts on accounts; of several on one store each has its own. */
export const accountsOn = async (opened: Store, hasher: PasswordHasher = new InstantHasher(1)) => {
  const [store, now] = [openOnce(opened), () => new Date()];
  const events = await EventStore.open<typeof userEvents>(store, now);
  const credentials = await store.collection<CredentialDocument>("credentials");
  return { events, credentials, ...(await openAccounts({ store, events, hasher, now })) };
};

export const person = (email: string, role: "customer" | "admin" = "customer") =>
  ({ email, name: "Kim", role, locale: "en" }) as const;

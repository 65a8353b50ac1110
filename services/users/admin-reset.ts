// The way back for an admin who lost his password: a made-up one, on the users' own store, without signing in.
import type { userEvents } from "../../contracts/users";
import { EventStore } from "../../lib/events/event-store";
import { StartupError } from "../../lib/errors";
import type { Store } from "../../lib/store/store";
import { madeUpPassword } from "./first-admin";
import { type Account, type AccountState, noAccount } from "./account";
import { openAccounts } from "./open-accounts";
import { PasswordHasher } from "./password-hasher";

/** @throws StartupError unless it is an active admin's: nobody becomes one, and nobody comes back, by a password */
const activeAdmin = (account: AccountState, email: string): Account => {
  if (account.status === "absent") throw new StartupError(`No account has the address ${email}.`);
  if (account.user.role !== "admin") {
    throw new StartupError(`${email} belongs to a customer: only an admin's password can be reset here.`);
  }
  if (account.status === "disabled") {
    throw new StartupError(`The account of ${email} is disabled: another admin must enable it first.`);
  }
  return account;
};

/**
 * Gives an active admin a made-up password and ends all his sessions, in one commit. The address as the account has it,
 * and the password, which is kept nowhere.
 * @throws StartupError when there is no such admin; nothing has changed then
 */
export const resetAdmin = async (store: Store, email: string): Promise<{ email: string; password: string }> => {
  const now = () => new Date();
  const hasher = new PasswordHasher(1);
  try {
    const events = await EventStore.open<typeof userEvents>(store, now);
    const { accounts, passwords } = await openAccounts({ store, events, hasher, now });
    // By the log, not by the list of accounts, which may lag behind it after a kill.
    const id = await accounts.ownerOf(email);
    const { user } = activeAdmin(id === undefined ? noAccount : await accounts.load(id), email);
    const password = madeUpPassword();
    // Checked again with the commit: on MongoDB the shop may be running.
    await passwords.setPassword(user.id, password, account => void activeAdmin(account, email));
    return { email: user.email, password };
  } finally {
    await hasher.close();
  }
};

// What a password opens, and the commands that replace one: the log names the hash that counts.
import type { IfVersion } from "../../contracts/versions";
import type { Actor } from "../../lib/contract";
import { StartupError } from "../../lib/errors";
import type { Cause } from "../../lib/events/metadata";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { Refusal } from "../../lib/refusal";
import { type Account, noAccount } from "./account";
import type { AccountCommands } from "./account-commands";
import * as rules from "./account.rules";
import type { Credentials } from "./credentials";

interface Asked extends Cause {
  /** Who waits for it: for hashing, too, which is not begun for nobody. */
  caller?: Caller | undefined;
}

export class PasswordCommands {
  constructor(
    private readonly accounts: AccountCommands,
    private readonly credentials: Credentials,
  ) {}

  /**
   * The active account of an address and a password.
   * @throws Refusal INVALID_CREDENTIALS, whatever is wrong with them
   */
  async authenticate(email: string, password: string, caller?: Caller): Promise<Account> {
    const id = await this.accounts.ownerOf(email);
    // Before its credentials: when they change from here on, the session that follows is one of those that end.
    const account = id === undefined ? noAccount : await this.accounts.load(id);
    if (!(await this.credentials.match(account, password, caller)) || account.status !== "active")
      throw new Refusal("INVALID_CREDENTIALS");
    return account;
  }

  /**
   * Whether an address is an active admin's and, if a password is given, whether it is his: by the log, which the list
   * may lag behind.
   */
  async isAdminWith(email: string, password: string | undefined): Promise<"yes" | "no admin" | "another password"> {
    const id = await this.accounts.ownerOf(email);
    const account = id === undefined ? noAccount : await this.accounts.load(id);
    if (account.status !== "active" || account.user.role !== "admin") return "no admin";
    return password === undefined || (await this.credentials.match(account, password)) ? "yes" : "another password";
  }

  /**
   * The new password counts, and all sessions are over, from one and the same commit on.
   * @throws Refusal INVALID_CREDENTIALS when the current password is not the right one, PRECONDITION_FAILED, or
   * UNAUTHENTICATED
   */
  async changePassword(
    user: Pick<Actor, "id" | "version"> & { ifVersion?: IfVersion | undefined },
    current: string,
    next: string,
    asked: Asked = {},
  ): Promise<void> {
    const checked = await this.accounts.ofCaller(user);
    if (!(await this.credentials.match(checked, current, asked.caller))) throw new Refusal("INVALID_CREDENTIALS");
    const check = (account: Account) => {
      // Somebody else changed it in between: then `current` is no longer the password.
      if (account.credential !== checked.credential) throw new Refusal("INVALID_CREDENTIALS");
      rules.atVersion(rules.admitted(account, user.version), user.ifVersion);
    };
    await this.setPassword(user.id, next, check, asked);
  }

  /** As changePassword, whatever it was before; `check` throws when the account as it is then may not have it. */
  async setPassword(id: string, next: string, check: (account: Account) => void, asked: Asked = {}): Promise<void> {
    const credential = await this.credentials.add(await this.credentials.hash(next, asked.caller));
    let replaced: string | undefined;
    try {
      const decide = (account: Account) => {
        check(account);
        replaced = account.credential;
        return rules.changePassword(credential);
      };
      await this.accounts.change(id, decide, asked);
    } catch (error) {
      // After any other failure the commit may be there all the same.
      if (error instanceof Refusal || error instanceof StartupError) await this.credentials.remove(credential);
      throw error;
    }
    // Of no use to anybody, and no reason to fail.
    if (replaced !== undefined) await this.credentials.remove(replaced).catch(() => undefined);
  }
}

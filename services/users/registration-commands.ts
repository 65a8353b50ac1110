// Commands that open accounts: a customer's, once for all requests with one key, and the first admin's.
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import type { Cause } from "../../lib/events/metadata";
import type { Once } from "../../lib/events/idempotency";
import { Refusal } from "../../lib/refusal";
import type { Account, Registration } from "./account";
import type { AccountCommands } from "./account-commands";
import type { Credentials } from "./credentials";

interface Asked extends Cause {
  /** Who waits for it: for hashing, too, which is not begun for nobody. */
  caller?: Caller | undefined;
  /** Whether one more admin may join these. */
  mayJoin?(admins: ReadonlySet<string>): boolean;
}

export class RegistrationCommands {
  constructor(
    private readonly accounts: AccountCommands,
    private readonly credentials: Credentials,
  ) {}

  /** @throws Refusal EMAIL_TAKEN, also when two register the same address at once */
  async register(id: string, registration: Registration, password: string, asked: Asked = {}): Promise<Account> {
    const hash = await this.credentials.hash(password, asked.caller);
    if ((await this.accounts.ownerOf(registration.email)) !== undefined) throw new Refusal("EMAIL_TAKEN");
    // First: an account without credentials could never be entered, credentials without an account hurt nobody.
    await this.credentials.keepFirst(id, hash, password);
    try {
      return await this.accounts.register(id, registration, asked);
    } catch (error) {
      if (error instanceof Refusal && (await this.accounts.load(id)).status === "absent")
        await this.credentials.remove(id);
      throw error;
    }
  }

  /**
   * As register; a repeat with the same id and the same request finds the account that the first one made, if it may
   * sign in.
   * @throws Refusal EMAIL_TAKEN, or IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  async registerOnce(
    id: string,
    registration: Registration,
    password: string,
    asked: Pick<Asked, "caller" | "metadata"> = {},
  ): Promise<Once<Account>> {
    try {
      return { made: await this.register(id, registration, password, asked), replayed: false };
    } catch (error) {
      const account =
        error instanceof Refusal && error.code === "EMAIL_TAKEN" ? await this.accounts.load(id) : undefined;
      if (account?.status !== "active") throw error;
      // As it was asked for then: both may have changed since.
      const { name, locale } = (await this.accounts.registrationOf(id)) ?? account.user;
      const isSame =
        name === registration.name &&
        locale === registration.locale &&
        (await this.credentials.match(account, password, asked.caller));
      if (!isSame) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
      return { made: account, replayed: true };
    }
  }

  /**
   * The first admin; undefined when there is one by now, also when two processes make theirs at once.
   * @throws Refusal EMAIL_TAKEN
   */
  async registerFirstAdmin(
    id: string,
    registration: Omit<Registration, "role">,
    password: string,
  ): Promise<Account | undefined> {
    if (await this.accounts.hasAdmin()) return undefined;
    try {
      return await this.register(id, { ...registration, role: "admin" }, password, {
        mayJoin: admins => admins.size === 0,
      });
    } catch (error) {
      if (error instanceof Refusal && (error.code === "FORBIDDEN" || (await this.accounts.hasAdmin())))
        return undefined;
      throw error;
    }
  }
}

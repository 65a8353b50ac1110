// Accounts against the log: an address is claimed in the same commit that registers its account.
import type { userEvents } from "../../contracts/users";
import { type Append, decideAgainOnConflict, type EventStore, VersionConflict } from "../../lib/event-store";
import { Refusal } from "../../lib/refusal";
import type { Collection } from "../../lib/store";
import type { Directory } from "./directory";
import type { Passwords } from "./passwords";
import { type Account, type AccountState, evolve, isAccountEvent, known, noAccount, normalise, register, type Registration, type UserEvent } from "./user";

/** Kept apart from the log, which others read. */
export interface CredentialDocument {
  /** The user's id. */
  _id: string;
  hash: string;
}

export class Accounts {
  constructor(
    private readonly events: EventStore<typeof userEvents>,
    private readonly directory: Directory,
    private readonly credentials: Collection<CredentialDocument>,
    private readonly passwords: Passwords,
  ) {}

  /** The account as the log has it. */
  async load(id: string): Promise<AccountState> {
    return (await this.events.getEvents(id)).filter(isAccountEvent).reduce<AccountState>(evolve, noAccount);
  }

  /** @throws Refusal EMAIL_TAKEN, also when two register the same address at once */
  async create(id: string, registration: Registration, password: string): Promise<Account> {
    const claim = `email:${normalise(registration.email)}`;
    const hash = await this.passwords.hash(password);
    if (await this.events.has(claim, 1)) throw new Refusal("EMAIL_TAKEN");
    // First: an account without credentials could never be entered, credentials without an account hurt nobody.
    await this.credentials.insert({ _id: id, hash });
    try {
      await this.commit([
        { stream: claim, expectedVersion: 0, events: [{ type: "EmailClaimed", data: { userId: id } }] },
        { stream: id, expectedVersion: 0, events: register(registration) },
      ]);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      await this.credentials.remove(id);
      throw new Refusal("EMAIL_TAKEN");
    }
    return known(await this.load(id));
  }

  /** Decides on the account as it is now and appends what was decided. @throws Refusal USER_NOT_FOUND */
  change(id: string, decide: (account: Account) => readonly UserEvent[]): Promise<Account> {
    return decideAgainOnConflict(async () => {
      const account = known(await this.load(id));
      const events = decide(account);
      if (events.length > 0) await this.commit([{ stream: id, expectedVersion: account.version, events }]);
      return known(await this.load(id));
    });
  }

  /** The active account of an address and a password. @throws Refusal INVALID_CREDENTIALS, whatever is wrong with them */
  async authenticate(email: string, password: string): Promise<Account> {
    const account = await this.directory.byEmail(email);
    const matches = await this.passwords.matches(password, await this.hashOf(account));
    if (!account || !matches || account.status !== "active") throw new Refusal("INVALID_CREDENTIALS");
    return account;
  }

  /** @throws Refusal INVALID_CREDENTIALS when the current password is not the right one */
  async replacePassword(id: string, current: string, next: string): Promise<void> {
    const hash = await this.hashOf(known(await this.load(id)));
    if (!(await this.passwords.matches(current, hash))) throw new Refusal("INVALID_CREDENTIALS");
    const replaced = await this.credentials.update({ _id: id, hash }, { $set: { hash: await this.passwords.hash(next) } });
    // Somebody else changed it in between: then `current` is no longer the password.
    if (!replaced) throw new Refusal("INVALID_CREDENTIALS");
  }

  private async hashOf(account: Account | undefined): Promise<string | undefined> {
    return account && (await this.credentials.get(account.user.id))?.hash;
  }

  private async commit(appends: readonly Append<UserEvent>[]): Promise<void> {
    const { events } = await this.events.append(appends);
    for (const event of events) await this.directory.apply(event, id => this.load(id));
  }
}

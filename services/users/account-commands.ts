// Accounts against the log: load, decide, append; what several could do at once is decided by the append.
import type { userEvents } from "../../contracts/users";
import type { IfVersion } from "../../contracts/versions";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { decideAgainOnConflict } from "../../lib/events/command-handler";
import type { EventStore, RecordedOf } from "../../lib/events/event-store";
import { type Append, type Loaded, unwritten } from "../../lib/events/loaded";
import type { Actor } from "../../lib/contract";
import { StartupError } from "../../lib/errors";
import type { Once } from "../../lib/events/idempotency";
import { Refusal } from "../../lib/refusal";
import type { Credentials } from "./credentials";
import type { Directory } from "./account-list";
import type { Sessions } from "./sessions";
import * as rules from "./account.rules";
import {
  type Account,
  type AccountEvent,
  type AccountState,
  isAccountEvent,
  known,
  type Registration,
  type UserEvent,
} from "./account.rules";

const ADMINS = "admins";

interface Asked {
  /** Who waits for it: for hashing, which is not begun for nobody. */
  caller?: Caller | undefined;
  /** Whether one more admin may join these. */
  mayJoin?(admins: ReadonlySet<string>): boolean;
}

export class Accounts {
  constructor(
    private readonly events: EventStore<typeof userEvents>,
    private readonly directory: Directory,
    private readonly sessions: Sessions,
    private readonly credentials: Credentials,
  ) {}

  /** The account as the log has it now. */
  async load(id: string): Promise<AccountState> {
    return (await this.account(id)).state;
  }

  /** What follows from an event, once or again: its account is shown, its session is over. */
  async apply(event: RecordedOf<typeof userEvents>): Promise<void> {
    if (!isAccountEvent(event)) return;
    if (event.type === "SessionsEnded" && event.data.session !== undefined) await this.sessions.end(event.data.session);
    if ((await this.directory.find(event.aggregateId)).version < event.version)
      await this.directory.show(known(await this.load(event.aggregateId)));
  }

  /** @throws Refusal EMAIL_TAKEN, also when two register the same address at once */
  async create(
    id: string,
    registration: Registration,
    password: string,
    { caller, mayJoin = () => true }: Asked = {},
  ): Promise<Account> {
    const claim = rules.claimOf(registration.email);
    const hash = await this.credentials.hash(password, caller);
    if (await this.events.has(claim, 1)) throw new Refusal("EMAIL_TAKEN");
    // First: an account without credentials could never be entered, credentials without an account hurt nobody.
    await this.credentials.keepFirst(id, hash, password);
    try {
      await decideAgainOnConflict(async () => {
        if (await this.events.has(claim, 1)) throw new Refusal("EMAIL_TAKEN");
        const admins = registration.role === "admin" ? await this.admins() : undefined;
        if (admins && !mayJoin(admins.state)) throw new Refusal("FORBIDDEN");
        await this.commit([
          unwritten(claim).append([{ type: "EmailClaimed", data: { userId: id } }]),
          unwritten(id).append(rules.register(registration)),
          ...(admins ? [admins.append([{ type: "AdminsChanged" as const, data: { userId: id, active: true } }])] : []),
        ]);
      });
    } catch (error) {
      if (error instanceof Refusal && (await this.load(id)).status === "absent") await this.credentials.remove(id);
      throw error;
    }
    return known(await this.load(id));
  }

  /**
   * The first admin; undefined when there is one by now, also when two processes make theirs at once.
   * @throws Refusal EMAIL_TAKEN
   */
  async createFirstAdmin(
    id: string,
    registration: Omit<Registration, "role">,
    password: string,
  ): Promise<Account | undefined> {
    if (await this.hasAdmin()) return undefined;
    try {
      return await this.create(id, { ...registration, role: "admin" }, password, {
        mayJoin: admins => admins.size === 0,
      });
    } catch (error) {
      if (error instanceof Refusal && (error.code === "FORBIDDEN" || (await this.hasAdmin()))) return undefined;
      throw error;
    }
  }

  /**
   * As create; a repeat with the same id and the same request finds the account that the first one made, if it may sign
   * in.
   * @throws Refusal EMAIL_TAKEN, or IDEMPOTENCY_KEY_REUSED when the first one was asked for in other words
   */
  async createOnce(id: string, registration: Registration, password: string, caller?: Caller): Promise<Once<Account>> {
    try {
      return { made: await this.create(id, registration, password, { caller }), replayed: false };
    } catch (error) {
      const account = error instanceof Refusal && error.code === "EMAIL_TAKEN" ? await this.load(id) : undefined;
      if (account?.status !== "active") throw error;
      // As it was asked for then: both may have changed since.
      const [first] = await this.events.getEvents(id);
      const { name, locale } = first?.type === "UserRegistered" ? first.data : account.user;
      const isSame =
        name === registration.name &&
        locale === registration.locale &&
        (await this.credentials.match(account, password, caller));
      if (!isSame) throw new Refusal("IDEMPOTENCY_KEY_REUSED");
      return { made: account, replayed: true };
    }
  }

  /**
   * Decides on the account as it is now and appends what was decided. The account afterwards.
   * @throws Refusal USER_NOT_FOUND
   */
  change(id: string, decide: (account: Account) => readonly AccountEvent[]): Promise<Account> {
    return decideAgainOnConflict(async () => {
      const account = await this.account(id);
      await this.commit([account.append(decide(known(account.state)))]);
      return known(await this.load(id));
    });
  }

  /**
   * @throws Refusal USER_NOT_FOUND, PRECONDITION_FAILED, or LAST_ADMIN: also when two admins demote each other at once
   */
  administrate(id: string, wishes: Parameters<typeof rules.administrate>[1], ifVersion?: IfVersion): Promise<Account> {
    return decideAgainOnConflict(async () => {
      const [account, admins] = [await this.account(id), await this.admins()];
      const others = [...admins.state].filter(admin => admin !== id);
      const events = rules.administrate(rules.atVersion(known(account.state), ifVersion), wishes, others.length);
      await this.commit([
        account.append(events.filter(event => event.type !== "AdminsChanged")),
        admins.append(events.filter(event => event.type === "AdminsChanged")),
      ]);
      return known(await this.load(id));
    });
  }

  async hasAdmin(): Promise<boolean> {
    return (await this.admins()).state.size > 0;
  }

  /**
   * The active account of an address and a password.
   * @throws Refusal INVALID_CREDENTIALS, whatever is wrong with them
   */
  async authenticate(email: string, password: string, caller?: Caller): Promise<Account> {
    const id = await this.directory.idOf(email);
    // Before its credentials: when they change from here on, the session that follows is one of those that end.
    const account = id === undefined ? rules.noAccount : await this.load(id);
    if (!(await this.credentials.match(account, password, caller)) || account.status !== "active")
      throw new Refusal("INVALID_CREDENTIALS");
    return account;
  }

  /**
   * Whether an address is an active admin's and, if a password is given, whether it is his: by the log, which the list
   * may lag behind.
   */
  async isAdminWith(email: string, password: string | undefined): Promise<"yes" | "no admin" | "another password"> {
    const { state: id } = await this.events.load<string | undefined>(rules.claimOf(email), rules.afterClaim, undefined);
    const account = id === undefined ? rules.noAccount : await this.load(id);
    if (account.status !== "active" || account.user.role !== "admin") return "no admin";
    return password === undefined || (await this.credentials.match(account, password)) ? "yes" : "another password";
  }

  /** The account of a caller, by the log of now. @throws Refusal UNAUTHENTICATED when his token has ended */
  async ofCaller({ id, version }: Pick<Actor, "id" | "version">): Promise<Account> {
    return rules.admitted(await this.load(id), version);
  }

  /** Ends one session of a user, once. */
  async endSession(session: string, userId: string): Promise<void> {
    if (await this.sessions.has(session)) await this.change(userId, () => rules.endSession(session));
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
    caller?: Caller,
  ): Promise<void> {
    const checked = await this.ofCaller(user);
    if (!(await this.credentials.match(checked, current, caller))) throw new Refusal("INVALID_CREDENTIALS");
    const check = (account: Account) => {
      // Somebody else changed it in between: then `current` is no longer the password.
      if (account.credential !== checked.credential) throw new Refusal("INVALID_CREDENTIALS");
      rules.atVersion(rules.admitted(account, user.version), user.ifVersion);
    };
    await this.setPassword(user.id, next, check, caller);
  }

  /** As changePassword, whatever it was before; `check` throws when the account as it is then may not have it. */
  async setPassword(id: string, next: string, check: (account: Account) => void, caller?: Caller): Promise<void> {
    const credential = await this.credentials.add(await this.credentials.hash(next, caller));
    let replaced: string | undefined;
    try {
      await this.change(id, account => {
        check(account);
        replaced = account.credential;
        return rules.changePassword(credential);
      });
    } catch (error) {
      // After any other failure the commit may be there all the same.
      if (error instanceof Refusal || error instanceof StartupError) await this.credentials.remove(credential);
      throw error;
    }
    // Of no use to anybody, and no reason to fail.
    if (replaced !== undefined) await this.credentials.remove(replaced).catch(() => undefined);
  }

  private async account(id: string): Promise<Loaded<AccountState>> {
    const shown = await this.directory.find(id);
    return this.events.load<AccountState>(
      id,
      (state, event) => (isAccountEvent(event) ? rules.evolve(state, event) : state),
      shown,
      shown.version,
    );
  }

  /** The ids of the active admins. */
  private admins(): Promise<Loaded<ReadonlySet<string>>> {
    return this.events.load(ADMINS, rules.afterAdminEvent, new Set());
  }

  private async commit(appends: readonly Append<UserEvent>[]): Promise<void> {
    const decided = appends.filter(append => append.events.length > 0);
    if (decided.length === 0) return;
    const { events } = await this.events.append(decided);
    for (const event of events) await this.apply(event);
  }
}

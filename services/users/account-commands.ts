// Commands on accounts against the log: load, decide, append; what several could do at once is decided by the append.
import type { userEvents } from "../../contracts/users";
import type { IfVersion } from "../../contracts/versions";
import type { Actor } from "../../lib/contract";
import { decideAgainOnConflict } from "../../lib/events/command-handler";
import type { EventStore, RecordedOf } from "../../lib/events/event-store";
import { type Append, type Loaded, unwritten } from "../../lib/events/loaded";
import { Refusal } from "../../lib/refusal";
import {
  type Account,
  type AccountEvent,
  type AccountState,
  afterAdminEvent,
  afterClaim,
  claimOf,
  evolve,
  isAccountEvent,
  type Registration,
  type UserEvent,
} from "./account";
import type { AccountList } from "./account-list";
import * as rules from "./account.rules";
import type { Sessions } from "./sessions";

const ADMINS = "admins";

export class AccountCommands {
  constructor(
    private readonly events: EventStore<typeof userEvents>,
    private readonly list: AccountList,
    private readonly sessions: Sessions,
  ) {}

  /** The account as the log has it now. */
  async load(id: string): Promise<AccountState> {
    return (await this.account(id)).state;
  }

  /** The account of a caller, by the log of now. @throws Refusal UNAUTHENTICATED when his token has ended */
  async ofCaller({ id, version }: Pick<Actor, "id" | "version">): Promise<Account> {
    return rules.admitted(await this.load(id), version);
  }

  /** The id of the account with an address: by the log, which the list may lag behind. */
  async ownerOf(email: string): Promise<string | undefined> {
    return (await this.events.load<string | undefined>(claimOf(email), afterClaim, undefined)).state;
  }

  /** Whether some account has the address: by the log. */
  isTaken(email: string): Promise<boolean> {
    return this.events.has(claimOf(email), 1);
  }

  /** As it was asked for; undefined when there is no such account. */
  async registrationOf(id: string): Promise<Registration | undefined> {
    const [first] = await this.events.getEvents(id);
    return first?.type === "UserRegistered" ? first.data : undefined;
  }

  /** What follows from an event, once or again: its account is shown, its session is over. */
  async apply(event: RecordedOf<typeof userEvents>): Promise<void> {
    if (!isAccountEvent(event)) return;
    if (event.type === "SessionsEnded" && event.data.session !== undefined) await this.sessions.end(event.data.session);
    if ((await this.list.find(event.aggregateId)).version < event.version)
      await this.list.show(rules.known(await this.load(event.aggregateId)));
  }

  /**
   * Opens an account, which is the only one of its address from then on.
   * @param mayJoin whether one more admin may join these
   * @throws Refusal EMAIL_TAKEN, also when two register the same address at once; FORBIDDEN when it may not join
   */
  async register(
    id: string,
    registration: Registration,
    mayJoin: (admins: ReadonlySet<string>) => boolean = () => true,
  ): Promise<Account> {
    await decideAgainOnConflict(async () => {
      if (await this.isTaken(registration.email)) throw new Refusal("EMAIL_TAKEN");
      const admins = registration.role === "admin" ? await this.admins() : undefined;
      if (admins && !mayJoin(admins.state)) throw new Refusal("FORBIDDEN");
      await this.commit([
        unwritten(claimOf(registration.email)).append([{ type: "EmailClaimed", data: { userId: id } }]),
        unwritten(id).append(rules.register(registration)),
        ...(admins ? [admins.append([{ type: "AdminsChanged" as const, data: { userId: id, active: true } }])] : []),
      ]);
    });
    return rules.known(await this.load(id));
  }

  /**
   * Decides on the account as it is now and appends what was decided. The account afterwards.
   * @throws Refusal USER_NOT_FOUND
   */
  change(id: string, decide: (account: Account) => readonly AccountEvent[]): Promise<Account> {
    return decideAgainOnConflict(async () => {
      const account = await this.account(id);
      await this.commit([account.append(decide(rules.known(account.state)))]);
      return rules.known(await this.load(id));
    });
  }

  /**
   * @throws Refusal USER_NOT_FOUND, PRECONDITION_FAILED, or LAST_ADMIN: also when two admins demote each other at once
   */
  administrate(id: string, wishes: Parameters<typeof rules.administrate>[1], ifVersion?: IfVersion): Promise<Account> {
    return decideAgainOnConflict(async () => {
      const [account, admins] = [await this.account(id), await this.admins()];
      const others = [...admins.state].filter(admin => admin !== id);
      const events = rules.administrate(rules.atVersion(rules.known(account.state), ifVersion), wishes, others.length);
      await this.commit([
        account.append(events.filter(event => event.type !== "AdminsChanged")),
        admins.append(events.filter(event => event.type === "AdminsChanged")),
      ]);
      return rules.known(await this.load(id));
    });
  }

  async hasAdmin(): Promise<boolean> {
    return (await this.admins()).state.size > 0;
  }

  /** Ends one session of a user, once. */
  async endSession(session: string, userId: string): Promise<void> {
    if (await this.sessions.has(session)) await this.change(userId, () => rules.endSession(session));
  }

  private async account(id: string): Promise<Loaded<AccountState>> {
    const shown = await this.list.find(id);
    return this.events.load<AccountState>(
      id,
      (state, event) => (isAccountEvent(event) ? evolve(state, event) : state),
      shown,
      shown.version,
    );
  }

  /** The ids of the active admins. */
  private admins(): Promise<Loaded<ReadonlySet<string>>> {
    return this.events.load(ADMINS, afterAdminEvent, new Set());
  }

  private async commit(appends: readonly Append<UserEvent>[]): Promise<void> {
    const decided = appends.filter(append => append.events.length > 0);
    if (decided.length === 0) return;
    const { events } = await this.events.append(decided);
    for (const event of events) await this.apply(event);
  }
}

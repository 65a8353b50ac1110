// Commands on accounts: what several could do at once is decided by the append to the account, its address or the
// admins.
import type { userEvents } from "../../contracts/users";
import type { IfVersion } from "../../contracts/versions";
import type { Actor, EventOf } from "../../lib/contract";
import { CommandHandler } from "../../lib/events/command-handler";
import type { EventStore } from "../../lib/events/event-store";
import type { Cause } from "../../lib/events/metadata";
import type { Append, Loaded } from "../../lib/events/loaded";
import type { Aggregate, UnitOfWork } from "../../lib/events/unit-of-work";
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
  noAccount,
  type Registration,
} from "./account";
import * as rules from "./account.rules";
import type { Sessions } from "./sessions";

type Events = typeof userEvents;
type Appends = Append<EventOf<Events>>[];

/** The stream is its id. */
const accountKind: Aggregate<Events, AccountState> = {
  initial: noAccount,
  evolve: (state, event) => (isAccountEvent(event) ? evolve(state, event) : state),
  snapshots: { name: "account", schema: 1 },
};
/** Who has an address, if somebody has. */
const addressClaim: Aggregate<Events, string | undefined> = { initial: undefined, evolve: afterClaim };
/** The ids of the active admins: one stream, so that of two who demote each other at once only one succeeds. */
const adminSet: Aggregate<Events, ReadonlySet<string>> = { initial: new Set(), evolve: afterAdminEvent };
const ADMINS = "admins";

export class AccountCommands {
  private readonly handler: CommandHandler<Events>;

  constructor(
    private readonly events: EventStore<Events>,
    private readonly sessions: Sessions,
  ) {
    this.handler = new CommandHandler(events);
  }

  /** The account as the log has it now. */
  async load(id: string): Promise<AccountState> {
    return (await this.handler.load(accountKind, id)).state;
  }

  /** The account of a caller, by the log of now. @throws Refusal UNAUTHENTICATED when his token has ended */
  async ofCaller({ id, version }: Pick<Actor, "id" | "version">): Promise<Account> {
    return rules.admitted(await this.load(id), version);
  }

  /** The id of the account with an address. */
  async ownerOf(email: string): Promise<string | undefined> {
    return (await this.handler.load(addressClaim, claimOf(email))).state;
  }

  async hasAdmin(): Promise<boolean> {
    return (await this.handler.load(adminSet, ADMINS)).state.size > 0;
  }

  /** As it was asked for; undefined when there is no such account. */
  async registrationOf(id: string): Promise<Registration | undefined> {
    const [first] = await this.events.getEvents(id);
    return first?.type === "UserRegistered" ? first.data : undefined;
  }

  /** What follows from an event, once or again: its session is over. */
  async follow(event: EventOf<Events>): Promise<void> {
    if (event.type === "SessionsEnded" && event.data.session !== undefined) await this.sessions.end(event.data.session);
  }

  /**
   * Opens an account, which is the only one of its address from then on.
   * @param mayJoin whether one more admin may join these
   * @throws Refusal EMAIL_TAKEN, also when two register the same address at once; FORBIDDEN when it may not join
   */
  async register(
    id: string,
    registration: Registration,
    asked: Cause & { mayJoin?(admins: ReadonlySet<string>): boolean } = {},
  ): Promise<Account> {
    const { events } = await this.handler.handle(
      async work => {
        const claim = await work.load(addressClaim, claimOf(registration.email));
        if (claim.state !== undefined) throw new Refusal("EMAIL_TAKEN");
        const joined: Appends = [];
        if (registration.role === "admin") {
          const admins = await work.load(adminSet, ADMINS);
          if (asked.mayJoin?.(admins.state) === false) throw new Refusal("FORBIDDEN");
          joined.push(admins.append([{ type: "AdminsChanged", data: { userId: id, active: true } }]));
        }
        return work.commit([
          claim.append([{ type: "EmailClaimed", data: { userId: id } }]),
          work.begin(accountKind, id).append(rules.register(registration)),
          ...joined,
        ]);
      },
      { cause: asked },
    );
    return rules.known(events.filter(isAccountEvent).reduce<AccountState>(evolve, noAccount));
  }

  /**
   * Decides on the account as it is now and appends what was decided. The account afterwards.
   * @throws Refusal USER_NOT_FOUND
   */
  change(id: string, decide: (account: Account) => readonly AccountEvent[], cause?: Cause): Promise<Account> {
    return this.commit(async work => {
      const account = await work.load(accountKind, id);
      return { account, appends: [account.append(decide(rules.known(account.state)))] };
    }, cause);
  }

  /**
   * @throws Refusal USER_NOT_FOUND, PRECONDITION_FAILED, or LAST_ADMIN: also when two admins demote each other at once
   */
  administrate(
    id: string,
    wishes: Parameters<typeof rules.administrate>[1],
    ifVersion?: IfVersion,
    cause?: Cause,
  ): Promise<Account> {
    return this.commit(async work => {
      const [account, admins] = [await work.load(accountKind, id), await work.load(adminSet, ADMINS)];
      const others = [...admins.state].filter(admin => admin !== id);
      const events = rules.administrate(rules.atVersion(rules.known(account.state), ifVersion), wishes, others.length);
      const isShared = (event: EventOf<Events>) => event.type === "AdminsChanged";
      return {
        account,
        appends: [account.append(events.filter(event => !isShared(event))), admins.append(events.filter(isShared))],
      };
    }, cause);
  }

  /** Ends one session of a user, once. */
  async endSession(session: string, userId: string, cause?: Cause): Promise<void> {
    if (await this.sessions.has(session)) await this.change(userId, () => rules.endSession(session), cause);
  }

  /** Appends what is decided, and lets follow what follows from it. The account afterwards. */
  private async commit(
    decide: (work: UnitOfWork<Events>) => Promise<{ account: Loaded<AccountState>; appends: Appends }>,
    cause: Cause | undefined,
  ): Promise<Account> {
    const { events, account } = await this.handler.handle(
      async work => {
        const decided = await decide(work);
        const committed = await work.commit(decided.appends);
        return { events: committed.events, account: rules.known(committed.stateOf(decided.account)) };
      },
      { cause },
    );
    for (const event of events) await this.follow(event);
    return account;
  }
}

// An account: what can happen to it and to what accounts share, and what each event makes of it. Pure.
import type { User, userEvents } from "../../contracts/users";
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";

export type UserEvent = EventOf<typeof userEvents>;
type Recorded = RecordedOf<typeof userEvents>;
type Shared = "EmailClaimed" | "AdminsChanged";
export type AccountEvent = Exclude<UserEvent, { type: Shared }>;
export type Registration = Extract<UserEvent, { type: "UserRegistered" }>["data"];

export interface Account {
  status: "active" | "disabled";
  version: number;
  /**
   * The version of the last change to what is shown of it, which is what clients know. Sessions and passwords are not
   * shown.
   */
  edited: number;
  /** Names the hash of the password that counts. */
  credential: string;
  /** The version that ended all sessions last: those opened before it are over. 0: none did. */
  sessionsFrom: number;
  user: Omit<User, "disabled" | "version">;
}
export type AccountState = { status: "absent"; version: 0 } | Account;

export const noAccount: AccountState = { status: "absent", version: 0 };

/** Whether an event of the log is about one account, and not in a stream that accounts share. */
export const isAccountEvent = (event: Recorded): event is Exclude<Recorded, { type: Shared }> =>
  event.type !== "EmailClaimed" && event.type !== "AdminsChanged";

/** E-mail addresses are compared without case. */
export const normalise = (email: string): string => email.toLowerCase();

export const show = ({ user, status, edited }: Pick<Account, "user" | "status" | "edited">): User => ({
  ...user,
  disabled: status === "disabled",
  version: edited,
});

/** The stream that says whose an address is. */
export const claimOf = (email: string): string => `email:${normalise(email)}`;

/** Whose an address is after an event of its claim. */
export const afterClaim = (owner: string | undefined, event: UserEvent): string | undefined =>
  event.type === "EmailClaimed" ? event.data.userId : owner;

/** The ids of the active admins after an event of the stream that they share. */
export const afterAdminEvent = (admins: ReadonlySet<string>, event: UserEvent): ReadonlySet<string> => {
  if (event.type !== "AdminsChanged") return admins;
  const others = [...admins].filter(id => id !== event.data.userId);
  return new Set(event.data.active ? [...others, event.data.userId] : others);
};

/** The account after an event. */
export const evolve = (state: AccountState, event: Exclude<Recorded, { type: Shared }>): Account => {
  const { version } = event;
  if (event.type === "UserRegistered") {
    const { email, name, role, locale } = event.data;
    return {
      status: "active",
      version,
      edited: version,
      credential: event.aggregateId,
      sessionsFrom: 0,
      user: { id: event.aggregateId, email, name, role, locale, emailVerified: false, createdAt: event.timestamp },
    };
  }
  if (state.status === "absent")
    throw new Error(`${event.type} for an account that does not exist: ${event.aggregateId}`);
  const next = { ...state, version };
  switch (event.type) {
    case "ProfileChanged":
      return { ...next, edited: version, user: { ...next.user, ...event.data } };
    case "RoleChanged":
      return { ...next, edited: version, user: { ...next.user, role: event.data.role } };
    case "UserDisabled":
      return { ...next, edited: version, status: "disabled" };
    case "UserEnabled":
      return { ...next, edited: version, status: "active" };
    case "SessionsEnded":
      return event.data.session === undefined ? { ...next, sessionsFrom: version } : next;
    case "PasswordChanged":
      return { ...next, credential: event.data.credential ?? next.credential };
    default:
      return event satisfies never;
  }
};

// The rules of an account: who may be what, and what each event makes of it. Pure.
import type { User, userEvents } from "../../contracts/users";
import { type IfVersion, isMeantFor } from "../../contracts/versions";
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";
import { Refusal } from "../../lib/refusal";

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

/** @throws Refusal USER_NOT_FOUND */
export const known = (state: AccountState): Account => {
  if (state.status === "absent") throw new Refusal("USER_NOT_FOUND");
  return state;
};

export const show = ({ user, status, edited }: Pick<Account, "user" | "status" | "edited">): User => ({
  ...user,
  disabled: status === "disabled",
  version: edited,
});

/** The account, if it is shown as a client saw it. @throws Refusal PRECONDITION_FAILED */
export const atVersion = (account: Account, ifVersion: IfVersion | undefined): Account => {
  if (!isMeantFor({ version: account.edited }, ifVersion)) throw new Refusal("PRECONDITION_FAILED");
  return account;
};

/**
 * Whether a session or token goes on that was given when the account stood at a version: not when it is disabled or
 * gone.
 */
export const goesOn = (state: AccountState, accountVersion: number): state is Account =>
  state.status === "active" && accountVersion >= state.sessionsFrom;

/**
 * The account of a session or token that was given when it stood at a version.
 * @throws Refusal UNAUTHENTICATED when all sessions ended since, or the account is disabled or gone
 */
export const admitted = (state: AccountState, accountVersion: number): Account => {
  if (!goesOn(state, accountVersion)) throw new Refusal("UNAUTHENTICATED");
  return state;
};

export const register = (registration: Registration): AccountEvent[] => [
  { type: "UserRegistered", data: { ...registration, email: normalise(registration.email) } },
];

export const changeProfile = (
  { user }: Account,
  { name, locale }: Partial<Pick<User, "name" | "locale">>,
): AccountEvent[] => {
  const data = {
    ...(name === undefined || name === user.name ? {} : { name }),
    ...(locale === undefined || locale === user.locale ? {} : { locale }),
  };
  return Object.keys(data).length === 0 ? [] : [{ type: "ProfileChanged", data }];
};

const isAdmin = (role: User["role"], status: Account["status"]) => role === "admin" && status === "active";

/**
 * What an admin may change of an account.
 * @param otherAdmins how many other active admins there are
 * @throws Refusal LAST_ADMIN when nobody would be left to administrate
 */
export const administrate = (
  { user, status }: Account,
  wishes: { role?: User["role"]; disabled?: boolean },
  otherAdmins: number,
): UserEvent[] => {
  const { role = user.role, disabled = status === "disabled" } = wishes;
  const [wasAdmin, willBeAdmin] = [isAdmin(user.role, status), isAdmin(role, disabled ? "disabled" : "active")];
  if (wasAdmin && !willBeAdmin && otherAdmins === 0) throw new Refusal("LAST_ADMIN");
  const events: UserEvent[] = [];
  // A token tells the role it was issued with: a new role needs new tokens.
  if (role !== user.role) events.push({ type: "RoleChanged", data: { role } }, ...endAllSessions());
  if (disabled && status === "active") events.push({ type: "UserDisabled", data: {} }, ...endAllSessions());
  if (!disabled && status === "disabled") events.push({ type: "UserEnabled", data: {} });
  if (wasAdmin !== willBeAdmin) events.push({ type: "AdminsChanged", data: { userId: user.id, active: willBeAdmin } });
  return events;
};

export const endAllSessions = (): AccountEvent[] => [{ type: "SessionsEnded", data: {} }];
export const endSession = (session: string): AccountEvent[] => [{ type: "SessionsEnded", data: { session } }];
export const changePassword = (credential: string): AccountEvent[] => [
  { type: "PasswordChanged", data: { credential } },
  ...endAllSessions(),
];

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

// The rules of an account: who may be what, and what each event makes of it. Pure.
import type { User, userEvents } from "../../contracts/users";
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/event-store";
import { Refusal } from "../../lib/refusal";

export type UserEvent = EventOf<typeof userEvents>;
type Recorded = RecordedOf<typeof userEvents>;
type OwnEvent = Exclude<Recorded, { type: "EmailClaimed" }>;
export type Registration = Extract<UserEvent, { type: "UserRegistered" }>["data"];

export interface Account {
  status: "active" | "disabled";
  version: number;
  user: User;
}
export type AccountState = { status: "absent"; version: 0 } | Account;

export const noAccount: AccountState = { status: "absent", version: 0 };

/** Whether an event of the log is about an account itself, and not about an address. */
export const isAccountEvent = (event: Recorded): event is OwnEvent => event.type !== "EmailClaimed";

/** E-mail addresses are compared without case. */
export const normalise = (email: string): string => email.toLowerCase();

/** @throws Refusal USER_NOT_FOUND */
export const known = (state: AccountState): Account => {
  if (state.status === "absent") throw new Refusal("USER_NOT_FOUND");
  return state;
};

export const register = (registration: Registration): UserEvent[] => [{ type: "UserRegistered", data: { ...registration, email: normalise(registration.email) } }];

export const changeProfile = ({ user }: Account, { name, locale }: Partial<Pick<User, "name" | "locale">>): UserEvent[] => {
  const data = { ...(name === undefined || name === user.name ? {} : { name }), ...(locale === undefined || locale === user.locale ? {} : { locale }) };
  return Object.keys(data).length === 0 ? [] : [{ type: "ProfileChanged", data }];
};

/**
 * What an admin may change of an account.
 * @param otherAdmins how many other active admins there are
 * @throws Refusal LAST_ADMIN when nobody would be left to administrate
 */
export const administrate = (account: Account, { role, disabled }: { role?: User["role"]; disabled?: boolean }, otherAdmins: number): UserEvent[] => {
  const { user, status } = account;
  const losesAdmin = user.role === "admin" && status === "active" && (role === "customer" || disabled === true);
  if (losesAdmin && otherAdmins === 0) throw new Refusal("LAST_ADMIN");
  const events: UserEvent[] = [];
  // A token tells the role it was issued with: a new role needs new tokens.
  if (role !== undefined && role !== user.role) events.push({ type: "RoleChanged", data: { role } }, { type: "SessionsEnded", data: {} });
  if (disabled === true && status === "active") events.push({ type: "UserDisabled", data: {} }, { type: "SessionsEnded", data: {} });
  if (disabled === false && status === "disabled") events.push({ type: "UserEnabled", data: {} });
  return events;
};

export const changePassword = (): UserEvent[] => [
  { type: "PasswordChanged", data: {} },
  { type: "SessionsEnded", data: {} },
];

export const endSession = (session: string): UserEvent[] => [{ type: "SessionsEnded", data: { session } }];

/** The account after an event. */
export const evolve = (state: AccountState, event: OwnEvent): Account => {
  if (event.type === "UserRegistered") {
    const { email, name, role, locale } = event.data;
    return { status: "active", version: event.version, user: { id: event.aggregateId, email, name, role, locale, emailVerified: false, createdAt: event.timestamp } };
  }
  if (state.status === "absent") throw new Error(`${event.type} for an account that does not exist: ${event.aggregateId}`);
  const next = { ...state, version: event.version };
  switch (event.type) {
    case "ProfileChanged":
      return { ...next, user: { ...next.user, ...event.data } };
    case "RoleChanged":
      return { ...next, user: { ...next.user, role: event.data.role } };
    case "UserDisabled":
      return { ...next, status: "disabled" };
    case "UserEnabled":
      return { ...next, status: "active" };
    case "PasswordChanged":
    case "SessionsEnded":
      return next;
    default:
      return event satisfies never;
  }
};

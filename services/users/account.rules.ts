// The rules of an account: who may be what, who may go on, and what may be changed. Pure.
import type { User } from "../../contracts/users";
import { type IfVersion, isMeantFor } from "../../contracts/versions";
import { Refusal } from "../../lib/refusal";
import {
  type Account,
  type AccountEvent,
  type AccountState,
  normalise,
  type Registration,
  type UserEvent,
} from "./account";

/** @throws Refusal USER_NOT_FOUND */
export const known = (state: AccountState): Account => {
  if (state.status === "absent") throw new Refusal("USER_NOT_FOUND");
  return state;
};

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

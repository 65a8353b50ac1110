// What the users service promises: accounts, sessions, and the keys that verify its tokens.
import { type Static, Type } from "@sinclair/typebox";
import { action, choice, object } from "../lib/contract";
import {
  feed,
  FeedPage,
  FeedRequest,
  health,
  Id,
  IdempotencyKey,
  Locale,
  Nothing,
  pageOf,
  paging,
  replayable,
  Time,
} from "./common";
import { secret, text } from "./text";
import { IfVersion } from "./versions";

const Email = Type.String({ format: "email", maxLength: 254 });
/** Characters of a password. */
export const PASSWORD_LENGTH = { min: 8, max: 128 };
const Password = secret(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max);
/** A password to compare: it may be older than the rule for new ones. */
const GivenPassword = secret(1, PASSWORD_LENGTH.max);
const Name = text(100);
const RefreshToken = text(512);
const Role = choice("customer", "admin");

declare module "../lib/contract" {
  interface Roles {
    customer: "by its token";
    admin: "confirmed";
  }
}

export const User = object({
  id: Id,
  email: Email,
  name: Name,
  role: Role,
  locale: Locale,
  emailVerified: Type.Boolean(),
  disabled: Type.Boolean({ description: "Cannot sign in." }),
  version: Type.Integer({ description: "Of the last change to what is shown here." }),
  createdAt: Time,
});
export type User = Static<typeof User>;

/** What a sign-in answers. `expiresIn` is the access token's life in seconds. */
export const SignIn = object({
  user: User,
  token: Type.String(),
  refreshToken: Type.String(),
  expiresIn: Type.Integer(),
});
export type SignIn = Static<typeof SignIn>;

const Profile = object({ user: User });

export const users = {
  register: action({
    access: "anyone",
    params: object({
      email: Email,
      password: Password,
      name: Name,
      locale: Type.Optional(Locale),
      idempotencyKey: Type.Optional(IdempotencyKey),
    }),
    result: replayable(SignIn),
    refuses: ["EMAIL_TAKEN", "IDEMPOTENCY_KEY_REUSED"],
  }),
  login: action({
    access: "anyone",
    params: object({ email: Email, password: GivenPassword }),
    result: SignIn,
    refuses: ["INVALID_CREDENTIALS"],
  }),
  refresh: action({
    access: "anyone",
    params: object({ refreshToken: RefreshToken }),
    result: SignIn,
    refuses: ["INVALID_REFRESH_TOKEN"],
  }),
  logout: action({
    access: "user",
    params: object({ refreshToken: Type.Optional(RefreshToken) }),
    result: Nothing,
    refuses: [],
    idempotent: true,
  }),
  profile: action({ access: "user", params: Nothing, result: Profile, refuses: [], idempotent: true }),
  changeProfile: action({
    access: "user",
    params: object({ ifVersion: IfVersion, name: Type.Optional(Name), locale: Type.Optional(Locale) }),
    result: Profile,
    refuses: ["PRECONDITION_FAILED"],
  }),
  changePassword: action({
    access: "user",
    params: object({ ifVersion: IfVersion, currentPassword: GivenPassword, newPassword: Password }),
    result: Nothing,
    refuses: ["INVALID_CREDENTIALS", "PRECONDITION_FAILED"],
  }),
  list: action({ access: "admin", params: object(paging), result: pageOf(User), refuses: [], idempotent: true }),
  get: action({
    access: "admin",
    params: object({ id: Id }),
    result: Profile,
    refuses: ["USER_NOT_FOUND"],
    idempotent: true,
  }),
  change: action({
    access: "admin",
    params: object({
      id: Id,
      ifVersion: IfVersion,
      role: Type.Optional(Role),
      disabled: Type.Optional(Type.Boolean()),
    }),
    result: Profile,
    refuses: ["USER_NOT_FOUND", "PRECONDITION_FAILED", "LAST_ADMIN"],
  }),
  /** How to reach a user; for mail. Null when there is no such user. */
  contact: action({
    access: "internal",
    params: object({ id: Id }),
    result: Type.Union([
      object({ email: Email, emailVerified: Type.Boolean(), name: Name, locale: Locale }),
      Type.Null(),
    ]),
    idempotent: true,
  }),
  /**
   * What ended tokens before their time: the service's feed, in which all events but SessionsEnded are left out.
   * Without `after` it begins with the oldest one that a token may still need.
   */
  endings: action({
    access: "internal",
    params: object({ after: Type.Optional(FeedRequest.properties.after), limit: FeedRequest.properties.limit }),
    result: FeedPage,
    idempotent: true,
    deadline: 2000,
  }),
  /** The role that the caller of a token has by the log of now; null when his session is over. */
  standing: action({
    access: "internal",
    params: object({ id: Id, session: Id, version: Type.Integer({ minimum: 1 }) }),
    result: object({ role: Type.Union([Role, Type.Null()]) }),
    idempotent: true,
    deadline: 2000,
  }),
  /** The verification keys as an RFC 7517 JWK set. */
  jwks: action({
    access: "anyone",
    params: Nothing,
    result: object({ keys: Type.Array(Type.Record(Type.String(), Type.String())) }),
    refuses: [],
    idempotent: true,
  }),
  health,
  feed,
};

export const userEvents = {
  UserRegistered: object({ email: Email, name: Name, role: Role, locale: Locale }),
  ProfileChanged: object({ name: Type.Optional(Name), locale: Type.Optional(Locale) }),
  RoleChanged: object({ role: Role }),
  UserDisabled: object({}),
  UserEnabled: object({}),
  /** `credential` names the hash that counts from now on. */
  PasswordChanged: object({ credential: Type.Optional(Type.String()) }),
  /** One session ended, or all of the user's when `session` is absent. */
  SessionsEnded: object({ session: Type.Optional(Type.String()) }),
  /** Lives in the stream of the address, so that an address has one account. */
  EmailClaimed: object({ userId: Id }),
  /** Lives in the stream of all admins, so that of two who demote each other at once only one succeeds. */
  AdminsChanged: object({ userId: Id, active: Type.Boolean() }),
};

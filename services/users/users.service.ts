// Users: accounts, sign-in, sessions, and the only private key of the system.
import { join } from "node:path";
import { userEvents, users } from "../../contracts/users";
import { keyedId } from "../../lib/events/idempotency";
import { defineService } from "../../lib/moleculer/service";
import { type Account, normalise, show } from "./account";
import { admitted, atVersion, changeProfile, goesOn, known } from "./account.rules";
import { accountEntries } from "./account-entry";
import { endingsPage } from "./endings";
import { checkAdminEmail, createFirstAdmin } from "./first-admin";
import { KeyRing } from "./key-ring";
import { openAccounts } from "./open-accounts";
import { PasswordHasher } from "./password-hasher";
import { SignIns } from "./sign-in";
import { settings as userSettings } from "./settings";
import { keyInFile, parseKey } from "./signing-key";

export default defineService("users", users, {
  settings: userSettings,
  events: userEvents,
  readModel: accountEntries,
  async open({ settings, store, events, logger, now, newId, notices }) {
    checkAdminEmail(settings.ADMIN_EMAIL);
    // With the store open, which no other process on this folder can have: of two that start at once only one makes a
    // key.
    const key = settings.TOKEN_KEY
      ? parseKey(settings.TOKEN_KEY, "TOKEN_KEY")
      : keyInFile(join(settings.DATA_DIR, "users", "token-key.pem"));
    const hasher = new PasswordHasher(settings.PASSWORD_WORKERS);
    const opened = await openAccounts({ store, events, hasher, now });
    const { readModel, list, sessions, accounts, registrations, passwords } = opened;
    const newUserId = () => newId("usr");
    const keys = await KeyRing.open(store, key, now);
    const signIns = new SignIns({ sessions, newSessionId: () => newId("ses"), issue: caller => keys.issue(caller) });

    return {
      readModel,
      actions: {
        async register(ctx) {
          const { password, locale = settings.DEFAULT_LOCALE, email, name, idempotencyKey } = ctx.params;
          const id = idempotencyKey === undefined ? newUserId() : keyedId("usr", normalise(email), idempotencyKey);
          const registration = { email, name, role: "customer", locale } as const;
          const { made, replayed } = await registrations.registerOnce(id, registration, password, ctx);
          return { ...(await signIns.begin(made)), ...(replayed ? { replayed } : {}) };
        },
        login: async ctx =>
          signIns.begin(await passwords.authenticate(ctx.params.email, ctx.params.password, ctx.caller)),
        async refresh(ctx) {
          const session = await sessions.refresh(ctx.params.refreshToken, (id, userId) =>
            accounts.endSession(id, userId, ctx),
          );
          return signIns.proceed(await accounts.load(session.userId), session);
        },
        async logout(ctx, actor) {
          const { refreshToken } = ctx.params;
          const other = refreshToken === undefined ? undefined : await sessions.ofUser(refreshToken, actor.id);
          for (const session of new Set([actor.session, other ?? actor.session]))
            await accounts.endSession(session, actor.id, ctx);
          return {};
        },
        profile: async (_ctx, actor) => ({ user: show(await accounts.ofCaller(actor)) }),
        async changeProfile(ctx, actor) {
          const { ifVersion, ...wishes } = ctx.params;
          const decide = (account: Account) =>
            changeProfile(atVersion(admitted(account, actor.version), ifVersion), wishes);
          return { user: show(await accounts.change(actor.id, decide, ctx)) };
        },
        async changePassword(ctx, actor) {
          const { ifVersion, currentPassword, newPassword } = ctx.params;
          await passwords.changePassword({ ...actor, ifVersion }, currentPassword, newPassword, ctx);
          return {};
        },
        list: ctx => list.list(ctx.params),
        get: async ctx => ({ user: show(known(await accounts.load(ctx.params.id))) }),
        async change(ctx) {
          const { id, ifVersion, ...wishes } = ctx.params;
          return { user: show(await accounts.administrate(id, wishes, ifVersion, ctx)) };
        },
        endings: ctx => endingsPage(events, ctx.params, now()),
        async standing(ctx) {
          const { id, session, version } = ctx.params;
          const account = await accounts.load(id);
          return { role: goesOn(account, version) && (await sessions.isOf(session, id)) ? account.user.role : null };
        },
        async contact(ctx) {
          const account = await accounts.load(ctx.params.id);
          if (account.status === "absent") return null;
          const { email, emailVerified, name, locale } = account.user;
          return { email, emailVerified, name, locale };
        },
        jwks: () => keys.published(),
      },
      started: () => {
        const notice = (line: string) => void notices.push(line);
        return createFirstAdmin({ registrations, passwords, settings, newId: newUserId, notice, logger });
      },
      stopped: () => hasher.close(),
    };
  },
});

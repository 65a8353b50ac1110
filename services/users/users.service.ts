// Users: accounts, sign-in, sessions, and the only private key of the system.
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { type userEvents, users } from "../../contracts/users";
import { EventStore } from "../../lib/event-store";
import { type CheckpointDocument, storedCheckpoint } from "../../lib/feed";
import { Refusal } from "../../lib/refusal";
import type { Runtime } from "../../lib/runtime";
import { defineService } from "../../lib/service";
import { Accounts, type CredentialDocument } from "./accounts";
import { Directory } from "./directory";
import { createFirstAdmin } from "./first-admin";
import { Passwords } from "./passwords";
import { type Session, type SessionDocument, Sessions } from "./sessions";
import { keyInFile, parseKey } from "./signing-key";
import { ACCESS_TOKEN_LIFE, issueAccessToken } from "./tokens";
import { type Account, administrate, changePassword, changeProfile, endSession, known } from "./user";

export const usersService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const { config, now } = runtime;
  const key = config.tokenKey ? parseKey(config.tokenKey, "TOKEN_KEY") : keyInFile(join(config.dataDir, "users", "token-key.pem"));
  const store = await runtime.openStore("users");
  const events = await EventStore.open<typeof userEvents>(store, now);
  const directory = await Directory.open(store);
  const passwords = new Passwords(config.passwordWorkers);
  const accounts = new Accounts(events, directory, await store.collection<CredentialDocument>("credentials"), passwords);
  const sessions = new Sessions(await store.collection<SessionDocument>("sessions", [{ field: "userId" }]), now);
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");

  const signIn = ({ user }: Account, session: Session) => {
    const token = issueAccessToken(key, { id: user.id, role: user.role, session: session.id }, now());
    return { user, token, refreshToken: session.refreshToken, expiresIn: ACCESS_TOKEN_LIFE };
  };
  const openSession = async (account: Account) => signIn(account, await sessions.open(runtime.newId("ses"), account.user.id));
  const end = async ({ id, userId }: { id: string; userId: string }) => {
    await sessions.end(id);
    await accounts.change(userId, () => endSession(id));
  };

  return defineService(runtime, "users", users, {
    store,
    events,
    readModel: { checkpoint: storedCheckpoint(checkpoints, "users"), apply: event => directory.apply(event, id => accounts.load(id)) },
    actions: {
      async register(ctx) {
        const { password, ...person } = ctx.params;
        return openSession(await accounts.create(runtime.newId("usr"), { role: "customer", locale: config.defaultLocale, ...person }, password));
      },
      login: async ctx => openSession(await accounts.authenticate(ctx.params.email, ctx.params.password)),
      async refresh(ctx) {
        const session = await sessions.refresh(ctx.params.refreshToken, end);
        const account = known(await accounts.load(session.userId));
        if (account.status !== "active") throw new Refusal("UNAUTHENTICATED");
        return signIn(account, session);
      },
      async logout(ctx, actor) {
        const other = ctx.params.refreshToken && (await sessions.ofUser(ctx.params.refreshToken, actor.id));
        for (const id of new Set([actor.session, ...(other ? [other] : [])])) await end({ id, userId: actor.id });
        return {};
      },
      profile: async (_ctx, actor) => ({ user: known(await accounts.load(actor.id)).user }),
      changeProfile: async (ctx, actor) => ({ user: (await accounts.change(actor.id, account => changeProfile(account, ctx.params))).user }),
      async changePassword(ctx, actor) {
        await accounts.replacePassword(actor.id, ctx.params.currentPassword, ctx.params.newPassword);
        await sessions.endAll(actor.id);
        await accounts.change(actor.id, changePassword);
        return {};
      },
      list: ctx => directory.list(ctx.params),
      get: async ctx => ({ user: known(await accounts.load(ctx.params.id)).user }),
      async change(ctx) {
        const { id, ...changes } = ctx.params;
        const otherAdmins = await directory.otherAdmins(id);
        const before = known(await accounts.load(id));
        const account = await accounts.change(id, current => administrate(current, changes, otherAdmins));
        if (account.status === "disabled" || account.user.role !== before.user.role) await sessions.endAll(id);
        return { user: account.user };
      },
      async contact(ctx) {
        const account = await accounts.load(ctx.params.id);
        if (account.status === "absent") return null;
        const { email, name, locale } = account.user;
        return { email, name, locale };
      },
      jwks: async () => ({ keys: [key.jwk] }),
    },
    async started() {
      const create: Parameters<typeof createFirstAdmin>[0]["create"] = (registration, password) => accounts.create(runtime.newId("usr"), registration, password);
      if ((await directory.otherAdmins("")) === 0) await createFirstAdmin({ config, create, notice: line => runtime.notice(line) });
    },
    stopped: () => passwords.close(),
  });
};

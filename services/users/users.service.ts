// Users: accounts, sign-in, sessions, and the only private key of the system.
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { type userEvents, users } from "../../contracts/users";
import { EventStore } from "../../lib/event-store";
import { type CheckpointDocument, storedCheckpoint } from "../../lib/feed";
import { keyedId } from "../../lib/idempotency";
import type { Runtime } from "../../lib/runtime";
import { defineService } from "../../lib/service";
import { Accounts, type CredentialDocument } from "./accounts";
import { Directory } from "./directory";
import { checkAdminEmail, createFirstAdmin } from "./first-admin";
import { Passwords } from "./passwords";
import { type Session, Sessions } from "./sessions";
import { keyInFile, parseKey } from "./signing-key";
import { ACCESS_TOKEN_LIFE, issueAccessToken } from "./tokens";
import { type Account, active, changeProfile, known, normalise } from "./user";

export const usersService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const { config, now } = runtime;
  checkAdminEmail(config);
  const givenKey = config.tokenKey ? parseKey(config.tokenKey, "TOKEN_KEY") : undefined;
  const store = await runtime.openStore("users");
  // After the store, which no other process on this folder can have: of two that start at once only one makes a key.
  const key = givenKey ?? keyInFile(join(config.dataDir, "users", "token-key.pem"));
  const events = await EventStore.open<typeof userEvents>(store, now);
  const directory = await Directory.open(store);
  const passwords = new Passwords(config.passwordWorkers);
  const sessions = await Sessions.open(store, now);
  const accounts = new Accounts(events, directory, sessions, await store.collection<CredentialDocument>("credentials"), passwords);
  const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
  const newId = () => runtime.newId("usr");

  const signIn = ({ user }: Account, { id, refreshToken }: Session, at: Date) => {
    const token = issueAccessToken(key, { id: user.id, role: user.role, session: id }, at);
    return { user, token, refreshToken, expiresIn: ACCESS_TOKEN_LIFE };
  };
  const begin = async (account: Account, at: Date) => signIn(account, await sessions.begin(runtime.newId("ses"), account.user.id, account.version), at);

  return defineService(runtime, "users", users, {
    store,
    events,
    readModel: { checkpoint: storedCheckpoint(checkpoints, "users"), apply: event => accounts.apply(event) },
    actions: {
      async register(ctx) {
        const { password, locale = config.defaultLocale, email, name, idempotencyKey } = ctx.params;
        const id = idempotencyKey === undefined ? newId() : keyedId("usr", normalise(email), idempotencyKey);
        const account = await accounts.createOnce(id, { email, name, role: "customer", locale }, password);
        return begin(account, now());
      },
      async login(ctx) {
        const at = now();
        return begin(await accounts.authenticate(ctx.params.email, ctx.params.password), at);
      },
      async refresh(ctx) {
        const at = now();
        const session = await sessions.refresh(ctx.params.refreshToken, (id, userId) => accounts.endSession(id, userId));
        return signIn(await accounts.ofSession(session), session, at);
      },
      async logout(ctx, actor) {
        const { refreshToken } = ctx.params;
        const other = refreshToken === undefined ? undefined : await sessions.ofUser(refreshToken, actor.id);
        for (const session of new Set([actor.session, other ?? actor.session])) await accounts.endSession(session, actor.id);
        return {};
      },
      profile: async (_ctx, actor) => ({ user: (await accounts.ofCaller(actor.id)).user }),
      changeProfile: async (ctx, actor) => ({ user: (await accounts.change(actor.id, account => changeProfile(active(account), ctx.params))).user }),
      async changePassword(ctx, actor) {
        await accounts.changePassword(actor.id, ctx.params.currentPassword, ctx.params.newPassword);
        return {};
      },
      list: ctx => directory.list(ctx.params),
      get: async ctx => ({ user: known(await accounts.load(ctx.params.id)).user }),
      async change(ctx) {
        const { id, ...wishes } = ctx.params;
        return { user: (await accounts.administrate(id, wishes)).user };
      },
      async contact(ctx) {
        const account = await accounts.load(ctx.params.id);
        if (account.status === "absent") return null;
        const { email, name, locale } = account.user;
        return { email, name, locale };
      },
      jwks: async () => ({ keys: [key.jwk] }),
    },
    started: logger => createFirstAdmin({ accounts, settings: config, newId, notice: line => runtime.notice(line), logger }),
    stopped: () => passwords.close(),
  });
};

// The way back for an admin who lost his password: `npm run admin -- reset <email>`, whom it refuses, what holds then.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { userEvents } from "../../contracts/users";
import { EventStore } from "../../lib/events/event-store";
import { administer } from "../../scripts/admin-command";
import { AccountCommands } from "../../services/users/account-commands";
import { resetAdmin } from "../../services/users/admin-reset";
import { known } from "../../services/users/account.rules";
import { startServices, temporaryFolder } from "../helpers/broker";
import { sharedStore } from "../helpers/instances";
import { closeStore, temporaryStore } from "../helpers/store";
import { ADMIN, PASSWORD, peopleOf, refused } from "../helpers/users";

const EMAIL = ADMIN.ADMIN_EMAIL;
const start = (dataDir: string) => startServices(["users"], { env: { ...ADMIN, DATA_DIR: dataDir } });
const run = (dataDir: string, ...args: string[]) => administer(args, { DATA_DIR: dataDir });
const sentence = (text: RegExp) => ({ name: "StartupError", message: expect.stringMatching(text) as string });

/** How far the log goes, and the names of all hashes there are. */
const dataOf = async (dataDir: string) => {
  const store = await temporaryStore(join(dataDir, "users"));
  const head = await (await EventStore.open<typeof userEvents>(store, () => new Date())).head();
  const credentials = (await (await store.collection("credentials")).find({ sort: ["_id"] })).map(({ _id }) => _id);
  await closeStore(store);
  return { head, credentials };
};

/** A shop that has run and stopped, with an admin, a customer and a second admin who is disabled. */
const stoppedShop = async () => {
  const shop = await start(temporaryFolder());
  const { register, login, change } = peopleOf(shop);
  const admin = await login(EMAIL, ADMIN.ADMIN_PASSWORD);
  const [customer, former] = [await register(), await register()];
  await change(admin.token, former.user.id, { role: "admin" });
  await change(admin.token, former.user.id, { disabled: true });
  await shop.stop();
  return { dataDir: shop.dataDir, admin, customer: customer.user.email, former: former.user.email };
};

test("the new password signs in; the old one, old tokens and old sessions are refused", async () => {
  const { dataDir, admin, customer } = await stoppedShop();
  const before = await dataOf(dataDir);
  const printed = await run(dataDir, "reset", EMAIL.toUpperCase());
  const password = /^Admin: boss@jangteo\.example · password: (\S+) \(shown only now\)\n.*$/.exec(printed)?.[1] ?? "";
  expect(password).toMatch(/^(\w{4}-){3}\w{4}$/);
  const after = await dataOf(dataDir);
  expect([after.head, after.credentials.length]).toEqual([before.head + 1, before.credentials.length]);

  const shop = await start(dataDir);
  const { login, refresh } = peopleOf(shop);
  await expect(login(EMAIL, ADMIN.ADMIN_PASSWORD)).rejects.toEqual(refused("INVALID_CREDENTIALS"));
  await expect(shop.call("users.profile", {}, { token: admin.token })).rejects.toEqual(refused("UNAUTHENTICATED"));
  await expect(refresh(admin.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
  const { token } = await login(EMAIL, password);
  await expect(shop.call("users.list", {}, { token })).resolves.toMatchObject({ total: 3 });
  await expect(login(customer)).resolves.toMatchObject({ user: { email: customer } });
  // The setting still has the lost password: the start names the command.
  expect(shop.notices).toEqual([expect.stringContaining(`npm run admin -- reset ${EMAIL}`)]);
});

test("an unknown address, a customer and a disabled account are refused, and nothing changes", async () => {
  const { dataDir, customer, former } = await stoppedShop();
  const before = await dataOf(dataDir);
  const unknown = sentence(/^No account has the address nobody@example\.com\.$/);
  await expect(run(dataDir, "reset", "nobody@example.com")).rejects.toMatchObject(unknown);
  await expect(run(dataDir, "reset", customer)).rejects.toMatchObject(sentence(/belongs to a customer/));
  await expect(run(dataDir, "reset", former)).rejects.toMatchObject(sentence(/is disabled/));
  for (const wrong of [[], ["reset"], ["set", EMAIL], ["reset", EMAIL, PASSWORD]]) {
    await expect(run(dataDir, ...wrong)).rejects.toMatchObject(sentence(/npm run admin -- reset <email>/));
  }
  expect(await dataOf(dataDir)).toEqual(before);
});

test("while the shop runs, it takes the new password, and the admin's sessions end there too", async () => {
  const shop = await start(temporaryFolder());
  const { login, refresh } = peopleOf(shop);
  const before = await login(EMAIL, ADMIN.ADMIN_PASSWORD);
  // In a process of its own, as a person runs it.
  const env = { ...process.env, DATA_DIR: shop.dataDir };
  const { stdout } = await promisify(execFile)(process.execPath, ["dist/scripts/admin.js", "reset", EMAIL], { env });
  const password = / password: (\S+) /.exec(stdout)?.[1] ?? "";
  await expect(refresh(before.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
  await expect(shop.call("users.list", {}, { token: before.token })).rejects.toEqual(refused("UNAUTHENTICATED"));
  await expect(login(EMAIL, ADMIN.ADMIN_PASSWORD)).rejects.toEqual(refused("INVALID_CREDENTIALS"));
  await expect(login(EMAIL, password)).resolves.toMatchObject({ user: { email: EMAIL } });
});

test("where there is no shop, none is made", async () => {
  const dataDir = join(temporaryFolder(), "mistyped");
  await expect(run(dataDir, "reset", EMAIL)).rejects.toMatchObject(
    sentence(/mistyped has no accounts in it: set DATA_DIR/),
  );
  expect(existsSync(dataDir)).toBe(false);
});

test("an account that the log has and the list does not show yet is found", async () => {
  const { dataDir } = await stoppedShop();
  const store = await temporaryStore(join(dataDir, "users"));
  const users = await store.collection("users");
  for (const { _id } of await users.find()) await users.remove(_id);
  await closeStore(store);
  await expect(run(dataDir, "reset", EMAIL)).resolves.toContain("password: ");
});

test("an admin who is demoted while his new password is hashed keeps the old one, without a trace", async () => {
  const { dataDir } = await stoppedShop();
  const before = await dataOf(dataDir);
  // What a shop that runs on the same MongoDB may do meanwhile.
  const change = jest.spyOn(AccountCommands.prototype, "change");
  change.mockImplementationOnce(async function demoted(this: AccountCommands, id, decide) {
    const account = known(await this.load(id));
    decide({ ...account, user: { ...account.user, role: "customer" } });
    return account;
  });
  await expect(run(dataDir, "reset", EMAIL)).rejects.toMatchObject(sentence(/belongs to a customer/));
  expect(change).toHaveBeenCalledTimes(1);
  expect(await dataOf(dataDir)).toEqual(before);
});

test("a running shop on the same database takes the new password, and ends what the old one opened", async () => {
  const store = sharedStore(await temporaryStore(), 7);
  const shop = await startServices(["users"], { env: ADMIN, openStore: async () => store });
  const { login, refresh } = peopleOf(shop);
  const before = await login(EMAIL, ADMIN.ADMIN_PASSWORD);
  const { password } = await resetAdmin(store, EMAIL);
  await expect(refresh(before.refreshToken)).rejects.toEqual(refused("INVALID_REFRESH_TOKEN"));
  await expect(shop.call("users.list", {}, { token: before.token })).rejects.toEqual(refused("UNAUTHENTICATED"));
  await expect(login(EMAIL, ADMIN.ADMIN_PASSWORD)).rejects.toEqual(refused("INVALID_CREDENTIALS"));
  await expect(login(EMAIL, password)).resolves.toMatchObject({ user: { email: EMAIL } });
});

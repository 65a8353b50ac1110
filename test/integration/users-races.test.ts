// Accounts when two act in the same moment, each with the other's decision not yet seen.
import type { userEvents } from "../../contracts/users";
import { EventStore } from "../../lib/events/event-store";
import { Accounts } from "../../services/users/account-commands";
import { type CredentialDocument, Credentials } from "../../services/users/credentials";
import { Directory } from "../../services/users/account-list";
import { createFirstAdmin } from "../../services/users/first-admin";
import { Passwords } from "../../services/users/passwords";
import { Sessions } from "../../services/users/sessions";
import { temporaryStore } from "../helpers/store";

/** Hashing that takes no time, so that racers reach each step together. */
class InstantPasswords extends Passwords {
  override hash(password: string): Promise<string> {
    return Promise.resolve(`hash of ${password}`);
  }
}

const person = (email: string, role: "customer" | "admin" = "customer") =>
  ({ email, name: "Kim", role, locale: "en" }) as const;

const setUp = async () => {
  const store = await temporaryStore();
  const now = () => new Date();
  const [events, directory, sessions] = [
    await EventStore.open<typeof userEvents>(store, now),
    await Directory.open(store),
    await Sessions.open(store, now),
  ];
  const credentials = await store.collection<CredentialDocument>("credentials");
  return {
    accounts: new Accounts(events, directory, sessions, new Credentials(credentials, new InstantPasswords(1))),
    credentials,
  };
};

test("of five who claim one address in the same moment one gets it, and only his credentials stay", async () => {
  const { accounts, credentials } = await setUp();
  const results = await Promise.allSettled(
    ["usr_a", "usr_b", "usr_c", "usr_d", "usr_e"].map(id =>
      accounts.create(id, person("kim@example.com"), "correct horse"),
    ),
  );
  const winners = results.flatMap(result => (result.status === "fulfilled" ? [result.value.user.id] : []));
  expect(winners).toHaveLength(1);
  expect((await credentials.find()).map(({ _id }) => _id)).toEqual(winners);
});

test("of two admins who demote or disable each other in the same moment one stays admin", async () => {
  const { accounts } = await setUp();
  await accounts.create("usr_a", person("a@example.com", "admin"), "correct horse");
  await accounts.create("usr_b", person("b@example.com", "admin"), "correct horse");
  const results = await Promise.allSettled([
    accounts.administrate("usr_a", { role: "customer" }),
    accounts.administrate("usr_b", { disabled: true }),
  ]);
  expect(results.map(result => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  for (const result of results)
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "LAST_ADMIN" });
  expect(await accounts.hasAdmin()).toBe(true);
});

test("a shop that has an admin gets no other one when the settings name another address", async () => {
  const { accounts, credentials } = await setUp();
  const [notices, warnings]: [string[], string[]] = [[], []];
  await accounts.create("usr_a", person("a@example.com", "admin"), "correct horse");
  const settings = { ADMIN_EMAIL: "b@example.com", DEFAULT_LOCALE: "en" } as const;
  await createFirstAdmin({
    accounts,
    settings,
    newId: () => "usr_b",
    notice: line => notices.push(line),
    logger: { warn: line => warnings.push(String(line)) },
  });
  expect([notices, warnings, await credentials.count()]).toEqual([[expect.stringContaining("b@example.com")], [], 1]);
});

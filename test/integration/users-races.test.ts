// Accounts when two act in the same moment, each with the other's decision not yet seen.
import { createFirstAdmin } from "../../services/users/first-admin";
import { accountsOn, person } from "../helpers/accounts";
import { temporaryStore } from "../helpers/store";

const setUp = async () => accountsOn(await temporaryStore());

test("of five who claim one address in the same moment one gets it, and only his credentials stay", async () => {
  const { registrations, credentials } = await setUp();
  const results = await Promise.allSettled(
    ["usr_a", "usr_b", "usr_c", "usr_d", "usr_e"].map(id =>
      registrations.register(id, person("kim@example.com"), "correct horse"),
    ),
  );
  const winners = results.flatMap(result => (result.status === "fulfilled" ? [result.value.user.id] : []));
  expect(winners).toHaveLength(1);
  expect((await credentials.find()).map(({ _id }) => _id)).toEqual(winners);
});

test("of two admins who demote or disable each other in the same moment one stays admin", async () => {
  const { accounts, registrations } = await setUp();
  await registrations.register("usr_a", person("a@example.com", "admin"), "correct horse");
  await registrations.register("usr_b", person("b@example.com", "admin"), "correct horse");
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
  const { registrations, passwords, credentials } = await setUp();
  const [notices, warnings]: [string[], string[]] = [[], []];
  await registrations.register("usr_a", person("a@example.com", "admin"), "correct horse");
  const settings = { ADMIN_EMAIL: "b@example.com", DEFAULT_LOCALE: "en" } as const;
  await createFirstAdmin({
    registrations,
    passwords,
    settings,
    newId: () => "usr_b",
    notice: line => notices.push(line),
    logger: { warn: line => warnings.push(String(line)) },
  });
  expect([notices, warnings, await credentials.count()]).toEqual([[expect.stringContaining("b@example.com")], [], 1]);
});

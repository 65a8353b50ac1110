// Two instances of users over one slow database: one account an address, always an admin, no session of an old
// password.
import type { Session } from "../../services/users/sessions";
import { atVersion, changeProfile, goesOn } from "../../services/users/account.rules";
import { accountsOn, person } from "../helpers/accounts";
import { sharedStore, withoutLocks, withoutVersionChecks } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";

const setUp = async (seed: number) => {
  const store = sharedStore(await temporaryStore(), seed);
  const [one, two, { credentials, events: log }] = [
    await accountsOn(store),
    await accountsOn(store),
    await accountsOn(store),
  ];
  const at = (index: number) => (index % 2 ? two : one);
  return { at, accounts: (index: number) => at(index).accounts, credentials, log };
};
type World = Awaited<ReturnType<typeof setUp>>;

const codes = (results: readonly PromiseSettledResult<unknown>[]) =>
  results
    .map(result =>
      result.status === "fulfilled" ? "done" : ((result.reason as { code?: string }).code ?? String(result.reason)),
    )
    .sort();

afterEach(() => jest.restoreAllMocks());

/** Six claim one address through both instances. What is wrong afterwards. */
const claims = async ({ at, credentials, log }: World, round: number): Promise<string[]> => {
  const ids = ["a", "b", "c", "d", "e", "f"].map(letter => `usr_${round}${letter}`);
  const results = await Promise.allSettled(
    ids.map((id, index) => at(index).registrations.register(id, person(`kim${round}@example.com`), "correct horse")),
  );
  const winners = results.flatMap(result => (result.status === "fulfilled" ? [result.value.user.id] : []));
  const kept = (await credentials.find()).map(({ _id }) => _id).filter(id => ids.includes(id));
  const claimed = (await log.getEvents(`email:kim${round}@example.com`)).length;
  return winners.length === 1 && kept.join() === winners.join() && claimed === 1
    ? []
    : [`${winners.length} accounts, ${claimed} claims, credentials of ${kept.length}`];
};

/** Three admins end each other's office through both instances. What is wrong afterwards. */
const coups = async ({ at, accounts, log }: World, round: number): Promise<string[]> => {
  const ids = ["a", "b", "c"].map(letter => `usr_${round}${letter}`);
  const earlier = (await log.getEvents("admins")).flatMap(({ data }) => ("userId" in data ? [data.userId] : []));
  await Promise.all(
    ids.map((id, index) => at(index).registrations.register(id, person(`${id}@example.com`, "admin"), "correct horse")),
  );
  for (const id of new Set(earlier)) await accounts(0).administrate(id, { role: "customer" });
  await Promise.allSettled(
    ids.map((id, index) => accounts(index).administrate(id, index === 1 ? { disabled: true } : { role: "customer" })),
  );
  const states = await Promise.all(ids.map(id => accounts(0).load(id)));
  const left = states.filter(state => state.status === "active" && state.user.role === "admin").length;
  return left === 1 ? [] : [`${left} admins are left`];
};

/** Six edit one account through both instances, each based on the version of before. What is wrong afterwards. */
const edits = async ({ at, accounts, log }: World, round: number): Promise<string[]> => {
  const id = `usr_e${round}`;
  const { edited } = await at(0).registrations.register(id, person(`e${round}@example.com`), "correct horse");
  const edit = (index: number) =>
    index % 3 === 0
      ? accounts(index).administrate(id, { disabled: true }, [edited])
      : accounts(index).change(id, account => changeProfile(atVersion(account, [edited]), { name: `Kim ${index}` }));
  const outcomes = codes(await Promise.allSettled([0, 1, 2, 3, 4, 5].map(edit)));
  const changed = (await log.getEvents(id)).filter(
    ({ type }) => type === "ProfileChanged" || type === "UserDisabled",
  ).length;
  const expected = [...Array.from({ length: 5 }, () => "PRECONDITION_FAILED"), "done"];
  return changed === 1 && outcomes.join() === expected.join() ? [] : [`${changed} edits, answered ${outcomes.join()}`];
};

const rounds = async (seed: number, count: number, scenario: (world: World, round: number) => Promise<string[]>) => {
  const world = await setUp(seed);
  const problems: string[] = [];
  for (let round = 0; round < count; round += 1) problems.push(...(await scenario(world, round)));
  return problems;
};

describe.each([
  ["an address that six claim at once has one account", claims],
  ["of six edits that are based on one version one counts", edits],
  ["of three admins who end each other's office at once one stays, and the shop always has one", coups],
] as const)("over two instances, %s", (_title, scenario) => {
  test("also when nobody in a process waits for anybody else", async () => {
    withoutLocks();
    expect(await rounds(11, 10, scenario)).toEqual([]);
  });

  test("and this test would notice if logs did not check the version that was decided on", async () => {
    withoutVersionChecks();
    expect(await rounds(12, 6, scenario)).not.toEqual([]);
  });
});

describe("over two instances", () => {
  test("repeats of one registration make one account; another one under its key is refused", async () => {
    const { at, credentials } = await setUp(13);
    for (let round = 0; round < 10; round += 1) {
      const register = (index: number, password = "correct horse") =>
        at(index).registrations.registerOnce(`usr_k${round}`, person(`k${round}@example.com`), password);
      const results = await Promise.allSettled([register(0), register(1), register(2), register(3)]);
      expect(codes(results)).toEqual(["done", "done", "done", "done"]);
      expect(results.filter(result => result.status === "fulfilled" && !result.value.replayed)).toHaveLength(1);
      expect(codes(await Promise.allSettled([register(0, "another horse"), register(1, "another horse")]))).toEqual([
        "IDEMPOTENCY_KEY_REUSED",
        "IDEMPOTENCY_KEY_REUSED",
      ]);
      expect(await credentials.get(`usr_k${round}`)).toMatchObject({ hash: "hash of correct horse" });
    }
  });

  test("of two changes of one password one counts, and no session of the old one goes on", async () => {
    const { at, accounts } = await setUp(14);
    for (let round = 0; round < 10; round += 1) {
      const [id, email] = [`usr_p${round}`, `p${round}@example.com`];
      await at(0).registrations.register(id, person(email), "the old one");
      const enter = async (index: number, password: string) => {
        const { passwords, sessions } = at(index);
        const account = await passwords.authenticate(email, password);
        return sessions.begin(`ses_${round}_${index}_${password.length}`, id, account.version);
      };
      const before = await enter(0, "the old one");
      const change = (index: number, next: string) =>
        at(index).passwords.changePassword({ id, version: 1 }, "the old one", next);
      const [first, second, ...entered] = await Promise.allSettled([
        change(0, "new: first"),
        change(1, "new: second"),
        enter(2, "the old one"),
        enter(3, "the old one"),
        enter(4, "the old one"),
        enter(5, "the old one"),
      ]);
      // Whoever loses has the old password by then, or a token of before the change.
      expect([
        ["INVALID_CREDENTIALS", "done"],
        ["UNAUTHENTICATED", "done"],
      ]).toContainEqual(codes([first, second]));
      const password = first.status === "fulfilled" ? "new: first" : "new: second";
      const isOpen = async (session: Session) => goesOn(await accounts(1).load(id), session.accountVersion);
      expect(await isOpen(await enter(7, password))).toBe(true);
      for (const session of [
        before,
        ...entered.flatMap(result => (result.status === "fulfilled" ? [result.value] : [])),
      ]) {
        expect(await isOpen(session)).toBe(false);
      }
    }
  });

  test("a password is not changed for an account that is being disabled, and its sessions end either way", async () => {
    const { at, accounts } = await setUp(15);
    await at(0).registrations.register("usr_boss", person("boss@example.com", "admin"), "correct horse");
    for (let round = 0; round < 10; round += 1) {
      const id = `usr_d${round}`;
      await at(0).registrations.register(id, person(`d${round}@example.com`), "the old one");
      const results = await Promise.allSettled([
        at(0).passwords.changePassword({ id, version: 1 }, "the old one", "the new one"),
        accounts(1).administrate(id, { disabled: true }),
      ]);
      expect(codes([results[1]])).toEqual(["done"]);
      for (const password of ["the old one", "the new one"])
        await expect(at(0).passwords.authenticate(`d${round}@example.com`, password)).rejects.toMatchObject({
          code: "INVALID_CREDENTIALS",
        });
    }
  });
});

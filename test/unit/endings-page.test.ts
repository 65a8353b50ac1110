// Which endings a starting process is told of: all that a living token may need, found without reading the whole log.
import type { userEvents } from "../../contracts/users";
import { ACCESS_TOKEN_LIFE_S, CLOCK_SKEW_S } from "../../lib/access/claims";
import type { EventStore, PlacedCommit } from "../../lib/events/event-store";
import { endingsPage } from "../../services/users/endings";

const NOW = Date.parse("2026-01-01T12:00:00.000Z");
const SKEW_MS = CLOCK_SKEW_S * 1000;
const LIFE_MS = ACCESS_TOKEN_LIFE_S * 1000;

interface Written {
  /** When it happened, in milliseconds. */
  at: number;
  /** What the clock of the instance that wrote it said. */
  stamp: number;
  type: "SessionsEnded" | "UserRegistered";
}

/** A log of these commits, and how often it was read. */
const logOf = (written: readonly Written[]) => {
  const commits = written.map(({ stamp, type }, index) => ({
    position: index + 1,
    id: `c${index + 1}`,
    events: [
      {
        id: `usr_${index + 1}-1`,
        type,
        aggregateId: `usr_${index + 1}`,
        version: 1,
        data: { email: "kim@example.com" },
        timestamp: new Date(stamp).toISOString(),
      },
    ],
  })) as unknown as PlacedCommit<typeof userEvents>[];
  const reads: number[] = [];
  const log = {
    id: "log",
    head: async () => commits.length,
    idAt: async (position: number) => commits[position - 1]?.id ?? null,
    read: async (after: number, limit: number) => {
      reads.push(after);
      return commits.slice(after, after + limit);
    },
  };
  return { log: log as unknown as EventStore<typeof userEvents>, reads };
};

/** The positions of all endings that a process is told of which starts now, by its own clock. */
const toldOf = async (log: EventStore<typeof userEvents>, now = NOW) => {
  const told: number[] = [];
  for (let after: number | undefined; ;) {
    const page = await endingsPage(log, { ...(after === undefined ? {} : { after }), limit: 100 }, new Date(now));
    told.push(...page.commits.filter(commit => commit.events.length > 0).map(({ position }) => position));
    const last = page.commits.at(-1)?.position ?? page.head;
    if (last >= page.head) return told;
    after = last;
  }
};

/** Numbers from 0 to 1, the same again for the same seed (a linear congruence). */
const randomFrom = (seed: number) => () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
const ending = (at: number, stamp = at): Written => ({ at, stamp, type: "SessionsEnded" });

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "no ending that a living token may need is left out, whatever instances with clocks a minute off wrote (%i)",
  async seed => {
    const random = randomFrom(seed);
    const [density, count] = [1 + random() * 20_000, 200 + Math.floor(random() * 3000)];
    const written: Written[] = [];
    for (let index = 0, at = NOW - count * density; index < count; index += 1, at += 2 * density * random()) {
      written.push({
        at: Math.min(at, NOW),
        stamp: Math.min(at, NOW) + SKEW_MS * (2 * random() - 1),
        type: random() < 0.5 ? "SessionsEnded" : "UserRegistered",
      });
    }
    const needed = written.flatMap(({ at, type }, index) =>
      type === "SessionsEnded" && at >= NOW - LIFE_MS ? [index + 1] : [],
    );
    const told = await toldOf(logOf(written).log, NOW + SKEW_MS);
    expect(needed.filter(position => !told.includes(position))).toEqual([]);
  },
);

const CLOCKS_DIFFER =
  "the oldest one that is needed is told of also when its writer's clock is a minute behind " +
  "and the reader's a minute ahead";
test(CLOCKS_DIFFER, async () => {
  const at = NOW - LIFE_MS;
  const old = Array.from({ length: 1000 }, (_, index) => ending(at - 3_600_000 + index));
  // Many of the same moment: the search steps into them.
  const written = [...old, ...Array.from({ length: 2000 }, () => ending(at, at - SKEW_MS))];
  const told = await toldOf(logOf(written).log, NOW + SKEW_MS);
  expect(told.filter(position => position > old.length)).toHaveLength(2000);
});

test("an instance whose clock was wrong for a while hides nothing that was written before", async () => {
  const young = Array.from({ length: 250 }, (_, index) => ending(NOW - 60_000 + index));
  // At each place that a search from the end might look at.
  for (let behind = 150; behind <= 260; behind += 10) {
    const written = [
      ...young,
      ...young,
      ...young.slice(0, 20).map(({ at }) => ending(at, 0)),
      ...young.slice(0, behind),
    ];
    expect(await toldOf(logOf(written).log)).toHaveLength(written.length);
  }
});

test.each([
  ["old", NOW - 86_400_000, 3],
  ["young", NOW - 60_000, 14],
])("a long log that is all %s costs a few looks", async (_age, at, most) => {
  const { log, reads } = logOf(Array.from({ length: 200_000 }, () => ending(at)));
  await endingsPage(log, { limit: 1 }, new Date(NOW));
  expect(reads.length).toBeLessThanOrEqual(most);
});

test("of an old log little is told again", async () => {
  const written = Array.from({ length: 10_000 }, (_, index) => ending(NOW - 86_400_000 + index));
  expect((await toldOf(logOf(written).log)).length).toBeLessThanOrEqual(200);
});

test.each([0, 1, 3])("a log of %i commits is told from its beginning", async count => {
  expect(await toldOf(logOf(Array.from({ length: count }, () => ending(NOW - 1000))).log)).toHaveLength(count);
});

test("nothing is told but endings, and the positions have no gaps", async () => {
  const { log } = logOf([
    { at: NOW, stamp: NOW, type: "UserRegistered" },
    ending(NOW),
    { at: NOW, stamp: NOW, type: "UserRegistered" },
  ]);
  const page = await endingsPage(log, { limit: 10 }, new Date(NOW));
  expect(page.commits.map(({ position, events }) => [position, events.map(({ type }) => type)])).toEqual([
    [1, []],
    [2, ["SessionsEnded"]],
    [3, []],
  ]);
});

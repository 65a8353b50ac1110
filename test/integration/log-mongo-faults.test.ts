// The log in MongoDB when all goes wrong at once: placers that die inside a round, clocks that differ, calls that
// overtake each other. Positions have no gap, and streams their order.
import { Collection, MongoNetworkError } from "mongodb";
import { AppendConflict } from "../../lib/store/log";
import type { MongoLog } from "../../lib/store/mongo/mongo-log";
import { eventually } from "../helpers/eventually";
import { disorderIn, draft } from "../helpers/log-drafts";
import { LogDatabase, untilDone } from "../helpers/mongo-log";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

const ROUNDS = 3;
const WRITERS = 8;
const APPENDS = 12;

describeWithMongo(`the log in MongoDB, on ${MONGO}`, () => {
  let server: Server;
  let database: LogDatabase;

  beforeAll(async () => {
    server = await startMongo();
  });
  beforeEach(async () => {
    database = await LogDatabase.connect(server.url);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await database.remove();
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** Of every few rounds of placing, one ends in the middle. */
  const dieInsideRounds = () => {
    const whole = Collection.prototype.bulkWrite;
    jest.spyOn(Collection.prototype, "bulkWrite").mockImplementation(async function (
      this: Collection,
      updates,
      options,
    ) {
      if (Math.random() < 0.7) return whole.call(this, updates, options);
      const some = updates.slice(0, Math.floor(Math.random() * updates.length));
      if (some.length > 0) await whole.call(this, some, options);
      throw new MongoNetworkError("The process that places has died.");
    });
  };

  /** Appends to a stream of its own and to one that all write to, at whatever version that is then. */
  const write = async (log: MongoLog, writer: string) => {
    for (let version = 1; version <= APPENDS; version += 1) {
      for (let isWritten = false; !isWritten;) {
        const hot = ((await untilDone(() => log.tip("hot")))?.version ?? 0) + 1;
        const commit = draft(version % 3 ? { [writer]: version } : { hot, [writer]: version });
        isWritten = await untilDone(() => log.append(commit)).then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof AppendConflict)) throw error;
            return false;
          },
        );
      }
    }
  };

  test("placers race and die, clocks differ by a minute, and there is no gap and no stream out of order", async () => {
    dieInsideRounds();
    const jitterMs = 4;
    const logs = await Promise.all(
      [0, -30_000, 30_000, 3].map(skewMs => untilDone(() => database.open({ skewMs, jitterMs }))),
    );
    const [reader = await database.open()] = logs;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const phase = { writing: true };
      const place = async (log: MongoLog) => {
        while (phase.writing) await untilDone(() => log.head());
      };
      const writers = Array.from({ length: WRITERS }, (_, writer) =>
        write(logs[writer % logs.length] ?? reader, `round-${round}-writer-${writer}`),
      );
      const placers = logs.map(place);
      await Promise.all(writers);
      phase.writing = false;
      await Promise.all(placers);
      const commits = await untilDone(() => reader.read(0, 10_000));
      expect(commits).toHaveLength(round * WRITERS * APPENDS);
      expect(disorderIn(commits, 0)).toEqual([]);
    }
  });

  test("what a process wrote and did not place before it died is placed by the next look of another one", async () => {
    const [writer, other] = [await database.open(), await database.open()];
    for (let version = 1; version <= 5; version += 1) await writer.append(draft({ a: version }));
    writer.close();
    expect(await other.head()).toBe(5);
    expect(disorderIn(await other.read(0, 10), 0)).toEqual([]);
  });

  test("a stream keeps its order when its second writer's clock is behind and much else waits before it", async () => {
    const [early, late] = [await database.open({ skewMs: 60_000 }), await database.open({ skewMs: -60_000 })];
    // Otherwise placed by the log that knows them.
    for (const log of [early, late]) log.close();
    await early.append(draft({ a: 1 }));
    await late.append(draft({ a: 2 }));
    await database.write(250);
    const commits = await (await database.open()).read(0, 2000);
    expect(commits).toHaveLength(252);
    expect(disorderIn(commits, 0)).toEqual([]);
  });

  test("a commit that nobody asks for gets its position all the same", async () => {
    const log = await database.open();
    const { id } = await log.append(draft({ a: 1 }));
    const commits = database.db.collection<{ _id: string }>("commits");
    await eventually("the commit has its position", () => commits.findOne({ _id: id, position: 1 }));
  });
});

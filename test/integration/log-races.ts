// Writers and readers of one log at the same time, in two processes: the scenarios of positions.
import { AppendConflict, type Log } from "../../lib/store/log";
import { disorderIn, draft, keysIn, type LogScene } from "../helpers/log-drafts";

const WRITERS = 8;

export const raceScenarios = (scene: () => LogScene): void => {
  test("eight writers in two processes leave no gap, and every stream is in its order", async () => {
    const { log, other, stream } = scene();
    const from = await log.head();
    const write = async (writer: number) => {
      const own = writer % 2 ? log : other;
      for (let version = 1; version <= 15; version += 1) await own.append(draft({ [stream(`w${writer}`)]: version }));
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    const commits = await log.read(from, 1000);
    expect(commits).toHaveLength(WRITERS * 15);
    expect(disorderIn(commits, from)).toEqual([]);
    expect(await other.read(from, 1000)).toEqual(commits);
    expect([await log.head(), await other.head()]).toEqual([from + WRITERS * 15, from + WRITERS * 15]);
  });

  test("writers that contend for one stream each get their turn, and who follows sees one order", async () => {
    const { log, other, stream } = scene();
    const [hot, from] = [stream("hot"), await log.head()];
    let writing = WRITERS;
    const write = async (writer: number) => {
      const own = writer % 2 ? log : other;
      for (let done = 0; done < 4;) {
        const version = ((await own.tip(hot))?.version ?? 0) + 1;
        try {
          await own.append(draft({ [hot]: version, [stream(`w${writer}`)]: done + 1 }));
          done += 1;
        } catch (error) {
          if (!(error instanceof AppendConflict)) throw error;
        }
      }
      writing -= 1;
    };
    const follow = async (reader: Log) => {
      const seen = await reader.read(from, 5);
      for (let last = false; !last;) {
        last = writing === 0;
        const page = await reader.read(from + seen.length, 5);
        seen.push(...page);
        if (page.length > 0) last = false;
      }
      return seen;
    };
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
    const [one, two] = await Promise.all([follow(log), follow(other), ...writers]);
    expect(one).toHaveLength(WRITERS * 4);
    expect(disorderIn(one, from)).toEqual([]);
    expect(keysIn(two)).toEqual(keysIn(one));
  });

  test("whatever was acknowledged before somebody asks is counted and read, wherever it was written", async () => {
    const { log, other, stream } = scene();
    const missed: string[] = [];
    const write = async (writer: number) => {
      const [own, reader] = writer % 2 ? [log, other] : [other, log];
      for (let version = 1; version <= 8; version += 1) {
        const before = await own.head();
        const { id } = await own.append(draft({ [stream(`w${writer}`)]: version }));
        const [head, page] = await Promise.all([reader.head(), reader.read(before, 1000)]);
        if (head <= before || !page.some(commit => commit.id === id)) missed.push(id);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    expect(missed).toEqual([]);
  });
};

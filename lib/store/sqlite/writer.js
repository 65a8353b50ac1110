// The thread that writes: commits to disk never hold up the event loop, and whatever waits shares the next one.
const { parentPort, receiveMessageOnPort } = require("node:worker_threads");
const Database = require("libsql");
const { Engine, codeOf } = require("./engine");

/** @typedef {import("./protocol").Request} Request */
/** @typedef {Extract<Request, { units: unknown }>} Work */

/** Milliseconds between tries while another process writes, one to twice as long. */
const STEP_ASIDE_MS = 1;

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
/** @typedef {Work & { until: number }} Waiting */
/** @typedef {InstanceType<typeof Engine>} SqliteEngine */
/** @typedef {{ engine: SqliteEngine, waiting: Waiting[], users: number, retry?: NodeJS.Timeout }} File */
/** @type {Map<string, File>} */
const files = new Map();

/** @param {number} id @param {unknown} error */
const fail = (id, error) =>
  port.postMessage({
    id,
    error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) },
  });

/** @param {string} file @param {string} synchronous */
const open = (file, synchronous) => {
  const known = files.get(file);
  if (known) {
    known.users += 1;
    return;
  }
  const database = new Database(file);
  database.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON`);
  files.set(file, { engine: new Engine(database), waiting: [], users: 1 });
};

/**
 * What was written goes into the file itself: whoever copies it when nobody has it open has all.
 * @param {InstanceType<typeof Engine>} engine
 */
const settle = engine => {
  try {
    engine.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
  } catch {
    // It is in the log beside the file, from which whoever opens it next takes it.
  }
};

/** Everything that waits for this file, in one transaction. @param {string} path */
const work = path => {
  const file = files.get(path);
  if (!file || file.waiting.length === 0 || file.retry) return;
  const batch = file.waiting;
  file.waiting = [];
  try {
    const outcomes = file.engine.commit(batch.flatMap(({ units }) => units));
    let from = 0;
    for (const { id, units } of batch) port.postMessage({ id, outcomes: outcomes.slice(from, (from += units.length)) });
  } catch (error) {
    const isBusy = codeOf(error).startsWith("SQLITE_BUSY");
    // It may be the log beside the file that has no room, and most of it is not needed any more.
    if (!isBusy) settle(file.engine);
    const again = isBusy ? batch.filter(({ until }) => until > performance.now()) : [];
    for (const one of batch) if (!again.includes(one)) fail(one.id, error);
    file.waiting = [...again, ...file.waiting];
    if (again.length > 0)
      file.retry = setTimeout(
        () => {
          file.retry = undefined;
          work(path);
        },
        STEP_ASIDE_MS * (1 + Math.random()),
      );
  }
};

/** Closes a file when nobody in this process has it open any more. @param {string} path */
const leave = path => {
  const file = files.get(path);
  if (!file || (file.users -= 1) > 0) return;
  settle(file.engine);
  file.engine.close();
  files.delete(path);
};

/** @param {Request} request */
const take = request => {
  const { file, id } = request;
  try {
    if ("units" in request) {
      const known = files.get(file);
      if (!known) throw new Error(`${file} is not open.`);
      known.waiting.push({ ...request, until: performance.now() + request.timeoutMs });
      return;
    }
    if ("open" in request) open(file, request.open.synchronous);
    else {
      work(file);
      leave(file);
    }
    port.postMessage({ id, outcomes: [] });
  } catch (error) {
    fail(id, error);
  }
};

port.on(
  "message",
  /** @param {Request} first */ first => {
    take(first);
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message);
    for (const path of files.keys()) work(path);
  },
);

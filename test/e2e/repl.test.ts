// The REPL as a developer meets it: what actions take, calls as a user, what was counted, and no password left behind.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PYTHON } from "../run/servers";
import { temporaryFolder } from "../helpers/broker";
import { describeWithNats } from "../servers";
import { PASSWORD } from "./client";
import { runToEnd, type Settings } from "./processes";
import { ADMIN, World } from "./world";

const LIMIT = 120_000;
/** What a terminal colours with. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");

/** An executable that runs node with a terminal of its own, as a person has one. */
const nodeOnATerminal = () => {
  const path = join(temporaryFolder(), "node");
  writeFileSync(
    path,
    `#!/bin/sh\nexec "${PYTHON}" -c 'import pty, sys; pty.spawn(sys.argv[1:])' "${process.execPath}" "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
};

/** Matches a text that says all of these, one after the other. */
const inOrder = (...parts: readonly string[]) => new RegExp(parts.join("[^]*"));

const said = (text: string) => text.replaceAll(COLOURS, "");

/** What the REPL prints to these lines, in one text, without colours. */
const typed = async (lines: readonly string[], settings: Settings) => {
  const { code, stdout, stderr } = await runToEnd({ input: [...lines, "exit", ""].join("\n"), ...settings });
  return { code, stdout: said(stdout), stderr: said(stderr) };
};

describeWithNats("the REPL of a cluster", () => {
  let world: World;
  const email = "kim@example.com";
  const repl = (): Settings => ({ script: "repl", dataDir: world.shop.dataDir });
  beforeAll(async () => {
    world = await World.start({ script: "cluster" });
    expect((await world.visitor.post("/api/users/register", { email, password: PASSWORD, name: "Kim" })).status).toBe(
      201,
    );
  }, LIMIT);
  afterAll(async () => world.shop.end("SIGTERM"), LIMIT);

  test("actions shows the parameters of each, by name", async () => {
    const { code, stdout } = await typed(["actions"], repl());
    expect(code).toBe(0);
    expect(stdout).toMatch(/users\.register .*│ email, password, name, locale, idempotencyKey\s*║/);
    expect(stdout).toMatch(/orders\.read .*│ id\s*║/);
    // Of two parameters of the same kind, both.
    expect(stdout).toMatch(/users\.standing .*│ id, session, version\s*║/);
    expect(stdout).not.toMatch(/additionalProperties|properties, required/);
  });

  test("help tells the commands that the shop adds", async () => {
    const { stdout } = await typed(["help"], repl());
    for (const line of [
      /login <email> <password> +Sign in: .+/,
      /whoami +\S.+/,
      /logout +\S.+/,
      /metrics .*List metrics/,
    ])
      expect(stdout).toMatch(line);
  });

  const SIGNS_IN = "a customer who logs in calls as himself, until he logs out; an admin's actions stay closed to him";
  test(SIGNS_IN, async () => {
    const lines = [
      "whoami",
      `login ${email} "${PASSWORD}"`,
      "whoami",
      "call orders.list",
      "call users.list",
      "logout",
      "call orders.list",
      "whoami",
    ];
    const { code, stdout, stderr } = await typed(lines, repl());
    expect(code).toBe(0);
    expect(stdout).toMatch(
      inOrder(
        "Nobody is signed",
        "Signed in as .*, customer",
        "customer, usr_",
        "items: \\[\\]",
        "Signed out",
        "Nobody is signed",
      ),
    );
    expect(stdout).toContain(`Signed in as ${email} (Kim), customer`);
    expect(stderr).toMatch(/^You may not do this\. \(FORBIDDEN\)$[^]*^Sign in first: .*\(UNAUTHENTICATED\)$/m);
    expect(stdout + stderr + world.shop.output()).not.toContain(PASSWORD);
  });

  test("an admin who logs in calls as one, also a node directly; a wrong password is refused in words", async () => {
    const login = `login ${ADMIN.ADMIN_EMAIL}`;
    const node = /users-\S+/.exec((await typed(["nodes"], repl())).stdout)?.[0] ?? "";
    const lines = [
      `${login} --wrong`,
      "call users.list --limit 1",
      `${login} "${ADMIN.ADMIN_PASSWORD}"`,
      "call users.list --limit 1",
      "call users.get --id none",
      `dcall ${node} users.list --limit 1`,
    ];
    const { code, stdout, stderr } = await typed(lines, repl());
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The e-mail address or the password is wrong\. \(INVALID_CREDENTIALS\)\n/);
    expect(stderr).toMatch(/\nSign in first: [^]*\nThere is no such user\. \(USER_NOT_FOUND\)\n/);
    expect(stdout).toMatch(/Signed in as admin@example\.com .*, admin[^]*Call 'users\.list' with[^]*total:/);
    expect(stdout).toMatch(/Call 'users\.list' on users-[^]*total:/);
    expect(stdout + stderr + world.shop.output()).not.toContain(ADMIN.ADMIN_PASSWORD);
    expect(stdout + stderr).not.toContain("--wrong");
  });

  test("login says what it takes, and nothing of what it was given", async () => {
    const { stdout, stderr } = await typed([`login ${email}`, `login ${email} two words`], repl());
    expect(stdout).toContain("login takes an e-mail address and a password");
    expect(stderr).toContain("missing required argument 'password'");
    expect(stdout + stderr).not.toContain("two words");
  });

  test("metrics counts the requests of every node's actions, with their times, memory and event loop", async () => {
    const { code, stdout } = await typed(["call products.list --limit 1", "metrics"], repl());
    expect(code).toBe(0);
    const row = (name: string, action: string) =>
      new RegExp(String.raw`${name} .*\{action: ${action}, node: \w+-\S+\} .*\d`);
    expect(stdout).toMatch(row("moleculer.request.total", "products.list"));
    expect(stdout).toMatch(row("moleculer.request.total", "users.login"));
    expect(stdout).toMatch(row("moleculer.request.time", "products.list"));
    for (const name of ["process.memory.rss", "process.eventloop.lag", "process.eventloop.utilization"])
      expect(stdout).toMatch(new RegExp(String.raw`${name} .*\{node: orders-\S+\} .*\d`));
    const { stdout: some } = await typed(["metrics -f 'moleculer.request.total'"], repl());
    expect(some).toContain("moleculer.request.total");
    expect(some).not.toContain("process.memory");
  });

  test("on a terminal the prompt says who is signed in, and the history file keeps no password", async () => {
    const home = temporaryFolder();
    const lines = [
      `login ${email} "${PASSWORD}"`,
      `call users.login '{"email":"${email}","password":"another secret"}'`,
      "nodes",
    ];
    const { stdout } = await typed(lines, { ...repl(), node: nodeOnATerminal(), env: { HOME: home, TERM: "dumb" } });
    expect(stdout).toContain(`jangteo ${email} $ `);
    const history = readFileSync(join(home, ".moleculer_repl_history"), "utf8");
    expect(history).toContain("nodes");
    expect(history).not.toMatch(/login|secret|correct horse/);
  });
});

test(
  "the REPL of one process (npm run dev) has the same commands",
  async () => {
    const env = { ...ADMIN, SAMPLE_CATALOGUE: "no" };
    const lines = [
      `login ${ADMIN.ADMIN_EMAIL} "${ADMIN.ADMIN_PASSWORD}"`,
      "call users.list --limit 1",
      "metrics -f moleculer.request.total",
    ];
    const { code, stdout } = await typed(lines, { script: "start", args: ["--repl"], env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Signed in as admin@example\.com[^]*total:[^]*moleculer\.request\.total .*users\.list/);
  },
  LIMIT,
);

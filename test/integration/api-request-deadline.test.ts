// The gateway works for a client as long as it waits, and no longer.
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { user } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";

let gateway: Gateway;
beforeAll(async () => {
  // Nobody's time is over before a busy machine has read that a client left.
  gateway = await startGateway({ env: { REQUEST_TIMEOUT_MS: "60000" } });
});

const soon = async (isSo: () => boolean) => {
  for (const until = Date.now() + 10_000; !isSo(); await setTimeout(5))
    if (Date.now() > until) throw new Error(`Not in 10 s: ${isSo.toString()}`);
};
const login = { email: "kim@example.com", password: "correct horse" };
const signIn = { user, token: "t", refreshToken: "r", expiresIn: 900 };

test.each([
  ["closes its connection", (socket: ReturnType<typeof connect>) => socket.end()],
  ["resets it", (socket: ReturnType<typeof connect>) => socket.resetAndDestroy()],
])("a client that %s: whoever works for it is told at once", async (_how, leave) => {
  const callers: Caller[] = [];
  gateway.fakes["users.login"] = async (_params, _actor, caller) => {
    callers.push({ signal: caller.signal, timeLeft: caller.timeLeft });
    await soon(() => caller.signal.aborted);
    return signIn;
  };
  const { hostname, port } = new URL(gateway.address);
  const body = JSON.stringify(login);
  const socket = connect(Number(port), hostname);
  socket.write(
    "POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  await soon(() => callers.length > 0);
  expect(callers[0]?.signal.aborted).toBe(false);
  leave(socket);
  // Not because its time is over: that is not yet so.
  await soon(() => callers[0]?.signal.aborted === true);
  expect(callers[0]?.timeLeft()).toBeGreaterThan(0);
});

test("a client that waits gets its answer, and the next one on its connection too", async () => {
  const aborted: boolean[] = [];
  gateway.fakes["users.login"] = async (_params, _actor, caller) => {
    await setTimeout(50);
    aborted.push(caller.signal.aborted);
    return signIn;
  };
  expect((await gateway.send("POST /api/users/login", { body: login })).status).toBe(200);
  expect((await gateway.send("POST /api/users/login", { body: login })).status).toBe(200);
  expect(aborted).toEqual([false, false]);
});

test("an answer that does not come in time is 503 with Retry-After, and its work is told so", async () => {
  const hasty = await startGateway({ env: { REQUEST_TIMEOUT_MS: "300" } });
  const signals: AbortSignal[] = [];
  let isRead = false;
  hasty.fakes["users.login"] = async (_params, _actor, caller) => {
    signals.push(caller.signal);
    // Not at once when it is told so: that answer might be there before the refusal.
    await soon(() => isRead);
    return signIn;
  };
  const { status, headers } = await hasty.send("POST /api/users/login", { body: login });
  expect([status, headers["retry-after"]]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  await soon(() => signals[0]?.aborted === true);
  isRead = true;
});

// A burst of sign-ins whose clients leave costs those who come afterwards nothing.
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { Piscina } from "piscina";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { startServices } from "../helpers/broker";
import { ask } from "../helpers/http";
import { ADMIN, PASSWORD } from "../helpers/users";

const BURST = 150;

const PROMISE = "150 clients that leave are not hashed for: the next sign-in waits for those only whose turn had come";
test(
  PROMISE,
  async () => {
    const { broker } = await startServices(["users", "api"], { env: ADMIN });
    const address = runtimeOf(broker).address ?? "";
    const hashes = jest.spyOn(Piscina.prototype, "run");
    const person = { email: "kim@example.com", password: PASSWORD };
    expect((await ask(address, "POST /api/users/register", { body: { ...person, name: "Kim" } })).status).toBe(201);

    const before = hashes.mock.calls.length;
    const body = JSON.stringify({ ...person, password: "wrong horse battery" });
    const { hostname, port } = new URL(address);
    const request = [
      "POST /api/users/login HTTP/1.1",
      "Host: x",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      "",
      body,
    ].join("\r\n");
    const clients: Socket[] = Array.from({ length: BURST }, () => connect(Number(port), hostname));
    for (const client of clients) client.on("error", () => undefined).write(request);
    while (hashes.mock.calls.length === before) await setTimeout(1);
    await setTimeout(20);
    for (const client of clients) client.destroy();

    expect((await ask(address, "POST /api/users/login", { body: person })).status).toBe(200);
    expect(hashes.mock.calls.length - before).toBeLessThan(BURST / 5);
  },
  60_000,
);

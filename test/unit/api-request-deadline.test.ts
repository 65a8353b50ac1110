// All that the gateway does for a request shares one limit.
import { ServerResponse, IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { RequestDeadline } from "../../services/api/http/request-deadline";

const response = () => new ServerResponse(new IncomingMessage(new Socket()));
const unavailable = expect.objectContaining({ code: "SERVICE_UNAVAILABLE" }) as Error;

test("what was used up by the first step is not there for the second", async () => {
  const deadline = new RequestDeadline(response(), 100);
  expect(await deadline.within(setTimeout(50, "recognised"))).toBe("recognised");
  await setTimeout(60);
  await expect(deadline.within(new Promise(() => undefined))).rejects.toEqual(unavailable);
});

test("a step's own refusal goes through", async () => {
  await expect(new RequestDeadline(response(), 1000).within(Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("a client that had gone before is gone; one that has got its answer has not left", () => {
  const left = response();
  left.destroy();
  expect(new RequestDeadline(left, 1000).client.aborted).toBe(true);
  const answered = response();
  const { client } = new RequestDeadline(answered, 1000);
  answered.end();
  answered.emit("close");
  expect(client.aborted).toBe(false);
});

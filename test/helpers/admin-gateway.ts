// A gateway for a whole test file, and an admin's requests to it: for tests of what never gets past it.
import { type Gateway, startGateway } from "./gateway";
import type { Asked } from "./http";

/** Starts the gateway before the file's tests, and forgets before each which calls have reached a service. */
export const openAdminGateway = () => {
  let gateway: Gateway;
  let token: string;
  beforeAll(async () => {
    gateway = await startGateway();
    token = gateway.token("usr_1", "admin");
  });
  beforeEach(() => {
    gateway.calls.length = 0;
  });
  return {
    gateway: () => gateway,
    send: (line: string, asked: Asked = {}) => gateway.send(line, { token, ...asked }),
    expectNothingReached: () => expect(gateway.calls).toEqual([]),
  };
};

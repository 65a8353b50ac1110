// Tokens that ended before their time, where clocks differ, everything happens at once, and several processes accept
// them.
import type { Store } from "../../lib/store/store";
import { type Started, startServices } from "../helpers/broker";
import { sharedStore } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { ADMIN, nextEmail, PASSWORD, peopleOf, refused } from "../helpers/users";
import { generateKeyPairSync } from "node:crypto";

const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const env = { ...ADMIN, TOKEN_KEY: pem };

const instance = (store: Store, skew = 0) =>
  startServices(["users"], { env, openStore: async () => store, now: () => new Date(Date.now() + skew) });
const profile = ({ call }: Started, token: string) => call("users.profile", {}, { token });

describe.each([5000, -5000])("two users instances, one of them %i ms off", skew => {
  let [right, off]: Started[] = [];
  beforeAll(async () => {
    const store = sharedStore(await temporaryStore());
    right = await instance(store);
    off = await instance(store, skew);
  });

  test.each(["right", "off"])(
    "a new password ends the old token and lets the new one in, changed on the %s one",
    async where => {
      if (!right || !off) throw new Error("not started");
      const [here, there] = where === "right" ? [right, off] : [off, right];
      const email = nextEmail();
      const old = await peopleOf(there).register(email);
      await here.call(
        "users.changePassword",
        { currentPassword: PASSWORD, newPassword: "battery staple" },
        { token: old.token },
      );
      const fresh = await peopleOf(there).login(email, "battery staple");
      for (const shop of [here, there]) {
        await expect(profile(shop, old.token)).rejects.toEqual(refused("UNAUTHENTICATED"));
        await expect(profile(shop, fresh.token)).resolves.toMatchObject({ user: { email } });
      }
    },
  );
});

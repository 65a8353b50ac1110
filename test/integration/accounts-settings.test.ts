// The settings of the users service: one that does nothing says so, one that cannot be used ends the start.
import { generateKeyPairSync } from "node:crypto";
import { startServices } from "../helpers/broker";
import { ADMIN, peopleOf } from "../helpers/users";

describe("settings", () => {
  test("an ADMIN_PASSWORD that does nothing says so, and one that is the admin's says nothing", async () => {
    const first = await startServices(["users"], { env: ADMIN });
    await first.stop();
    const again = await startServices(["users"], { env: { ...ADMIN, DATA_DIR: first.dataDir } });
    await again.stop();
    const env = { ...ADMIN, ADMIN_PASSWORD: "a forgotten one", DATA_DIR: first.dataDir };
    const changed = await startServices(["users"], { env });
    expect([first.notices, again.notices]).toEqual([[], []]);
    expect(changed.notices).toEqual([expect.stringMatching(/^ADMIN_PASSWORD is ignored: .*boss@jangteo\.example/)]);
    expect(changed.notices.join()).not.toContain(env.ADMIN_PASSWORD);
  });

  test("a key of one's own signs the tokens", async () => {
    const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
    const shop = await startServices(["users"], { env: { ...ADMIN, TOKEN_KEY: pem } });
    const { token } = await peopleOf(shop).register();
    await expect(shop.call("users.profile", {}, { token })).resolves.toMatchObject({ user: { name: "Kim Minji" } });
  });

  test.each([
    ["TOKEN_KEY", "not a key"],
    ["ADMIN_EMAIL", "boss@localhost"],
  ])("%s=%s refuses to start and is named", async (name, value) => {
    await expect(startServices(["users"], { env: { ...ADMIN, [name]: value } })).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringContaining(name) as string,
    });
  });
});

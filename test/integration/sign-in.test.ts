// No way into an account passes by its state: whoever is disabled, demoted or has another password stays out, by every
// door.
import { refused, startUsers } from "../helpers/users";
import { PASSWORD, nextEmail } from "../helpers/users";

let users: Awaited<ReturnType<typeof startUsers>>;
let adminToken: string;
beforeAll(async () => {
  users = await startUsers();
  adminToken = await users.loginAdmin();
});

const registration = (email = nextEmail()) => ({ email, password: PASSWORD, name: "Kim Minji", idempotencyKey: "k" });

describe("repeating a registration with its Idempotency-Key", () => {
  test("signs in again while nothing has changed, with the role of now", async () => {
    const request = registration();
    const first = await users.shop.call("users.register", request);
    await users.change(adminToken, first.user.id, { role: "admin" });
    const again = await users.shop.call("users.register", request);
    expect(again.user).toMatchObject({ id: first.user.id, role: "admin" });
    await expect(users.shop.call("users.list", {}, { token: again.token })).resolves.toMatchObject({ page: 1 });
  });

  test("lets no disabled account in, whatever it was before", async () => {
    const request = registration();
    const { user } = await users.shop.call("users.register", request);
    await users.change(adminToken, user.id, { role: "admin" });
    await users.change(adminToken, user.id, { disabled: true });
    await expect(users.shop.call("users.register", request)).rejects.toEqual(refused("EMAIL_TAKEN"));
  });

  test("does not sign in with a password that is no longer the account's", async () => {
    const request = registration();
    const { token } = await users.shop.call("users.register", request);
    await users.shop.call(
      "users.changePassword",
      { currentPassword: PASSWORD, newPassword: "battery staple" },
      { token },
    );
    await expect(users.shop.call("users.register", request)).rejects.toEqual(refused("IDEMPOTENCY_KEY_REUSED"));
  });
});

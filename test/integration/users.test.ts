// smoke
import { startServices } from "../helpers/broker";
test("smoke", async () => {
  const s = await startServices(["users"]);
  const a = await s.call("users.register", { email: "Kim@Example.com", password: "correct horse", name: "Kim" });
  const b = await s.call("users.login", { email: "kim@example.COM", password: "correct horse" });
  const c = await s.call("users.refresh", { refreshToken: b.refreshToken });
  console.log(a, c, s.notices, await s.call("users.profile", {}, { token: c.token }));
});

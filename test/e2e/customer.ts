// What a customer does with the shop, from the first visit to a cancelled order: the same on every shape of deployment.
import { randomUUID } from "node:crypto";
import type { SignIn, User } from "../../contracts/users";
import { Client, PASSWORD, type Problem } from "./client";
import { ordering, refusals } from "./customer-orders";
import type { World } from "./world";

const ko = { "Accept-Language": "ko" };

const account = (world: () => World) => {
  test("a visitor registers, and a second account for the address is refused in Korean", async () => {
    const { visitor } = world();
    const email = `${randomUUID()}@example.com`;
    const registered = await visitor.post<SignIn & { success: true }>("/api/users/register", {
      email,
      password: PASSWORD,
      name: "Kim",
    });
    expect(registered.status).toBe(201);
    expect(registered.body).toEqual({
      success: true,
      user: {
        id: expect.any(String),
        email,
        name: "Kim",
        role: "customer",
        locale: "en",
        emailVerified: false,
        disabled: false,
        version: expect.any(Number),
        createdAt: expect.any(String),
      },
      token: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: expect.any(Number),
    });
    const twin = await visitor.post<Problem>(
      "/api/users/register",
      { email: email.toUpperCase(), password: PASSWORD, name: "Kim" },
      ko,
    );
    expect([twin.status, twin.body.code, twin.body.error]).toEqual([409, "EMAIL_TAKEN", "이미 존재하는 이메일입니다."]);
    expect(twin.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  test("a customer signs in and reads the profile; with a wrong password or no token there is a 401", async () => {
    const { visitor, shop } = world();
    const email = `${randomUUID()}@example.com`;
    await visitor.post("/api/users/register", { email, password: PASSWORD, name: "Kim" });
    const customer = await Client.signIn(shop.address, email, PASSWORD);
    const profile = await customer.get<{ user: User }>("/api/users/profile");
    expect([profile.status, profile.body.user.email]).toEqual([200, email]);
    const wrong = await visitor.post<Problem>("/api/users/login", { email, password: "not the password" });
    expect([wrong.status, wrong.body.code]).toEqual([401, "INVALID_CREDENTIALS"]);
    const nobody = await visitor.get<Problem>("/api/users/profile");
    expect([nobody.status, nobody.body.code, nobody.headers.get("www-authenticate")]).toEqual([
      401,
      "UNAUTHENTICATED",
      expect.stringContaining("Bearer"),
    ]);
  });
};

const catalogue = (world: () => World) => {
  test("a visitor browses the sample catalogue page by page and by category", async () => {
    const { visitor } = world();
    const [first, second] = [await visitor.products("?page=1&limit=5"), await visitor.products("?page=2&limit=5")];
    expect([second.page, second.limit, second.items.length]).toEqual([2, 5, 5]);
    expect(first.total).toBeGreaterThanOrEqual(194);
    expect(new Set([...first.items, ...second.items].map(product => product.id)).size).toBe(10);
    const { body } = await visitor.get<{ data: { category: string; count: number }[] }>("/api/products/categories");
    expect(body.data).toContainEqual({ category: "groceries", count: 27 });
    const groceries = await visitor.products("?category=groceries&limit=100");
    expect([groceries.total, new Set(groceries.items.map(product => product.category))]).toEqual([
      27,
      new Set(["groceries"]),
    ]);
  });

  test("a product reads the same in the list and by itself; an unknown one is not found", async () => {
    const { visitor } = world();
    const [listed] = (await visitor.products("?category=groceries&limit=1")).items;
    expect(await visitor.product(listed?.id ?? "")).toEqual(listed);
    const unknown = await visitor.get<Problem>("/api/products/prd_unknown");
    expect([unknown.status, unknown.body.code]).toEqual([404, "PRODUCT_NOT_FOUND"]);
    const invalid = await visitor.get<Problem>("/api/products?limit=1000");
    expect([invalid.status, invalid.body.errors?.[0]?.path]).toEqual([422, "/limit"]);
  });
};

/** The customer's scenarios, on the world that is there when they run. */
export const customerJourney = (world: () => World): void => {
  for (const scenarios of [account, catalogue, ordering, refusals]) scenarios(world);
};

// What `npm run store` does for a shop: the first release's data carried over, damage found, a copy that can be used.
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "libsql";
import { keepStore } from "../../scripts/store-command";
import { startServices, temporaryFolder } from "../helpers/broker";
import { line, writeAsFirstRelease } from "../helpers/earlier-files";
import { eventually } from "../helpers/eventually";
import { ADMIN } from "../helpers/users";

const SERVICES = ["users", "products", "orders", "payments", "mail"] as const;
const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
const run = (dataDir: string, ...args: string[]) => keepStore(args, { DATA_DIR: dataDir });
const mailsIn = (dataDir: string) => readdirSync(join(dataDir, "outbox")).sort();
const start = (dataDir: string) => startServices(SERVICES, { env: { ...ADMIN, DATA_DIR: dataDir } });

/** A running shop with an order whose mail is written, and how to place more of them. */
const open = async (dataDir: string) => {
  const shop = await start(dataDir);
  const login = { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD };
  const { token } = await shop.call("users.login", login);
  const order = async (productId: string, idempotencyKey: string) => {
    const items = [{ productId, quantity: 1 }];
    const payment = { method: "sandbox:ok" } as const;
    const placed = await shop.call("orders.place", { idempotencyKey, items, shippingAddress, payment }, { token });
    const { id } = placed.order;
    await eventually(
      "the mail is written",
      () => existsSync(join(dataDir, "outbox")) && mailsIn(dataDir).some(name => name.includes(id)),
    );
    return id;
  };
  const orders = async () => (await shop.call("orders.list", {}, { token })).items.map(({ id }) => id);
  return { shop, token, order, orders };
};

const shopWithAnOrder = async () => {
  const dataDir = temporaryFolder();
  const opened = await open(dataDir);
  const mug = { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 5, currency: "USD" }, stock: 9 };
  const { id: productId } = await opened.shop.call("products.create", mug, { token: opened.token });
  const id = await opened.order(productId, "one");
  return { dataDir, productId, id, ...opened };
};

describe("upgrade", () => {
  const CARRIES_OVER =
    "carries accounts, orders, checkpoints and mails over; the shop goes on, and no mail is written again";
  test(CARRIES_OVER, async () => {
    const { dataDir, productId, id, shop } = await shopWithAnOrder();
    await shop.stop();
    writeAsFirstRelease(dataDir, [...SERVICES, "sandbox"]);
    appendFileSync(join(dataDir, "orders", "log.db"), "0000");
    writeFileSync(join(dataDir, "orders", "order-list.db"), line({ _id: id, version: 99, standing: "paid" }));
    const mails = mailsIn(dataDir);
    await expect(start(dataDir)).rejects.toThrow(/stop the shop and run: npm run store -- upgrade$/);
    // What a run that was killed has left.
    mkdirSync(join(dataDir, "orders", ".upgrade", "orders"), { recursive: true });
    writeFileSync(join(dataDir, "orders", ".upgrade", "orders", "orders.sqlite"), "half");
    expect(await run(dataDir, "upgrade")).toMatch(/^orders: \d commits and 0 documents were carried over to /m);
    expect(await run(dataDir, "upgrade")).toMatch(/has no data of an earlier release\.$/);
    expect(readdirSync(join(dataDir, "orders"))).toEqual(["before-sqlite", "orders.sqlite"]);
    expect(readdirSync(join(dataDir, "orders", "before-sqlite"))).toContain("log.db");

    const again = await open(dataDir);
    expect(await again.orders()).toEqual([id]);
    const next = await again.order(productId, "two");
    expect(await again.orders()).toEqual([next, id]);
    expect(mailsIn(dataDir).filter(name => !name.includes(next))).toEqual(mails);
    expect(await again.order(productId, "one")).toBe(id);
    expect(again.shop.logs.filter(text => /HAS STOPPED|exchanged/.test(text))).toEqual([]);
    expect((await again.shop.call("products.list", {})).items.map(({ stock }) => stock)).toEqual([7]);
  });

  test("a damaged line is refused by its number, and nothing changes", async () => {
    const folder = join(temporaryFolder(), "mail");
    mkdirSync(folder);
    const file = join(folder, "sent.db");
    writeFileSync(file, line({ _id: "one" }) + line({ _id: "two" }).replace("two", "ten") + line({ _id: "three" }));
    const before = readFileSync(file);
    await expect(run(join(folder, ".."), "upgrade")).rejects.toThrow(/sent\.db is damaged at line 2, and nothing was/);
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(join(folder, "mail.sqlite"))).toBe(false);
  });
});

test("check, beside a running shop, says that all is well, and afterwards what is damaged", async () => {
  const { dataDir, shop } = await shopWithAnOrder();
  expect((await run(dataDir, "check")).split("\n")).toEqual(
    expect.arrayContaining([expect.stringMatching(/^orders: \d commits and \d+ documents, all as written\.$/)]),
  );
  await shop.stop();
  const database = new Sqlite(join(dataDir, "orders", "orders.sqlite"));
  database.exec("UPDATE log SET document = replace(document, 'Seoul', 'Busan')");
  database.exec("DELETE FROM log WHERE position = 2");
  database.close();
  const said = run(dataDir, "check");
  await expect(said).rejects.toThrow(/orders\.sqlite is damaged\./);
  await expect(said).rejects.toThrow(/The checksum of commit 1 does not fit\./);
  await expect(said).rejects.toThrow(/The log has nothing from position 2 to 2\./);
  await expect(said).rejects.toThrow(/^products: 2 commits|^products: \d+ commits/m);
});

test("a backup of a running shop opens as a shop of its own", async () => {
  const { dataDir, id, shop, order, productId } = await shopWithAnOrder();
  const copy = join(temporaryFolder(), "copy");
  expect(await run(dataDir, "backup", copy)).toMatch(/^mail: \d+ commits and \d+ documents, all as written\.$/m);
  await order(productId, "later");
  await shop.stop();
  await expect(run(dataDir, "backup", copy)).rejects.toThrow(/is not empty/);
  const restored = temporaryFolder();
  cpSync(copy, restored, { recursive: true });
  const again = await open(restored);
  expect(await again.orders()).toEqual([id]);
});

test("anything else is told what there is", async () => {
  for (const args of [[], ["backup"], ["check", "more"], ["upgrade", "a", "b"]])
    await expect(run(temporaryFolder(), ...args)).rejects.toThrow(/npm run store -- upgrade/);
});

// What a check costs: the work grows with what a valid value may be, not with what a stranger sends.
import { Type } from "@sinclair/typebox";
import { orders } from "../../contracts/orders";
import { object } from "../../lib/contract";
import { compileCheck } from "../../lib/validate";
import { ContractValidator, paramsFrom } from "../../lib/moleculer/validator";

/** A list of wrong items that counts how often somebody looks into it. */
const counted = (length: number) => {
  const seen = { looks: 0 };
  const items = new Proxy(
    Array.from({ length }, () => 1),
    {
      get(target, key, receiver): unknown {
        if (typeof key === "string" && /^\d+$/.test(key)) seen.looks += 1;
        return Reflect.get(target, key, receiver);
      },
    },
  );
  return { items, seen };
};

const schema = object({ items: Type.Array(object({ id: Type.String() })) });

test("of a small value every mistake is told", () => {
  expect(
    compileCheck(schema)({ items: [1, { id: 2 }, { id: "a", more: 1 }], x: 1 })
      .map(({ path }) => path)
      .sort(),
  ).toEqual(["/items/0", "/items/1/id", "/items/2/more", "/x"]);
});

test("of a value over 4 KB only the first mistake is told, whatever makes it large", () => {
  const check = compileCheck(object({ a: Type.Integer(), b: Type.Integer(), c: Type.Optional(Type.Unknown()) }));
  const mistakes = (c: unknown) => check({ a: "x", b: "y", c }).length;
  const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
  expect([undefined, "c".repeat(4000), [1], { one: 1 }].map(mistakes)).toEqual([2, 2, 2, 2]);
  expect(["c".repeat(4096), Array(2048).fill(1), { ["k".repeat(4096)]: 1 }, deep].map(mistakes)).toEqual([1, 1, 1, 1]);
});

test.each([
  ["a check", (items: unknown) => compileCheck(schema)({ items })],
  [
    "a service's own validator, as a call over NATS meets it",
    (items: unknown) =>
      new ContractValidator().compile(paramsFrom(orders.place.params))({
        idempotencyKey: "k",
        items,
        shippingAddress: {},
        payment: { method: "sandbox:ok" },
      }),
  ],
])("%s looks at no more of 64 KB of wrong items than of 8 KB", (_what, check) => {
  const [some, many] = [counted(4000), counted(32_000)];
  const told = [check(some.items), check(many.items)];
  expect(told).toEqual([[expect.anything()], [expect.anything()]]);
  expect(many.seen.looks).toBe(some.seen.looks);
});

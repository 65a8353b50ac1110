// Loyalty points: what an order is worth, and which orders count.
import { pointsFrom, worth } from "../../examples/loyalty/loyalty.rules";

test.each([
  [0, 0],
  [99, 0],
  [100, 1],
  [1999, 19],
])("an order of %i minor units is worth %i points", (amount, points) => {
  expect(worth({ amount, currency: "USD" })).toBe(points);
});

test("only orders that were confirmed, and not given back, count", () => {
  const earning = (points: number, counts: boolean) => ({ userId: "usr_1", points, counts });
  expect(pointsFrom([])).toEqual({ points: 0, orders: 0 });
  expect(pointsFrom([earning(19, true), earning(5, false), earning(1, true)])).toEqual({ points: 20, orders: 2 });
});

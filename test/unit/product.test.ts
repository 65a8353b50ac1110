// The rules of a product and of a reservation, as scenarios.
import type { productEvents } from "../../contracts/product-events";
import type { RecordedOf } from "../../lib/events/event-store";
import { Refusal } from "../../lib/refusal";
import {
  available,
  type Details,
  evolve,
  type ListedProduct,
  noProduct,
  type ProductEvent,
  type ProductState,
  show,
} from "../../services/products/product";
import { adjustStock, canReserve, change, create, remove } from "../../services/products/product.rules";
import { hold, release, type Reservation, sell } from "../../services/products/reservation.rules";

const details: Details = {
  sku: "MUG-1",
  name: "Mug",
  description: "",
  category: "kitchen",
  price: { amount: 500, currency: "USD" },
  stock: 10,
  images: [],
  attributes: {},
  rating: null,
};
const created: ProductEvent = { type: "ProductCreated", data: details };
const given = (...events: ProductEvent[]): ListedProduct => {
  const state = [created, ...events].reduce<ProductState>(
    (product, event, index) =>
      evolve(product, {
        ...event,
        id: "",
        aggregateId: "p1",
        version: index + 1,
        timestamp: "2026-01-01T00:00:00.000Z",
      } as Extract<RecordedOf<typeof productEvents>, { type: "ProductCreated" }>),
    noProduct,
  );
  return state as ListedProduct;
};
const moved = (
  type: "StockReserved" | "StockSold" | "StockReleased" | "StockReturned",
  quantity: number,
): ProductEvent => ({ type, data: { orderId: "o1", quantity } });
const codeOf = (command: () => unknown) => {
  try {
    command();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "accepted";
};

describe("a product", () => {
  test("is shown with what is still available", () => {
    expect(show(given(moved("StockReserved", 3)))).toMatchObject({ id: "p1", stock: 10, available: 7, version: 2 });
    expect(show(given(moved("StockReserved", 3)))).not.toHaveProperty("reserved");
  });

  test("its pieces only move: available + reserved + sold stays what came in", () => {
    const sold = given(moved("StockReserved", 3), moved("StockSold", 3));
    expect([sold.stock, sold.reserved, available(sold)]).toEqual([7, 0, 7]);
    const back = given(moved("StockReserved", 3), moved("StockSold", 3), moved("StockReturned", 3));
    expect([back.stock, back.reserved]).toEqual([10, 0]);
    const freed = given(moved("StockReserved", 3), moved("StockReleased", 3));
    expect([freed.stock, freed.reserved]).toEqual([10, 0]);
  });

  test("the last pieces can be reserved, one more cannot", () => {
    expect(canReserve(given(moved("StockReserved", 7)), 3)).toBe(true);
    expect(canReserve(given(moved("StockReserved", 7)), 4)).toBe(false);
    expect(canReserve(given({ type: "ProductRemoved", data: {} }), 1)).toBe(false);
    expect(canReserve(noProduct, 1)).toBe(false);
  });

  test("stock goes down to what orders hold and no further, and up to a thousand million", () => {
    const product = given(moved("StockReserved", 4));
    expect(adjustStock(product, -6)).toEqual([{ type: "StockAdjusted", data: { delta: -6 } }]);
    expect(codeOf(() => adjustStock(product, -7))).toBe("STOCK_TOO_LOW");
    expect(codeOf(() => adjustStock(product, 1_000_000_000))).toBe("STOCK_TOO_HIGH");
  });

  test("is priced in the shop's currency", () => {
    expect(codeOf(() => create({ ...details, price: { amount: 1, currency: "EUR" } }, "USD"))).toBe(
      "VALIDATION_FAILED",
    );
    expect(codeOf(() => change(given(), { price: { amount: 1, currency: "EUR" } }, undefined, "USD"))).toBe(
      "VALIDATION_FAILED",
    );
  });

  test("is changed by who has seen its newest version, or says that he doesn't care", () => {
    expect(change(given(), { name: "Cup" }, [1], "USD")).toEqual([{ type: "ProductChanged", data: { name: "Cup" } }]);
    expect(
      codeOf(() => change(given({ type: "ProductChanged", data: { name: "Cup" } }), { name: "Bowl" }, [1], "USD")),
    ).toBe("PRECONDITION_FAILED");
    expect(
      codeOf(() => change(given({ type: "StockAdjusted", data: { delta: 1 } }), { name: "Bowl" }, [1], "USD")),
    ).toBe("PRECONDITION_FAILED");
    const { name, price, images, attributes } = given() as ListedProduct;
    expect(
      change(
        given(),
        {
          name,
          price: { currency: price.currency, amount: price.amount },
          images: [...images],
          attributes: { ...attributes },
        },
        [1],
        "USD",
      ),
    ).toEqual([]);
    expect(change(given(), { name, category: "other" }, [1], "USD")).toEqual([
      { type: "ProductChanged", data: { category: "other" } },
    ]);
    expect(codeOf(() => change(given(), { name: "Bowl" }, [2], "USD"))).toBe("PRECONDITION_FAILED");
    expect(codeOf(() => change(given(), { name: "Bowl" }, [7, 1], "USD"))).toBe("accepted");
    expect(codeOf(() => change(given(), { name: "Cup" }, "*", "USD"))).toBe("accepted");
    expect(change(given(), {}, [1], "USD")).toEqual([]);
  });

  test("can be edited while it sells: that orders move its pieces does not make an edit stale", () => {
    const sold = given(
      { type: "ProductChanged", data: { name: "Cup" } },
      moved("StockReserved", 1),
      moved("StockSold", 1),
    );
    expect(codeOf(() => change(sold, { name: "Bowl" }, [2], "USD"))).toBe("accepted");
    expect(codeOf(() => change(sold, { name: "Bowl" }, [1], "USD"))).toBe("PRECONDITION_FAILED");
  });

  test("once removed it is not found", () => {
    const removed = given({ type: "ProductRemoved", data: {} });
    expect(codeOf(() => change(removed, { name: "x" }, "*", "USD"))).toBe("PRODUCT_NOT_FOUND");
    expect(codeOf(() => remove(removed, "*"))).toBe("PRODUCT_NOT_FOUND");
    expect(codeOf(() => adjustStock(noProduct, 1))).toBe("PRODUCT_NOT_FOUND");
  });
});

describe("a reservation", () => {
  const lines = [{ productId: "p1", quantity: 2 }];
  const moves = (step: ReturnType<typeof sell>) =>
    step?.moves.map(({ productId, event }) => [productId, event("o1").type]);

  test("held pieces are sold once", () => {
    expect(moves(hold(lines))).toEqual([["p1", "StockReserved"]]);
    expect(moves(sell({ status: "held", lines }))).toEqual([["p1", "StockSold"]]);
    expect(sell({ status: "sold", lines })).toBeNull();
  });

  test.each<[Reservation["status"], string[][] | undefined]>([
    ["none", []],
    ["held", [["p1", "StockReleased"]]],
    ["sold", [["p1", "StockReturned"]]],
    ["closed", undefined],
  ])("releasing one that is %s", (status, expected) => {
    expect(moves(release({ status, lines } as Reservation))).toEqual(expected);
  });

  test("nothing is sold that is not held", () => {
    expect(sell({ status: "none" })).toBeNull();
    expect(sell({ status: "closed" })).toBeNull();
  });
});

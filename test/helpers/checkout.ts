// A shop of products, orders and payments, and what a buyer and his test ask of it.
import type { Order } from "../../contracts/orders";
import type { PaymentMethod } from "../../contracts/payments";
import { startServices } from "./broker";
import { tokenMaker } from "./tokens";

export const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

/** A refused order, as it crosses the bus. */
export interface Refused {
  type: string;
  data: { orderId: string };
}

/** How placing an order was refused. @throws when it was not */
export const refused = (placing: Promise<unknown>): Promise<Refused> =>
  placing.then(
    () => Promise.reject(new Error("It was not refused.")),
    ({ type, data }: Refused) => ({ type, data }),
  );

/** A provider that does not answer is not waited for long. */
const ENV = { PAYMENT_TIMEOUT_MS: "100" };

export const startCheckout = async () => {
  const shop = await startServices(["products", "orders", "payments"], { env: ENV });
  const token = await tokenMaker(shop.broker);
  let serial = 0;
  const kim = () => ({ token: token("kim") });
  const admin = () => ({ token: token("root", "admin") });
  return {
    shop,
    token,
    kim,
    product(stock: number) {
      const sku = `SKU-${(serial += 1)}`;
      const price = { amount: 500, currency: "USD" };
      return shop.call("products.create", { sku, name: "Mug", category: "kitchen", price, stock }, admin());
    },
    async stockOf(id: string) {
      const { stock, available } = await shop.call("products.get", { id });
      return { stock, available };
    },
    place: (
      items: { productId: string; quantity: number }[],
      method: PaymentMethod = "sandbox:ok",
      idempotencyKey = `key-${(serial += 1)}`,
      buyer = kim(),
    ) => shop.call("orders.place", { idempotencyKey, items, shippingAddress, payment: { method } }, buyer),
    /** The order that a refusal names. */
    read: ({ data }: Refused) => shop.call("orders.get", { id: data.orderId }, kim()),
    typesOf: async (order: Order) =>
      (await shop.call("orders.events", { id: order.id }, kim())).map(event => event.type),
  };
};

export type Checkout = Awaited<ReturnType<typeof startCheckout>>;

// A mug, Kim, and Kim's order, as services show them and as clients send them.
import type { Order, OrderSummary } from "../../contracts/orders";
import type { Product } from "../../contracts/products";
import type { User } from "../../contracts/users";

const time = "2024-05-01T10:00:00.000Z";
export const product: Product = {
  id: "prd_1",
  sku: "MUG",
  name: "Mug",
  description: "",
  category: "kitchen",
  price: { amount: 1999, currency: "USD" },
  stock: 5,
  available: 5,
  images: [],
  attributes: {},
  rating: null,
  version: 3,
  createdAt: time,
  updatedAt: time,
};
export const user: User = {
  id: "usr_1",
  email: "kim@example.com",
  name: "Kim",
  role: "customer",
  locale: "ko",
  emailVerified: false,
  disabled: false,
  version: 2,
  createdAt: time,
};
export const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
export const order: Order = {
  id: "ord_1",
  userId: "usr_1",
  status: "confirmed",
  items: [
    {
      productId: "prd_1",
      sku: "MUG",
      name: "Mug",
      quantity: 1,
      unitPrice: { amount: 1999, currency: "USD" },
      lineTotal: { amount: 1999, currency: "USD" },
    },
  ],
  total: { amount: 1999, currency: "USD" },
  shippingAddress,
  payment: { method: "sandbox:ok", status: "captured", reference: null },
  version: 7,
  createdAt: time,
  updatedAt: time,
};
const { items: _lines, ...summary } = order;
export const orderSummary: OrderSummary = { ...summary, lineCount: 1, pieceCount: 1 };
export const pageOf = <T>(...items: T[]) => ({
  items,
  page: 1,
  limit: 10,
  total: items.length,
  pages: 1,
  nextCursor: null,
});

/** What clients send: an account, a sign-in, a product, an order. */
export const register = { email: "kim@example.com", password: "correct horse", name: "Kim" };
export const draft = {
  sku: "MUG",
  name: "Mug",
  category: "kitchen",
  price: { amount: 1999, currency: "USD" },
  stock: 5,
};
export const basket = {
  items: [{ productId: "prd_1", quantity: 1 }],
  shippingAddress,
  payment: { method: "sandbox:ok" },
};

// What the services of the read benchmark answer, the shop's own and the stock ones: a product, an order, a page.
import type { Order } from "../../contracts/orders";
import type { Product } from "../../contracts/products";

const time = "2026-01-01T09:30:00.000Z";

export const product: Product = {
  id: "prd_0123456789abcdef0123456789abcdef",
  sku: "MUG-CELADON-300",
  name: "Celadon mug",
  description: "Thrown by hand and glazed in pale green; holds 300 ml and keeps its tea warm.",
  category: "kitchen",
  price: { amount: 2900, currency: "USD" },
  stock: 120,
  available: 117,
  images: ["https://images.example.com/mug-celadon-300.jpg"],
  attributes: { colour: "celadon", volume: "300 ml" },
  rating: null,
  version: 4,
  createdAt: time,
  updatedAt: time,
};

const { id: productId, sku, name, price: unitPrice } = product;
const line = { productId, sku, name, quantity: 2, unitPrice, lineTotal: { amount: 5800, currency: "USD" } };

export const order: Order = {
  id: "ord_0123456789abcdef0123456789abcdef",
  userId: "usr_0123456789abcdef0123456789abcdef",
  status: "confirmed",
  items: [line, line, line],
  total: { amount: 17_400, currency: "USD" },
  shippingAddress: { name: "Kim Minji", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" },
  payment: { method: "sandbox:ok", status: "captured", reference: "sbx_0123456789abcdef" },
  version: 3,
  createdAt: time,
  updatedAt: time,
};

export const page = {
  items: Array.from({ length: 20 }, () => product),
  page: 1,
  limit: 20,
  total: 2000,
  pages: 100,
  nextCursor: null,
};

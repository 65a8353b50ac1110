// What the monolith takes and answers: the same request, and the same order, as the shop's own.
import { type Static, Type } from "@sinclair/typebox";

const closed = { additionalProperties: false } as const;
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[^\\p{Cc}]*$" });
const Id = Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9_-]+$" });

const Money = Type.Object({ amount: Type.Integer({ minimum: 0 }), currency: Type.String({ pattern: "^[A-Z]{3}$" }) });
const Line = Type.Object({ productId: Id, quantity: Type.Integer({ minimum: 1, maximum: 1000 }) }, closed);
const Address = Type.Object(
  {
    name: text(100),
    line1: text(200),
    line2: Type.Optional(text(200)),
    city: text(100),
    region: Type.Optional(text(100)),
    postalCode: text(20),
    country: Type.String({ pattern: "^[A-Z]{2}$" }),
  },
  closed,
);
const Method = Type.Union([Type.Literal("sandbox:ok"), Type.Literal("sandbox:declined")]);

export const PlaceOrder = Type.Object(
  {
    items: Type.Array(Line, { minItems: 1, maxItems: 100 }),
    shippingAddress: Address,
    payment: Type.Object({ method: Method }, closed),
  },
  closed,
);
export type PlaceOrder = Static<typeof PlaceOrder>;

export const KeyHeader = Type.Object({ "idempotency-key": Type.String({ minLength: 1, maxLength: 255 }) });
export type KeyHeader = Static<typeof KeyHeader>;

const OrderLine = Type.Object({
  productId: Type.String(),
  sku: Type.String(),
  name: Type.String(),
  unitPrice: Money,
  quantity: Type.Integer(),
  lineTotal: Money,
});
export type OrderLine = Static<typeof OrderLine>;

export const Order = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  status: Type.String(),
  items: Type.Array(OrderLine),
  total: Money,
  shippingAddress: Address,
  payment: Type.Object({
    method: Type.String(),
    status: Type.String(),
    reference: Type.Union([Type.String(), Type.Null()]),
  }),
  version: Type.Integer(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
export type Order = Static<typeof Order>;

export const OrderAnswer = Type.Object({ success: Type.Literal(true), data: Order });

export const NewProduct = Type.Object({
  sku: text(64),
  name: text(200),
  description: Type.String(),
  category: text(64),
  price: Money,
  stock: Type.Integer({ minimum: 0 }),
});
export type NewProduct = Static<typeof NewProduct>;

export const Registration = Type.Object({ email: text(254), password: text(128), name: text(100) });
export type Registration = Static<typeof Registration>;

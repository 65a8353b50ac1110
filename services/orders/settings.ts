// The settings of orders.
import { Type } from "@sinclair/typebox";
import { CurrencySetting } from "../../contracts/common";
import { choice } from "../../lib/contract";
import { storeSettings } from "../../lib/store/settings";

export const settings = Type.Object({
  ...storeSettings.properties,
  CURRENCY: CurrencySetting,
  /** As for payments: in production, without it, no payment method is taken for money. */
  PAYMENT_PROVIDER: Type.Optional({ ...choice("sandbox"), default: "sandbox", inProduction: { default: undefined } }),
  /** Milliseconds after which an order that is still pending is rejected. */
  ORDER_EXPIRY_MS: Type.Integer({ default: 15 * 60_000, minimum: 1000, maximum: 7 * 24 * 3_600_000 }),
});

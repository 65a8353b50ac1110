// The settings of payments.
import { Type } from "@sinclair/typebox";
import { choice } from "../../lib/contract";
import { storeSettings } from "../../lib/store/settings";

export const settings = Type.Object({
  ...storeSettings.properties,
  /** In production the sandbox, which takes no money, is used by whoever says so and by nobody else. */
  PAYMENT_PROVIDER: {
    ...choice("sandbox"),
    default: "sandbox",
    wanted: "sandbox, the only provider so far: it takes no real money",
    inProduction: { required: true },
  },
  PAYMENT_TIMEOUT_MS: Type.Integer({ default: 1500, minimum: 50, maximum: 60_000 }),
});

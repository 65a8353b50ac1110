// The settings of products.
import { Type } from "@sinclair/typebox";
import { CurrencySetting } from "../../contracts/common";
import { choice } from "../../lib/contract";
import { storeSettings } from "../../lib/store/settings";

export const settings = Type.Object({
  ...storeSettings.properties,
  CURRENCY: CurrencySetting,
  /** Whether an empty shop is filled with sample products. */
  SAMPLE_CATALOGUE: { ...choice("yes", "no"), default: "yes", inProduction: { default: "no" } },
});

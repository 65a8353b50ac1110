// The settings of users: the shop's first admin, the key that signs tokens, and what hashing may cost.
import { Type } from "@sinclair/typebox";
import { LocaleSetting } from "../../contracts/common";
import { storeSettings } from "../../lib/store/settings";

const inProduction = { required: true } as const;

export const settings = Type.Object({
  ...storeSettings.properties,
  ADMIN_EMAIL: Type.Optional(
    Type.String({ pattern: "^[^\\s@]+@[^\\s@]+$", wanted: "the first admin's e-mail address", inProduction }),
  ),
  ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: 8,
      maxLength: 128,
      secret: true,
      wanted: "the first admin's password, 8 to 128 characters long",
      inProduction,
    }),
  ),
  TOKEN_KEY: Type.Optional(Type.String({ secret: true, wanted: "the PEM of an EC P-256 private key", inProduction })),
  PASSWORD_WORKERS: Type.Integer({ default: 2, minimum: 1, maximum: 64 }),
  DEFAULT_LOCALE: LocaleSetting,
});

// The settings of users: the shop's first admin, the key that signs tokens, and what hashing may cost.
import { Type } from "@sinclair/typebox";
import { LocaleSetting } from "../../contracts/common";
import { PASSWORD_LENGTH } from "../../contracts/users";
import { storeSettings } from "../../lib/store/settings";

const inProduction = { required: true } as const;

export const settings = Type.Object({
  ...storeSettings.properties,
  ADMIN_EMAIL: Type.Optional(
    Type.String({ pattern: "^[^\\s@]+@[^\\s@]+$", wanted: "the first admin's e-mail address", inProduction }),
  ),
  ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: PASSWORD_LENGTH.min,
      maxLength: PASSWORD_LENGTH.max,
      secret: true,
      wanted: `the first admin's password, ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters long`,
      inProduction,
    }),
  ),
  TOKEN_KEY: Type.Optional(Type.String({ secret: true, wanted: "the PEM of an EC P-256 private key", inProduction })),
  PASSWORD_WORKERS: Type.Integer({ default: 2, minimum: 1, maximum: 64 }),
  DEFAULT_LOCALE: LocaleSetting,
});

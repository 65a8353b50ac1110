// The gateway's settings.
import { isIPv6 } from "node:net";
import { Type } from "@sinclair/typebox";
import { LocaleSetting } from "../../contracts/common";

const isHost = (value: string) => isIPv6(value) || /^[\w-][\w.-]*$/.test(value);
const isOrigin = (value: string) => value === "*" || (URL.canParse(value) && new URL(value).origin === value);

export const settings = Type.Object({
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535 }),
  HOST: Type.String({ default: "127.0.0.1", check: isHost, wanted: "a host name or an IP address" }),
  CORS_ORIGINS: Type.Array(Type.String({ check: isOrigin }), {
    default: [],
    wanted: "* or origins such as https://shop.example, comma-separated",
  }),
  DEFAULT_LOCALE: LocaleSetting,
});

// The settings of mail.
import { Type } from "@sinclair/typebox";
import { address } from "../../lib/env";
import { storeSettings } from "../../lib/store/settings";

export const settings = Type.Object({
  ...storeSettings.properties,
  /** Without it, mails become files in DATA_DIR/outbox. */
  SMTP_URL: Type.Optional(address(["smtp", "smtps"], "an smtp:// or smtps:// address")),
  MAIL_FROM: Type.String({
    default: "Jangteo <shop@jangteo.example>",
    pattern: "^[^\\n@]+@[^\\s@>]+>?$",
    wanted: "a sender such as Shop <shop@example.com>",
  }),
});

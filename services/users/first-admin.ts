// Makes sure that somebody can administrate the shop: the first admin, from the settings or with a made-up password.
import { randomInt } from "node:crypto";
import { users } from "../../contracts/users";
import type { Static } from "@sinclair/typebox";
import { StartupError } from "../../lib/errors";
import { Refusal } from "../../lib/refusal";
import type { Logger } from "../../lib/logger";
import { compileCheck } from "../../lib/validate";
import type { PasswordCommands } from "./password-commands";
import type { RegistrationCommands } from "./registration-commands";
import type { settings } from "./settings";

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
/** Good for being read out and typed in once. */
export const madeUpPassword = () => [group(), group(), group(), group()].join("-");

const DEFAULT_EMAIL = "admin@jangteo.example";

type Settings = Pick<Static<typeof settings>, "ADMIN_EMAIL" | "ADMIN_PASSWORD" | "DEFAULT_LOCALE">;

/** @throws StartupError when nobody could sign in with the address */
export const checkAdminEmail = (adminEmail: string | undefined): void => {
  const check = compileCheck(users.login.params.properties.email);
  if (adminEmail !== undefined && check(adminEmail).length > 0)
    throw new StartupError(
      `ADMIN_EMAIL=${adminEmail} is not usable: it must be an e-mail address such as admin@jangteo.example.`,
    );
};

interface Given {
  registrations: Pick<RegistrationCommands, "registerFirstAdmin">;
  passwords: Pick<PasswordCommands, "isAdminWith">;
  settings: Settings;
  newId(): string;
  /** Tells the person who started the process. */
  notice(line: string): void;
  logger: Pick<Logger, "warn">;
}

/** Settings that do nothing must say so: who changes one expects that it counts. */
const tellIgnored = async (
  passwords: Given["passwords"],
  { ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword }: Settings,
  notice: Given["notice"],
): Promise<void> => {
  const email = adminEmail ?? DEFAULT_EMAIL;
  if (adminEmail === undefined && adminPassword === undefined) return;
  const found = await passwords.isAdminWith(email, adminPassword);
  if (found === "no admin")
    notice(`ADMIN_EMAIL and ADMIN_PASSWORD are ignored: the shop has an admin, and it is not ${email}.`);
  if (found === "another password") {
    const lost = `Is it lost? Then: npm run admin -- reset ${email}`;
    notice(`ADMIN_PASSWORD is ignored: the admin ${email} exists and has another password. ${lost}`);
  }
};

/** Creates the first admin when there is none. A made-up password is shown once and kept nowhere. */
export const createFirstAdmin = async ({
  registrations,
  passwords,
  settings,
  newId,
  notice,
  logger,
}: Given): Promise<void> => {
  const email = settings.ADMIN_EMAIL ?? DEFAULT_EMAIL;
  const password = settings.ADMIN_PASSWORD ?? madeUpPassword();
  try {
    const admin = await registrations.registerFirstAdmin(
      newId(),
      { email, name: "Admin", locale: settings.DEFAULT_LOCALE },
      password,
    );
    if (!admin) await tellIgnored(passwords, settings, notice);
    else if (settings.ADMIN_PASSWORD === undefined) notice(`Admin: ${email} · password: ${password} (shown only now)`);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "EMAIL_TAKEN")) throw error;
    logger.warn(`No admin was created: ${email} belongs to a customer. Set ADMIN_EMAIL to another address.`);
  }
};

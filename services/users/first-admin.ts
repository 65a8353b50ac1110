// Makes sure that somebody can administrate the shop: the first admin, from the settings or with a made-up password.
import { randomInt } from "node:crypto";
import { users } from "../../contracts/users";
import type { Config } from "../../lib/config";
import { Refusal, StartupError } from "../../lib/refusal";
import type { Logger } from "../../lib/service";
import { compileCheck } from "../../lib/validate";
import type { Accounts } from "./accounts";

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
const madeUpPassword = () => [group(), group(), group(), group()].join("-");

type Settings = Pick<Config, "adminEmail" | "adminPassword" | "defaultLocale">;

/** @throws StartupError when nobody could sign in with the address */
export const checkAdminEmail = ({ adminEmail }: Settings): void => {
  const check = compileCheck(users.login.params.properties.email);
  if (adminEmail !== undefined && check(adminEmail).length > 0) throw new StartupError(`ADMIN_EMAIL=${adminEmail} is not usable: it must be an e-mail address such as admin@jangteo.example.`);
};

interface Shop {
  accounts: Pick<Accounts, "createFirstAdmin">;
  settings: Settings;
  newId(): string;
  /** Tells the person who started the process. */
  notice(line: string): void;
  logger: Pick<Logger, "warn">;
}

/** Creates the first admin when there is none. A made-up password is shown once and kept nowhere. */
export const createFirstAdmin = async ({ accounts, settings, newId, notice, logger }: Shop): Promise<void> => {
  const email = settings.adminEmail ?? "admin@jangteo.example";
  const password = settings.adminPassword ?? madeUpPassword();
  try {
    const admin = await accounts.createFirstAdmin(newId(), { email, name: "Admin", locale: settings.defaultLocale }, password);
    if (admin && settings.adminPassword === undefined) notice(`Admin: ${email} · password: ${password} (shown only now)`);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "EMAIL_TAKEN")) throw error;
    logger.warn(`No admin was created: ${email} belongs to a customer. Set ADMIN_EMAIL to another address.`);
  }
};

// Makes sure that somebody can administrate the shop: the first admin, from the settings or with a made-up password.
import { randomInt } from "node:crypto";
import type { Config } from "../../lib/config";
import { Refusal } from "../../lib/refusal";
import type { Registration } from "./user";

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
const madeUpPassword = () => [group(), group(), group(), group()].join("-");

interface Wishes {
  config: Pick<Config, "adminEmail" | "adminPassword" | "defaultLocale">;
  create(registration: Registration, password: string): Promise<unknown>;
  /** Tells the person who started the process. */
  notice(line: string): void;
}

/** Creates the first admin. A made-up password is shown once and kept nowhere. */
export const createFirstAdmin = async ({ config, create, notice }: Wishes): Promise<void> => {
  const email = config.adminEmail ?? "admin@jangteo.example";
  const password = config.adminPassword ?? madeUpPassword();
  try {
    await create({ email, name: "Admin", role: "admin", locale: config.defaultLocale }, password);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "EMAIL_TAKEN")) throw error;
    return notice(`No admin was created: ${email} is registered already. Set ADMIN_EMAIL to another address.`);
  }
  if (config.adminPassword === undefined) notice(`Admin: ${email}   password: ${password}   (shown only now)`);
};

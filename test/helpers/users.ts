// The users service for a test file, with an admin, and short words for what people do there.
import { decode } from "jsonwebtoken";
import type { SignIn } from "../../contracts/users";
import { type Started, startServices } from "./broker";

export const PASSWORD = "correct horse battery";
export const ADMIN = { ADMIN_EMAIL: "boss@jangteo.example", ADMIN_PASSWORD: "the admin's own password" };

let people = 0;
/** An address nobody has yet. */
export const nextEmail = () => `person${(people += 1)}@example.com`;

/** Matches an error that crossed the wire with this refusal code. */
export const refused = (type: string) => expect.objectContaining({ type }) as Error;

export const sessionOf = ({ token }: SignIn) => (decode(token) as { sid: string }).sid;

export const peopleOf = (shop: Started) => {
  const login = (email: string, password = PASSWORD) => shop.call("users.login", { email, password });
  return {
    register: (email = nextEmail()) => shop.call("users.register", { email, password: PASSWORD, name: "Kim Minji" }),
    login,
    loginAdmin: async () => (await login(ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)).token,
    refresh: (refreshToken: string) => shop.call("users.refresh", { refreshToken }),
    /** What an admin changes of an account. */
    change: (token: string, id: string, changes: { role?: "customer" | "admin"; disabled?: boolean }) =>
      shop.call("users.change", { id, ...changes }, { token }),
    eventsOf: async (id: string) =>
      (await shop.call("users.feed", { after: 0, limit: 1000 })).commits
        .flatMap(commit => commit.events)
        .filter(event => event.aggregateId === id),
  };
};

/** Starts the users service with an admin from the settings. */
export const startUsers = async (now?: () => Date) => {
  const shop = await startServices(["users"], { env: ADMIN, ...(now ? { now } : {}) });
  return { shop, ...peopleOf(shop) };
};

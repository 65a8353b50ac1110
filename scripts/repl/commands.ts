// The commands that the shop adds to Moleculer's REPL: login, whoami, logout.
import type { User } from "../../contracts/users";
import type { Bus } from "../../lib/moleculer/bus";
import { messageOf } from "../../lib/errors";
import { inWords } from "./broker";
import type { ReplSession } from "./session";

interface Command {
  params?: { words: string[] };
  parent: { rawArgs: string[] };
}

/** As typed, whatever the words begin with: a password is no option. */
const parse = (command: Command) => {
  command.params = { words: command.parent.rawArgs.slice(3) };
};

const person = ({ email, role, name, id }: User) => `${email} (${name}), ${role}, ${id}`;

/** Never the error itself: what is wrong with a login is said without what was typed. */
const sentence = (error: unknown) => messageOf(inWords(error));

const command = (name: string, description: string, run: (words: readonly string[]) => Promise<string>) => ({
  command: name,
  description,
  allowUnknownOptions: true,
  parse,
  action: async (_broker: unknown, { words }: { words: string[] }) => {
    try {
      console.log(await run(words));
    } catch (error) {
      console.error(sentence(error));
    }
  },
});

export const replCommands = (session: ReplSession, call: Bus["call"]) => [
  command(
    "login <email> <password>",
    "Sign in: from then on call, dcall and bench run as this user",
    async ([email, password, ...more]) => {
      if (email === undefined || password === undefined || more.length > 0)
        return "login takes an e-mail address and a password; put quotes around one with spaces.";
      const user = await session.login(email, password);
      return `Signed in as ${person(user)}. Calls run as this user until logout or exit.`;
    },
  ),
  command("whoami", "Show as whom calls run", async () => {
    const token = await session.token();
    if (token === undefined) return "Nobody is signed in: calls run as nobody. login <email> <password>";
    const { user } = await call("users.profile", {}, { token });
    return person(user);
  }),
  command("logout", "End the session: calls run as nobody again", async () => {
    const { user } = session;
    if (!user) return "Nobody is signed in.";
    await session.logout();
    return `Signed out ${user.email}.`;
  }),
];

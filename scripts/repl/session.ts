// Who is signed in at a REPL: his tokens live in this process's memory and nowhere else, and are renewed in time.
import type { SignIn, User } from "../../contracts/users";
import type { Bus } from "../../lib/moleculer/bus";

/** Milliseconds before its end from which an access token is not used any more. */
const MARGIN = 30_000;

interface Signed extends SignIn {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const hasType = (error: unknown, type: string) =>
  typeof error === "object" && error !== null && "type" in error && error.type === type;

export class ReplSession {
  private signed: Signed | undefined;
  private renewing: Promise<Signed> | undefined;

  /**
   * @param call calls as nobody
   * @param onChange called when another user, or nobody, is signed in
   */
  constructor(
    private readonly call: Bus["call"],
    private readonly onChange: (user: User | undefined) => void,
    private readonly now: () => number = () => Date.now(),
  ) {}

  get user(): User | undefined {
    return this.signed?.user;
  }

  /** @throws the refusal of users.login; who was signed in before stays it then */
  async login(email: string, password: string): Promise<User> {
    const signed = this.keep(await this.call("users.login", { email, password }));
    await this.logout().catch(() => undefined);
    this.become(signed);
    return signed.user;
  }

  /** Ends the session, here in every case. @throws when it could not be ended in the shop, too */
  async logout(): Promise<void> {
    const { signed } = this;
    if (!signed) return;
    this.become(undefined);
    const { token, refreshToken } = signed;
    await this.call("users.logout", { refreshToken }, { token });
  }

  /**
   * The access token to call with; undefined when nobody is signed in.
   * @throws Error when the session has ended: what its user asks for must not be done as nobody
   */
  async token(): Promise<string | undefined> {
    const { signed } = this;
    if (!signed || signed.expiresAt - this.now() > MARGIN) return signed?.token;
    this.renewing ??= this.renew(signed).finally(() => (this.renewing = undefined));
    return (await this.renewing).token;
  }

  /** To be told when a call with this token was answered that it is not, or no longer, one. */
  ended(token: string): void {
    if (this.signed?.token === token) this.become(undefined);
  }

  private async renew(signed: Signed): Promise<Signed> {
    try {
      const renewed = this.keep(await this.call("users.refresh", { refreshToken: signed.refreshToken }));
      if (this.signed === signed) this.become(renewed);
      return renewed;
    } catch (error) {
      if (!hasType(error, "INVALID_REFRESH_TOKEN")) throw error;
      this.ended(signed.token);
      throw new Error(`The session of ${signed.user.email} has ended: login again. Nothing was called.`, {
        cause: error,
      });
    }
  }

  private keep = (signIn: SignIn): Signed => ({ ...signIn, expiresAt: this.now() + signIn.expiresIn * 1000 });

  private become(signed: Signed | undefined): void {
    this.signed = signed;
    this.onChange(signed?.user);
  }
}

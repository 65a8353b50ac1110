// The one way to a session and to an access token: past the account as the log has it.
import type { SignIn } from "../../contracts/users";
import { ACCESS_TOKEN_LIFE_S } from "../../lib/access/claims";
import { Refusal } from "../../lib/refusal";
import type { Session, Sessions } from "./sessions";
import { type AccountState, show } from "./account";
import { admitted, goesOn } from "./account.rules";

interface Given {
  sessions: Sessions;
  newSessionId(): string;
  /** Signs an access token. */
  issue(caller: { id: string; role: "customer" | "admin"; session: string; version: number }): Promise<string>;
}

export class SignIns {
  constructor(private readonly given: Given) {}

  /**
   * Opens a session.
   * @param account as it was loaded from the log before its password was checked: what ended since ends this session
   * too
   * @throws Refusal UNAUTHENTICATED when it may not sign in
   */
  async begin(account: AccountState): Promise<SignIn> {
    const { user, version } = admitted(account, account.version);
    return this.proceed(account, await this.given.sessions.begin(this.given.newSessionId(), user.id, version));
  }

  /**
   * Gives a session a new access token.
   * @param account as it was loaded from the log just now
   * @throws Refusal INVALID_REFRESH_TOKEN when the session is over
   */
  async proceed(account: AccountState, { id: session, accountVersion, refreshToken }: Session): Promise<SignIn> {
    if (!goesOn(account, accountVersion)) throw new Refusal("INVALID_REFRESH_TOKEN");
    const { user, version } = account;
    const token = await this.given.issue({ id: user.id, role: user.role, session, version });
    return { user: show(account), token, refreshToken, expiresIn: ACCESS_TOKEN_LIFE_S };
  }
}

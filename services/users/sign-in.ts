// The one way to a session and to an access token: past the account as the log has it.
import type { SignIn } from "../../contracts/users";
import { ACCESS_TOKEN_LIFE_S } from "../../lib/access/claims";
import { Refusal } from "../../lib/refusal";
import type { Session, Sessions } from "./sessions";
import { type AccountState, admitted, goesOn, show } from "./account.rules";

interface Desk {
  sessions: Sessions;
  newSessionId(): string;
  /** Signs an access token. */
  issue(caller: { id: string; role: "customer" | "admin"; session: string; version: number }): Promise<string>;
}

export class SignIns {
  constructor(private readonly desk: Desk) {}

  /**
   * Opens a session.
   * @param account as it was loaded from the log before its password was checked: what ended since ends this session
   * too
   * @throws Refusal UNAUTHENTICATED when it may not sign in
   */
  async begin(account: AccountState): Promise<SignIn> {
    const { user, version } = admitted(account, account.version);
    return this.proceed(account, await this.desk.sessions.begin(this.desk.newSessionId(), user.id, version));
  }

  /**
   * Gives a session a new access token.
   * @param account as it was loaded from the log just now
   * @throws Refusal INVALID_REFRESH_TOKEN when the session is over
   */
  async proceed(account: AccountState, { id: session, accountVersion, refreshToken }: Session): Promise<SignIn> {
    if (!goesOn(account, accountVersion)) throw new Refusal("INVALID_REFRESH_TOKEN");
    const { user, version } = account;
    const token = await this.desk.issue({ id: user.id, role: user.role, session, version });
    return { user: show(account), token, refreshToken, expiresIn: ACCESS_TOKEN_LIFE_S };
  }
}

// Accounts for tests of the rules: somebody, and an account as the log tells it.
import type { userEvents } from "../../contracts/users";
import type { RecordedOf } from "../../lib/events/event-store";
import type { Refusal } from "../../lib/refusal";
import {
  type Account,
  type AccountState,
  evolve,
  isAccountEvent,
  noAccount,
  type UserEvent,
} from "../../services/users/account";
import { known, register } from "../../services/users/account.rules";

export const kim = { email: "Kim.Minji@Example.com", name: "Kim Minji", role: "customer", locale: "ko" } as const;

/** The account after these events, as the log would have recorded them. */
export const given = (...events: UserEvent[]): Account =>
  known(
    events
      .map(
        (event, index) =>
          ({
            ...event,
            id: `usr_1-${index + 1}`,
            aggregateId: "usr_1",
            version: index + 1,
            timestamp: `2026-01-01T00:00:0${index}.000Z`,
          }) as RecordedOf<typeof userEvents>,
      )
      .filter(isAccountEvent)
      .reduce<AccountState>(evolve, noAccount),
  );
export const customer = () => given(...register(kim));
export const admin = () => given(...register({ ...kim, role: "admin" }));
export const types = (events: readonly UserEvent[]) => events.map(event => event.type);
export const refusal = (code: string) => expect.objectContaining({ code }) as Refusal;

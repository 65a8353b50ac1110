// Who is there? The list of accounts.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { User } from "../../contracts/users";
import { countIn } from "../../lib/events/counters";
import { type Asked, type List, readPage } from "../../lib/paging";
import { show } from "./account";
import { type AccountModel, ALL_ACCOUNTS, type Entry } from "./account-entry";

export class AccountList {
  constructor(private readonly model: Pick<AccountModel, "read">) {}

  /** Oldest first. */
  list(asked: Partial<Asked>): Promise<Page<User>> {
    const list: List<Entry, User> = { query: {}, sort: ["createdAt", "_id"], show: ({ account }) => show(account) };
    return this.model.read(({ entries, counts }) =>
      readPage(entries, list, { limit: PAGE_SIZE, ...asked }, counts.get(ALL_ACCOUNTS).then(countIn)),
    );
  }
}

// Who is there? The list of accounts.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { User } from "../../contracts/users";
import { countIn } from "../../lib/events/counters";
import { show } from "./account";
import { type AccountModel, ALL_ACCOUNTS } from "./account-entry";

export class AccountList {
  constructor(private readonly model: Pick<AccountModel, "read">) {}

  /** Oldest first. */
  list({ page = 1, limit = PAGE_SIZE }: { page?: number; limit?: number }): Promise<Page<User>> {
    return this.model.read(async ({ entries, counts }) => {
      const [counted, found] = await Promise.all([
        counts.get(ALL_ACCOUNTS),
        entries.find({ sort: ["createdAt", "_id"], offset: (page - 1) * limit, limit }),
      ]);
      const total = countIn(counted);
      const items = found.map(({ account }) => show(account));
      return { items, page, limit, total, pages: Math.ceil(total / limit) };
    });
  }
}

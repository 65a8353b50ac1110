// Who is there? The read model of accounts: by id, by e-mail address, and as a list.
import type { Page } from "../../contracts/common";
import type { User, userEvents } from "../../contracts/users";
import type { RecordedOf } from "../../lib/event-store";
import { project, type Versioned } from "../../lib/read-model";
import type { Collection, Store } from "../../lib/store";
import { type Account, type AccountState, isAccountEvent, noAccount, normalise } from "./user";

interface Entry extends Versioned {
  _id: string;
  email: string;
  createdAt: string;
  /** `admin:‹id›` for active admins, else `other:‹id›`. Different for each account: an index over two values alone would be a list of all. */
  rank: string;
  account: Account;
}

export class Directory {
  private constructor(private readonly entries: Collection<Entry>) {}

  static async open(store: Store): Promise<Directory> {
    return new Directory(await store.collection<Entry>("users", [{ field: "email" }, { field: "rank" }]));
  }

  async show(account: Account): Promise<void> {
    const { user, version, status } = account;
    const rank = `${user.role === "admin" && status === "active" ? "admin" : "other"}:${user.id}`;
    await project(this.entries, { _id: user.id, version, email: normalise(user.email), createdAt: user.createdAt, rank, account });
  }

  /** Brings the entry up to an event that it does not show yet. */
  async apply(event: RecordedOf<typeof userEvents>, load: (id: string) => Promise<AccountState>): Promise<void> {
    if (!isAccountEvent(event) || (await this.find(event.aggregateId)).version >= event.version) return;
    const account = await load(event.aggregateId);
    if (account.status !== "absent") await this.show(account);
  }

  async find(id: string): Promise<AccountState> {
    return (await this.entries.get(id))?.account ?? noAccount;
  }

  async byEmail(email: string): Promise<Account | undefined> {
    return (await this.entries.findOne({ email: normalise(email) }))?.account;
  }

  /** Active admins other than this one. */
  async otherAdmins(id: string): Promise<number> {
    return this.entries.count({ rank: { $gte: "admin:", $lt: "admin;" }, _id: { $ne: id } });
  }

  /** Oldest first. */
  async list({ page = 1, limit = 10 }: { page?: number; limit?: number }): Promise<Page<User>> {
    const [total, entries] = await Promise.all([this.entries.count(), this.entries.find({ sort: ["createdAt", "_id"], offset: (page - 1) * limit, limit })]);
    return { items: entries.map(entry => entry.account.user), page, limit, total, pages: Math.ceil(total / limit), nextCursor: null };
  }
}

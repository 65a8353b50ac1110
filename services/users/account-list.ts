// Who is there? The read model of accounts: by id, by e-mail address, and as a list.
import { type Page, PAGE_SIZE } from "../../contracts/common";
import type { User } from "../../contracts/users";
import { project, type Versioned } from "../../lib/events/read-model";
import type { Collection, Store } from "../../lib/store/store";
import { type Account, type AccountState, noAccount, normalise, show } from "./account";

/** What entries that were written by an earlier release do not have. */
type Newer = "credential" | "edited";

interface Entry extends Versioned {
  _id: string;
  emailKey: string;
  createdAt: string;
  account: Omit<Account, Newer> & Partial<Pick<Account, Newer>>;
}

/**
 * Passwords had no names then: there was the first one. And whichever change was the last one may have been one that
 * shows.
 */
const upToDate = ({ account, _id }: Entry): Account => {
  const { credential = _id, edited = account.version } = account;
  return { ...account, credential, edited };
};

export class AccountList {
  private constructor(private readonly entries: Collection<Entry>) {}

  static async open(store: Store): Promise<AccountList> {
    return new AccountList(await store.collection<Entry>("users", [{ field: "emailKey" }]));
  }

  async show(account: Account): Promise<void> {
    const { user, version } = account;
    await project(this.entries, {
      _id: user.id,
      version,
      emailKey: normalise(user.email),
      createdAt: user.createdAt,
      account,
    });
  }

  async find(id: string): Promise<AccountState> {
    const entry = await this.entries.get(id);
    return entry ? upToDate(entry) : noAccount;
  }

  /** The id of the account with this address. */
  async idOf(email: string): Promise<string | undefined> {
    return (await this.entries.findOne({ emailKey: normalise(email) }))?._id;
  }

  /** Oldest first. */
  async list({ page = 1, limit = PAGE_SIZE }: { page?: number; limit?: number }): Promise<Page<User>> {
    const [total, entries] = await Promise.all([
      this.entries.count(),
      this.entries.find({ sort: ["createdAt", "_id"], offset: (page - 1) * limit, limit }),
    ]);
    return { items: entries.map(entry => show(upToDate(entry))), page, limit, total, pages: Math.ceil(total / limit) };
  }
}

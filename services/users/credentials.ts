// Hashes of passwords, kept apart from the log, which others read. The log names the one that counts.
import { randomUUID } from "node:crypto";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { Refusal } from "../../lib/refusal";
import { type Collection, DuplicateKey } from "../../lib/store/store";
import type { PasswordHasher } from "./password-hasher";
import type { AccountState } from "./account";

export interface CredentialDocument {
  /** The hash's name: of an account's first one its id. */
  _id: string;
  hash: string;
}

export class Credentials {
  constructor(
    private readonly documents: Collection<CredentialDocument>,
    private readonly hasher: Pick<PasswordHasher, "hash" | "matches">,
  ) {}

  /** Whether it is the account's password. Without an account the answer is no, after the same work. */
  async match(account: AccountState, password: string, caller?: Caller): Promise<boolean> {
    const document = account.status === "absent" ? null : await this.documents.get(account.credential);
    return this.hasher.matches(password, document?.hash, caller);
  }

  async hash(password: string, caller?: Caller): Promise<string> {
    return this.hasher.hash(password, caller);
  }

  /**
   * Keeps the first hash of an account to be. Under a repeated id there is one already: then it must be of this
   * password.
   * @throws Refusal IDEMPOTENCY_KEY_REUSED
   */
  async keepFirst(id: string, hash: string, password: string): Promise<void> {
    try {
      await this.documents.insert({ _id: id, hash });
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
      if (!(await this.hasher.matches(password, (await this.documents.get(id))?.hash)))
        throw new Refusal("IDEMPOTENCY_KEY_REUSED");
    }
  }

  /** Keeps a hash that counts for nothing until the log names it. Its name. */
  async add(hash: string): Promise<string> {
    const name = `crd_${randomUUID().replaceAll("-", "")}`;
    await this.documents.insert({ _id: name, hash });
    return name;
  }

  async remove(name: string): Promise<void> {
    await this.documents.remove(name);
  }
}

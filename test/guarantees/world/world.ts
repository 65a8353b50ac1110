// What a run needs of the shop that it torments, be it a dozen processes or two shops in one.
import type { Store } from "../../../lib/store/store";
import type { Fault } from "../faults/plan";

export const ADMIN = { email: "admin@example.com", password: "an admin's password" };

/** Short waits, so that a short run sees their ends: for a silent payment provider, and for an order. */
export const SETTINGS = {
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  SAMPLE_CATALOGUE: "no",
  PAYMENT_TIMEOUT_MS: "300",
  ORDER_EXPIRY_MS: "10000",
};

export interface World {
  /** The gateways' addresses, which stay the same. */
  readonly gateways: readonly string[];
  /** DATA_DIR of all. */
  readonly dataDir: string;
  /** Where data and logs are, if they outlive the run. */
  readonly folder: string;
  /** Whatever can be struck, by name. */
  readonly targets: readonly { readonly name: string }[];
  /** What has ended without being told to, and why. */
  readonly endedByThemselves: readonly { name: string; why: string }[];
  /** Does what the plan says, and undoes it in time. Resolves when it is over. */
  strike(fault: Fault): Promise<void>;
  /** Resolves when everything runs, has said so, and all gateways agree. */
  whole(): Promise<void>;
  /** A service's own database, opened a second time. */
  openStore(name: string): Promise<Store>;
  /** Ends everything. @param keep leaves logs and data where they are */
  end(keep: boolean): Promise<void>;
}

/** Whether a gateway, and all that it needs, answers. */
export const isReady = async (address: string): Promise<boolean> => {
  try {
    return (await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
};

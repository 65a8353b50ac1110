// What a process of the cluster tells its supervisor over the IPC channel.

export type ChildMessage =
  /** The services are up. `address` is set by the process that hosts the gateway. */
  | { type: "ready"; address: string | undefined; notices: readonly string[] }
  /** The process cannot start, and says in one sentence why. */
  | { type: "refused"; reason: string };

/** Tells the supervisor, if there is one; false when this process was started by hand. */
export const tellSupervisor = (message: ChildMessage): Promise<boolean> =>
  new Promise(done => {
    if (process.send) process.send(message, () => done(true));
    else done(false);
  });

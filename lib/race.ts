// Ends a wait after some time, and leaves no timer behind when the answer was faster.

/**
 * The answer of `work`, or what `late` gives when that takes longer than `milliseconds`. The work itself goes on.
 * @throws what `work` throws, and what `late` throws
 */
export const raceTimer = async <T>(work: Promise<T>, milliseconds: number, late: () => T): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds);
  }).then(late);
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
};

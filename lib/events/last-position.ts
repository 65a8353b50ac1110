// Finds the end of a row without gaps, such as the positions of a log or the versions of a stream, in O(log n) looks.

/** The last number that exists, looking from `known` on, which does (or is 0). */
export const lastPosition = async (known: number, exists: (position: number) => Promise<boolean>): Promise<number> => {
  let low = known;
  let step = 1;
  while (await exists(low + step)) {
    low += step;
    step *= 2;
  }
  for (let high = low + step; high - low > 1;) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle;
    else high = middle;
  }
  return low;
};

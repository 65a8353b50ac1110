// One text per JSON value, whatever the order of its keys: for comparing and hashing requests.

/** JSON with sorted keys (the idea of RFC 8785, section 3.2.3). */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

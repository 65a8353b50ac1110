// Applies update operators to a document, as MongoDB does. Plain JavaScript: the thread that writes loads it as it is.

/** @typedef {Record<string, unknown>} Fields */

/** @param {unknown} value @returns {value is Fields} */
const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The object that holds the last part of a path, made where it is missing.
 * @param {Fields} document @param {string} path
 */
const place = (document, path) => {
  const parts = path.split(".");
  const last = parts.pop() ?? path;
  let at = document;
  for (const part of parts) {
    const next = at[part];
    if (next !== undefined && !isObject(next)) throw new TypeError(`${path} cannot be changed: ${part} is no object.`);
    at = next ?? (at[part] = /** @type {Fields} */ ({}));
  }
  return { at, last };
};

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** @param {unknown} value @param {string} path @returns {unknown[]} */
const arrayAt = (value, path) => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError(`${path} is no array.`);
  return value;
};

/** @type {Record<string, (before: unknown, operand: unknown, path: string) => unknown>} */
const operators = {
  $set: (_before, operand) => operand,
  $inc: (before = 0, operand, path) => {
    if (typeof before !== "number" || typeof operand !== "number") throw new TypeError(`${path} is no number.`);
    return before + operand;
  },
  $push: (before, operand, path) => [...arrayAt(before, path), operand],
  $addToSet: (before, operand, path) => {
    const items = arrayAt(before, path);
    return items.some(item => same(item, operand)) ? items : [...items, operand];
  },
  $pull: (before, operand, path) => arrayAt(before, path).filter(item => !same(item, operand)),
};

/**
 * The document after a change; the one given is changed in place.
 * @param {Fields} document @param {Readonly<Record<string, Readonly<Record<string, unknown>>>>} change
 * @throws TypeError for an operator that there is not, or one that does not fit what is there
 */
const applyChange = (document, change) => {
  for (const [operator, fields] of Object.entries(change)) {
    const apply = operators[operator];
    if (!apply && operator !== "$unset") throw new TypeError(`${operator} is no operator of this store.`);
    for (const [path, operand] of Object.entries(fields)) {
      if (path === "_id" && operand !== document._id) throw new TypeError("An _id does not change.");
      const { at, last } = place(document, path);
      if (apply) at[last] = apply(at[last], operand, path);
      else delete at[last];
    }
  }
  return document;
};

module.exports = { applyChange };

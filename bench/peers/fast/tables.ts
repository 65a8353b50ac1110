// The monolith's tables. An order is one row of JSON, as in a document store, with the columns that it is looked up by.
export const TABLES = `
CREATE TABLE IF NOT EXISTS products (
  id TEXT PRIMARY KEY, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL, category TEXT NOT NULL,
  price INTEGER NOT NULL, currency TEXT NOT NULL, stock INTEGER NOT NULL, reserved INTEGER NOT NULL DEFAULT 0,
  CHECK (reserved BETWEEN 0 AND stock)
) STRICT;
CREATE TABLE IF NOT EXISTS orders (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL, status TEXT NOT NULL, payment_status TEXT NOT NULL,
  created_at TEXT NOT NULL, request_hash TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS orders_of ON orders (user_id, created_at);
CREATE INDEX IF NOT EXISTS pending_of ON orders (user_id) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS unsettled ON orders (payment_status) WHERE payment_status IN ('pending', 'authorized');
CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL,
  data TEXT NOT NULL, UNIQUE (stream, version)
) STRICT;
CREATE TABLE IF NOT EXISTS mails (
  id INTEGER PRIMARY KEY, order_id TEXT NOT NULL, user_id TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
  UNIQUE (order_id, kind)
) STRICT;
`;

/**
 * The tables of a ledger. Cloudflare bills written rows, and each index entry is one. So there are no more indices than
 * look-ups during a request, and the indices on idempotency keys and continuations have entries only for charges with one.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS series (
    key TEXT PRIMARY KEY, data TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS charges (
    id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, state TEXT NOT NULL, act_at INTEGER,
    idempotency TEXT, continuation TEXT, data TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS charges_act ON charges (act_at, sequence);
  CREATE INDEX IF NOT EXISTS charges_key ON charges (idempotency, sequence) WHERE idempotency IS NOT NULL;
  CREATE INDEX IF NOT EXISTS charges_continuation ON charges (continuation, sequence) WHERE continuation IS NOT NULL;
  CREATE INDEX IF NOT EXISTS charges_unsettled ON charges (sequence) WHERE state = 'unsettled';
  CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, data TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY, data TEXT NOT NULL
  );
`

export const TABLES = ['head', 'series', 'charges', 'grants', 'entries', 'records'] as const

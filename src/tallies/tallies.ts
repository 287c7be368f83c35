import { findNear, forgetNear } from './accounts.ts'
import type { TallyPlugin } from './plugin.ts'
import { createRecorder } from './recorder.ts'
import { applyTally } from './rules/book.ts'
import { tallySink } from './sink.ts'
import { SqlTallies } from './sqltallies.ts'

/** The sums of traffic and money. Every endpoint that shows them names this one. */
export const TALLIES: TallyPlugin = {
  createRecorder,
  sinkFor: tallySink,
  findNear,
  forgetNear,
  keeping: { open: (sql) => new SqlTallies(sql), apply: applyTally },
}

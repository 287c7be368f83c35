/**
 * Writes fewer lines of the log, or several at once, if the operator asks for it.
 *
 * A line costs about as much as the decision it tells of, and most lines of a site under crawlers say the same. Two things
 * help: to write a share of such lines, each of which says what share it stands for; and to write lines in batches. The
 * lines that somebody may be asked about are never left out and never wait: errors, charges, and what was done at the
 * gate's own endpoints.
 */
import type { Clock } from './ports.ts'
import type { Log, LogRecord, WriteLines } from './logrecord.ts'

/** The lines that are written, and when. */
export interface LogPolicy {
  /** The share of lines written for each decision, from 0 to 1. A decision that is not named has all its lines. */
  readonly sample: { readonly [decision in LogRecord['decision']]?: number | undefined }
  /** Undefined if each line is written at once. */
  readonly batch: BatchBounds | undefined
}

interface BatchBounds {
  readonly lines: number
  /** The longest wait of a line, in milliseconds. */
  readonly waitMs: number
}

/** Creates the log of one isolate. `write` writes lines together. */
export function createLog(write: WriteLines, { sample, batch }: LogPolicy, clock: Clock): Log {
  const log: Log = batch === undefined ? (record) => write([record]) : createBatch(write, batch, clock)
  if (Object.keys(sample).length === 0) return log
  return (record, waitUntil) => {
    const share = sample[record.decision] ?? 1
    if (share === 1 || isOwed(record)) log(record, waitUntil)
    else if (isDrawn(record.id, share)) log({ ...record, sampled: share }, waitUntil)
  }
}

/** Returns true for a line that must be there whatever the shares are, and at once. */
function isOwed({ status, decision, charged, audit }: LogRecord): boolean {
  return (status >= 500 && decision !== 'prefetch') || charged !== undefined || audit !== undefined
}

/** Draws by the request's id, a random UUID of the gate's own: no client chooses if its line is written. */
function isDrawn(id: string, share: number): boolean {
  return Number.parseInt(id.slice(0, 8), 16) < share * 2 ** 32
}

/**
 * Gathers lines, and writes them once there are enough or the first has waited long enough. The timer belongs to the
 * request that set it, and may end with it; so every line looks at the time too.
 */
function createBatch(write: WriteLines, { lines, waitMs }: BatchBounds, clock: Clock): Log {
  let waiting: LogRecord[] = []
  let since = 0
  let timerUntil = 0
  const flush = (): void => {
    const records = waiting
    waiting = []
    if (records.length > 0) write(records)
  }
  return (record, waitUntil) => {
    const now = clock()
    if (waiting.length === 0) since = now
    waiting.push(record)
    const waitedMs = now - since
    const mayWait = waitUntil !== undefined && !isOwed(record) && waiting.length < lines
    if (!mayWait || waitedMs < 0 || waitedMs >= waitMs) return flush()
    if (now >= timerUntil || timerUntil > now + waitMs) {
      timerUntil = now + waitMs
      waitUntil(new Promise((done) => setTimeout(done, waitMs)).then(flush))
    }
  }
}

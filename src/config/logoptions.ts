/** The options of the log. */
export interface LogOptions {
  /** Names the secret that keys the hash of accounts in the log. Without it the log has no accounts. */
  accountKey?: string
  /**
   * The share of lines that are written, by their `decision`. A line that stands for others has its share as `sampled`:
   * count the line as 1/`sampled`. Errors, charges and the gate's own endpoints always have their lines. Default: all lines.
   *
   * @example
   * ```ts options
   * log: { sample: { refuse: 0.01, serve: 0.1 } }
   * ```
   */
  sample?: SampleOptions
  /**
   * Gathers lines and writes them together. Default: each line is written at once.
   *
   * @example
   * ```ts options
   * log: { batch: { lines: 100, seconds: 1 } }
   * ```
   */
  batch?: BatchOptions
}

/** The share of lines written for each decision, from 0 (none) to 1 (all, the default). */
export interface SampleOptions {
  serve?: number
  refuse?: number
  /** Prefetches that were declined. */
  prefetch?: number
  preflight?: number
}

/**
 * The bounds of a batch. The lines of a batch are one `console.log`, a line of text each. Errors and charges end the batch
 * that they are in. An isolate that dies loses the lines it has gathered.
 */
export interface BatchOptions {
  /** The most lines of a batch. Default 100. */
  lines?: number
  /** The longest wait of a line. Default 1. */
  seconds?: number
}

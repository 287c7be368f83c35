import { refusal } from '../core/problem.ts'

/** The refusal if something must be recorded before it is served, and cannot be. */
export const UNAVAILABLE = refusal(
  'ledger-unavailable',
  'What this would use cannot be recorded now. Nothing was charged.',
)

import type { Lever } from '../access/lever.ts'
import { instant, type InstantView } from '../ledger/ledgerview.ts'

/** A lever in effect, as an operator's order wrote it: `{"open": {"route": "/articles/*"}, …}`. */
export interface LeverView {
  readonly open?: Readonly<Record<string, string>>
  readonly close?: Readonly<Record<string, string>>
  readonly since: InstantView
  readonly until: InstantView
}

/** Describes a lever in effect. */
export function describeLever({ kind, of, name, sinceMs, untilMs }: Lever): LeverView {
  const subject = { [of]: name }
  const part = kind === 'open' ? { open: subject } : { close: subject }
  return { ...part, since: instant(Math.floor(sinceMs / 1000)), until: instant(Math.floor(untilMs / 1000)) }
}

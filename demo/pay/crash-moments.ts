import { setTimeout as sleep } from 'node:timers/promises'
import type { Chain } from '../../tools/payments/stack/chain.ts'
import type { Stack } from './crash-stack.ts'

/** When the gate is killed. */
export const MOMENTS = ['any', 'asked', 'settling', 'moved', 'answered', 'head'] as const
export type Moment = (typeof MOMENTS)[number]

export const WORDS: Readonly<Record<Moment, string>> = {
  any: 'at any moment',
  asked: 'when the origin was asked',
  settling: 'when the facilitator was asked to settle',
  moved: 'when money had moved and nobody was told',
  answered: 'when the facilitator had answered',
  head: 'after the first byte of an answer',
}

interface Aim {
  /** Resolves when the gate is to be killed, if the moment comes. */
  readonly due: Promise<unknown>
  /** Lets go what was held so that the moment lasts. */
  readonly release?: () => void
  /** Waits for the moment no longer. */
  readonly forget?: () => void
}

interface Wait {
  /** Resolves when a client has the head of an answer. */
  readonly head: Promise<void>
  readonly anyMs: number
  /** How often what is waited for has to happen. */
  readonly times: number
}

/** Waits for a moment, and sees to it that it lasts until the gate is killed. */
export async function aim(moment: Moment, stack: Stack, { head, anyMs, times }: Wait): Promise<Aim> {
  const { facilitator, chain } = stack
  switch (moment) {
    case 'any':
      return { due: facilitator.arrival('verify').then(() => sleep(anyMs)) }
    case 'asked':
      return { due: often(stack.asked, times), release: stack.holdOrigin('head') }
    case 'settling':
      return { due: often(() => facilitator.arrival('settle'), times), release: facilitator.hold('settle') }
    case 'moved': {
      const before = await chain.received()
      facilitator.failSettle('settle-then-hang', MANY)
      const over = new AbortController()
      return { due: grown(chain, before, over.signal), forget: () => over.abort() }
    }
    case 'answered':
      return { due: often(() => facilitator.departure('settle'), times) }
    case 'head':
      return { due: head, release: stack.holdOrigin('middle') }
  }
}

/** More than are settled in a round. */
const MANY = 100

async function often(what: () => Promise<void>, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await what()
}

async function grown(chain: Chain, before: bigint, over: AbortSignal): Promise<void> {
  while (!over.aborted && (await chain.received()) === before) await sleep(5)
}

import type { Row } from './rows.ts'

const WITH_LEDGERS = 'ledgers: no token, 402'
/** The row of a paid copy in memory, on a Worker with ledgers. */
export const FROM_MEMORY = 'memory and standing: paid, 0.5 kB'

/** The rows of what it costs to add up what is answered, beside the same Worker that does not. */
export function talliedRows(article: string, noToken: Row['tokens'], remembered: Row['tokens']): readonly Row[] {
  const refused = { path: article, tokens: noToken, expected: { status: 402, reason: 'payment-required' } } as const
  return [
    { name: WITH_LEDGERS, worker: 'metered', ...refused },
    { name: 'ledgers, added up: no token, 402', worker: 'tallied', ...refused, against: WITH_LEDGERS },
    {
      name: 'memory and standing, added up: paid, 0.5 kB',
      worker: 'tallied',
      path: '/articles/470',
      tokens: remembered,
      expected: { status: 200, bytes: 470 },
      against: FROM_MEMORY,
    },
  ]
}

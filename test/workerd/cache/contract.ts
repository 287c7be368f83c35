import { describe, it } from 'vitest'
import { CHANGES } from './cases/changes.ts'
import { CONDITIONS } from './cases/conditions.ts'
import { FIELDS } from './cases/fields.ts'
import { FRESHNESS } from './cases/freshness.ts'
import { KEYS } from './cases/keys.ts'
import { SHARING } from './cases/sharing.ts'
import { STALENESS } from './cases/staleness.ts'
import { VARIANTS } from './cases/variants.ts'
import type { Implementation } from './gate.ts'
import { type Case, runCase } from './trial.ts'

const CASES: Record<string, readonly Case[]> = {
  'what is shared': SHARING,
  'how long a copy is fresh': FRESHNESS,
  'what a copy is kept under': KEYS,
  'the variants of a page': VARIANTS,
  'a question that a copy answers': CONDITIONS,
  'a copy that is no longer fresh': STALENESS,
  'what ends a copy': CHANGES,
  'what leaves the gate': FIELDS,
}

/** The contract of the cache stage: every implementation passes all of it, but for what it says it cannot. */
export function holdToContract(implementation: Implementation): void {
  describe.each(Object.entries(CASES))('%s', (_subject, cases) => {
    for (const { name, only, run } of cases) {
      if (only === undefined) it(name, () => runCase(run, implementation))
      else if (only.implementation === implementation)
        it(`${name} (${only.because})`, () => runCase(run, implementation))
    }
  })
}

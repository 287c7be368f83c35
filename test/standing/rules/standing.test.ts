import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entitlement, STANDINGS } from '../../../src/access/entitlement.ts'
import type { Receipt } from '../../../src/access/receipt.ts'
import { asItStands } from '../../../src/standing/rules/asitstands.ts'
import {
  type Entry,
  entryOf,
  EVENT_SECONDS,
  isHeld,
  join,
  latestOf,
  pruned,
  type Statement,
} from '../../../src/standing/rules/standing.ts'
import { entitlementOf } from '../../support/proofs.ts'

const DAY = 86_400
const NOW = 1_800_000_000

const TOKEN = entitlementOf(NOW, { entitlements: ['b', 'a'], plan: 'Gold' })
const RECEIPT = { kind: 'receipt', issuer: TOKEN.issuer, jti: 'r', issuedAt: NOW } as Receipt

const before = NOW - 1
const after = NOW + 1

describe('a token as it stands', () => {
  const standings: [string, Entry | undefined, string][] = [
    ['of whom nothing was said', undefined, 'active'],
    ['of whom something else was said', { liftedAt: after }, 'active'],
    ['that was signed after what was said', { standing: { at: before, standing: 'inactive' } }, 'active'],
    ['that was signed before it', { standing: { at: after, standing: 'past-due' } }, 'past-due'],
    [
      'that was signed in the same second, the stricter first',
      { standing: { at: NOW, standing: 'on-hold' } },
      'on-hold',
    ],
  ]
  it.each(standings)('%s: %j is %s', (_name, entry, standing) => {
    expect(asItStands(TOKEN, entry, undefined, NOW)).toEqual({ ok: true, value: { ...TOKEN, standing } })
  })

  it('is as it was signed where that is the stricter of two at the same time', () => {
    const strict = { ...TOKEN, standing: 'inactive' as const }
    expect(asItStands(strict, { standing: { at: NOW, standing: 'past-due' } }, undefined, NOW)).toEqual({
      ok: true,
      value: strict,
    })
    const paid = asItStands(strict, { standing: { at: after, standing: 'active' } }, undefined, NOW)
    expect(paid).toMatchObject({ ok: true, value: { standing: 'active' } })
  })

  const entitlements: [string, number, string[], string[]][] = [
    ['before', before, ['c'], ['b', 'a']],
    ['at the same time, of which both must say it', NOW, ['a', 'c'], ['a']],
    ['after', after, ['a', 'c'], ['a', 'c']],
    ['after, and that were all taken', after, [], []],
  ]
  it.each(entitlements)('has the entitlements of what was said %s', (_name, at, names, left) => {
    const stands = asItStands(TOKEN, { entitlements: { at, names } }, undefined, NOW)
    expect(stands).toEqual({ ok: true, value: { ...TOKEN, entitlements: left } })
  })

  const refused: [string, Entry | undefined, Entry | undefined, string | undefined][] = [
    ['held', { heldAt: before }, undefined, 'security-hold'],
    ['held in the second in which it was lifted', { heldAt: NOW, liftedAt: NOW }, undefined, 'security-hold'],
    ['held anew', { heldAt: after, liftedAt: NOW }, undefined, 'security-hold'],
    ['no longer held', { heldAt: before, liftedAt: NOW }, undefined, undefined],
    ['held and revoked', { heldAt: before, revokedAt: after }, { revokedAt: after }, 'security-hold'],
    ['one of those that were revoked', { revokedAt: after }, undefined, 'subscription-inactive'],
    ['of the second in which they were', { revokedAt: NOW }, undefined, 'subscription-inactive'],
    ['newer than those', { revokedAt: before }, undefined, undefined],
    ['revoked by name, though newer', undefined, { revokedAt: before }, 'subscription-inactive'],
  ]
  it.each(refused)('that is %s: %j, %j: %s', (_name, ofAccount, ofToken, reason) => {
    for (const proof of [TOKEN, RECEIPT]) {
      const stands = asItStands<Entitlement | Receipt>(proof, ofAccount, ofToken, NOW)
      expect(stands).toMatchObject(
        reason === undefined ? { ok: true } : { ok: false, error: { reason, check: 'standing' } },
      )
    }
  })

  it.each([0.25, 0.5, 0.75])(
    'is of the second of what was said then, though one of them tells a fraction: %d',
    (part) => {
      for (const [issued, at] of [
        [NOW + part, NOW],
        [NOW, NOW + part],
        [NOW + part, NOW + 0.5],
      ] as const) {
        const token = { ...TOKEN, issuedAt: issued }
        expect(asItStands(token, { revokedAt: at }, undefined, NOW)).toMatchObject({ ok: false })
        expect(asItStands(token, { standing: { at, standing: 'inactive' } }, undefined, NOW)).toMatchObject({
          value: { standing: 'inactive' },
        })
        expect(asItStands(token, { entitlements: { at, names: [] } }, undefined, NOW)).toMatchObject({
          value: { entitlements: [] },
        })
        const earlier = { revokedAt: at - 1, standing: { at: at - 1, standing: 'inactive' } } as const
        expect(asItStands(token, earlier, undefined, NOW)).toEqual({ ok: true, value: token })
      }
    },
  )

  it('is left alone where it is a receipt, which has neither standing nor entitlements', () => {
    const said = { standing: { at: after, standing: 'inactive' }, entitlements: { at: after, names: [] } } as const
    expect(asItStands(RECEIPT, said, undefined, NOW)).toEqual({ ok: true, value: RECEIPT })
  })
})

describe('what is joined', () => {
  const a = (at: number, standing: (typeof STANDINGS)[number]): Entry => ({ standing: { at, standing } })
  const table: [string, Entry, Entry, Entry][] = [
    ['nothing and nothing', {}, {}, {}],
    ['nothing and something', {}, { heldAt: 1 }, { heldAt: 1 }],
    ['two standings', a(1, 'inactive'), a(2, 'active'), a(2, 'active')],
    ['two standings of one second', a(1, 'past-due'), a(1, 'active'), a(1, 'past-due')],
    [
      'entitlements of one second',
      { entitlements: { at: 1, names: ['a', 'b'] } },
      { entitlements: { at: 1, names: ['b', 'c'] } },
      { entitlements: { at: 1, names: ['b'] } },
    ],
    ['a hold and its end', { heldAt: 2 }, { liftedAt: 1 }, { heldAt: 2, liftedAt: 1 }],
    ['two revocations', { revokedAt: 2 }, { revokedAt: 1 }, { revokedAt: 2 }],
    ['different things', { revokedAt: 2 }, a(1, 'active'), { revokedAt: 2, ...a(1, 'active') }],
  ]
  it.each(table)('of %s is the latest of each kind', (_name, one, other, joined) => {
    expect(join(one, other)).toEqual(joined)
    expect(join(other, one)).toEqual(joined)
  })

  // So few seconds that many are the same.
  const at = fc.integer({ min: 0, max: 4 })
  const names = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })
  const statement: fc.Arbitrary<Statement> = fc.oneof(
    fc.record({ at, kind: fc.constant('standing' as const), standing: fc.constantFrom(...STANDINGS) }),
    fc.record({ at, kind: fc.constant('entitlements' as const), names }),
    fc.record({ at, kind: fc.constant('tokens-revoked' as const) }),
    fc.record({ at, kind: fc.constant('hold' as const), isLifted: fc.boolean() }),
    fc.record(
      { at, kind: fc.constant('named-hold' as const), name: fc.constantFrom('x', 'y'), liftedAt: at },
      { requiredKeys: ['at', 'kind', 'name'] },
    ),
  )
  const joined = (statements: readonly Statement[]): Entry => statements.map(entryOf).reduce(join, {})
  const mixed = fc.array(statement, { maxLength: 12 }).chain((said) =>
    fc.record({
      said: fc.constant(said),
      again: fc.shuffledSubarray([...said, ...said, ...said], { minLength: 0, maxLength: said.length * 3 }),
      order: fc.shuffledSubarray(said, { minLength: said.length, maxLength: said.length }),
    }),
  )

  it('ends the same in whatever order and however often it is said', () => {
    fc.assert(
      fc.property(mixed, ({ said, again, order }) => {
        expect(joined([...again, ...order])).toEqual(joined(said))
        expect(joined([...order, ...again])).toEqual(joined(said))
      }),
      { numRuns: 1000 },
    )
  })

  it('ends the same in whatever groups', () => {
    fc.assert(
      fc.property(fc.array(statement), fc.array(statement), fc.array(statement), (x, y, z) => {
        const [one, two, three] = [joined(x), joined(y), joined(z)]
        expect(join(join(one, two), three)).toEqual(join(one, join(two, three)))
      }),
    )
  })

  it('was last said when the latest of it was', () => {
    expect(latestOf({ ...a(3, 'active'), revokedAt: 9, liftedAt: 4 })).toBe(9)
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1 }), (said) => {
        expect(latestOf(joined(said))).toBe(
          Math.max(...said.flatMap(({ at, ...each }) => ['liftedAt' in each ? (each.liftedAt ?? at) : at, at])),
        )
      }),
    )
  })
})

describe('what is left of an entry', () => {
  const old = NOW - DAY - 1
  const standing = { at: NOW - DAY, standing: 'inactive' } as const
  const table: [string, Entry, Entry | undefined][] = [
    ['that a token may still be as old as', { standing, revokedAt: NOW }, { standing, revokedAt: NOW }],
    ['of which a part is older than any token', { standing, revokedAt: old }, { standing }],
    ['that is older than any token', { revokedAt: old, entitlements: { at: old, names: [] } }, undefined],
    ['that holds, however long', { heldAt: 1 }, { heldAt: 1 }],
    ['that holds anew', { heldAt: 2, liftedAt: 1 }, { heldAt: 2 }],
    ['that was lifted', { heldAt: NOW - 7 * DAY, liftedAt: NOW - 6 * DAY }, { liftedAt: NOW - 6 * DAY }],
    ['that was lifted long ago', { heldAt: 1, liftedAt: NOW - EVENT_SECONDS - 3601 }, undefined],
    ['that is empty', {}, undefined],
  ]
  it.each(table)('%s: %j', (_name, entry, left) => {
    expect(pruned(entry, DAY, NOW)).toEqual(left)
  })

  it('is enough for a hold that comes late, and was lifted, not to come back', () => {
    const time = fc.integer({ min: 0, max: 9 * DAY })
    fc.assert(
      fc.property(time, time, time, (heldAt, forLong, late) => {
        const lifted = pruned({ liftedAt: heldAt + 1 + forLong }, DAY, heldAt + late)
        // A hold is not taken when it was placed longer ago.
        if (late <= EVENT_SECONDS) expect(isHeld(join(lifted ?? {}, { heldAt }), NOW)).toBe(false)
      }),
    )
  })

  it('judges every token that is still good as the whole of it does', () => {
    const said = fc.record({
      at: fc.integer({ min: NOW - 3 * DAY, max: NOW }),
      issued: fc.integer({ min: NOW - DAY, max: NOW }),
    })
    fc.assert(
      fc.property(said, ({ at, issued }) => {
        const entry = {
          standing: { at, standing: 'inactive' },
          entitlements: { at, names: [] },
          revokedAt: at,
        } as const
        const token = { ...TOKEN, issuedAt: issued }
        expect(asItStands(token, pruned(entry, DAY, NOW), undefined, NOW)).toEqual(
          asItStands(token, entry, undefined, NOW),
        )
      }),
    )
  })
})

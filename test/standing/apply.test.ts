import { describe, expect, it } from 'vitest'
import type { BillingEvent, StandingChange } from '../../src/standing/rules/event.ts'
import { err, ok } from '../../src/core/result.ts'
import type { Zone } from '../../src/zone.ts'
import { applyEvent } from '../../src/standing/apply.ts'
import type { Ledger } from '../../src/ports.ts'
import { NO_LEDGER } from '../support/ledger.ts'

const standing = { boundMs: 5000, serveMs: 0, longestTokenSeconds: 86_400 }
const zone = { id: 'news', places: { own: {}, shared: {} }, standing } as Zone
const grantOf = (units: bigint): StandingChange => ({ kind: 'credit-granted', money: { units, currency: 'EUR' } })
const revoked: StandingChange = { kind: 'token-revoked', jti: 't', at: 1 }
const held: StandingChange = { kind: 'statement', statement: { at: 1, kind: 'hold', isLifted: false } }

function event(changes: readonly StandingChange[], account: string | undefined = 'account-7'): BillingEvent {
  return { id: 'e', issuer: 'https://billing.test', account, changes }
}

/** A ledger that takes everything, and the ids of what it was granted. */
function ledgerOf(granted: string[]): Ledger {
  return {
    ...NO_LEDGER,
    recordStatement: async ({ entries }) => ok({ entries }),
    grant: async (command) => {
      granted.push(command.id)
      return ok({ kind: 'granted', isRepeat: false, credit: command })
    },
  }
}

describe('what an event tells', () => {
  const ledgers = () => ledgerOf([])
  const bulletins = { post: async () => true, order: async () => undefined }

  it('is granted under an id for each grant, the same each time', async () => {
    const granted: string[] = []
    const audience = { ledgers: () => ledgerOf(granted), bulletins }
    for (let times = 0; times < 2; times++)
      expect(await applyEvent(event([grantOf(1n), grantOf(1n)]), zone, audience)).toEqual(ok(undefined))
    expect(granted).toEqual(['event 0 e', 'event 1 e', 'event 0 e', 'event 1 e'])
  })

  it('is taken under an id for each taking, of the grant by an event or an order', async () => {
    const takings: unknown[] = []
    const order = async (_name: string, command: object) => {
      takings.push(command)
      return ok({ kind: 'awaiting', isRepeat: false })
    }
    const audience = { ledgers: () => ({ ...ledgerOf([]), order: order as Ledger['order'] }), bulletins }
    const money = { units: 1n, currency: 'EUR' }
    const changes = [{ kind: 'credit-taken', money, grant: 'p' } as const, { kind: 'credit-taken', money } as const]
    expect(await applyEvent(event(changes), zone, audience)).toEqual(ok(undefined))
    expect(takings).toMatchObject([
      { id: 'event 0 e', ...money, of: ['event 0 p', 'p'] },
      { id: 'event 1 e', ...money },
    ])
    expect(takings[1]).not.toHaveProperty('of')
  })

  it('does not hold if a key signed it and that cannot be noted', async () => {
    const granted: string[] = []
    const act = { action: 'event', by: 'billing', signedBy: 'k' }
    const audience = { ledgers: () => ledgerOf(granted), bulletins }
    expect(await applyEvent(event([grantOf(1n)]), zone, audience, act)).toEqual(err('ledger-unavailable'))
    expect(granted).toEqual([])
  })

  it('does not hold where nobody can be told', async () => {
    const unavailable = err('ledger-unavailable')
    expect(await applyEvent(event([held]), zone, { ledgers: undefined, bulletins })).toEqual(unavailable)
    expect(await applyEvent(event([held]), zone, { ledgers, bulletins: undefined })).toEqual(unavailable)
    expect(await applyEvent(event([grantOf(1n)]), zone, { ledgers: undefined, bulletins })).toEqual(unavailable)
    expect(await applyEvent(event([held]), zone, { ledgers, bulletins })).toEqual(ok(undefined))
  })

  it.each([
    ['a hold', [held]],
    ['a grant', [grantOf(1n)]],
    ['a hold beside a token', [revoked, held]],
  ])('is refused where it is of an account that is not named: %s', async (_what, changes) => {
    const nobody = { ...event(changes), account: undefined }
    expect(await applyEvent(nobody, zone, { ledgers, bulletins })).toMatchObject({
      error: { refused: expect.any(String) },
    })
  })
})

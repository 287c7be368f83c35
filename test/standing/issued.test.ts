import { beforeEach, describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../src/ledger/rules/credentials.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { memory } from '../../src/platform/memory/index.ts'
import type { Ledger } from '../../src/ports.ts'
import { createBulletins } from '../../src/standing/bulletin.ts'
import { createIssuedReader, type IssuedName, type IssuedRecord, postIssuedChange } from '../../src/standing/issued.ts'
import { BOUND, SECOND, zoneOf } from './isolates.ts'

const DAY = 86_400 * SECOND
const START = Date.UTC(2026, 1, 1)
const NAME: IssuedName = { kind: 'feed', id: 'f1', issuer: 'https://billing.example', account: 'ann' }
const CREDENTIAL: IssuedCredential = {
  kind: 'feed',
  id: 'f1',
  name: 'phone',
  createdAt: START,
  createdBy: 'owner',
  secrets: [{ hash: 'h1', generation: 1 }],
  entitlements: ['premium'],
  limits: [],
  accountLimits: [],
}

let now: number
let calls: number
let isDown: boolean
let platform: ReturnType<typeof memory>
let ledger: Ledger
const zone = zoneOf()

beforeEach(async () => {
  now = START
  calls = 0
  isDown = false
  platform = memory({}, {}, { clock: () => now })
  ledger = openLedger(ledgersOf(), zone, { from: 'account', issuer: NAME.issuer, account: NAME.account })
  await ledger.order('issueCredential', { credential: CREDENTIAL, most: 9 })
})

function ledgersOf(): NonNullable<typeof platform.ledgers> {
  if (platform.ledgers === undefined) throw new Error('no ledgers')
  return platform.ledgers
}

/** An isolate: what it remembers of the records, and how it reads the bulletin. */
function isolate(of = zone) {
  const ledgers: typeof platform.ledgers = (name, place) => {
    const kept = ledgersOf()(name, place)
    const order: Ledger['order'] = async (...asked) => {
      calls += 1
      if (isDown) throw new Error('down')
      return kept.order(...asked)
    }
    return Object.create(kept, { order: { value: order } }) as Ledger
  }
  const bulletins = createBulletins(
    (name, place) => platform.bulletins?.(name, place) ?? expect.unreachable(),
    () => now,
  )
  const read = createIssuedReader()
  const call = { now, waitUntil: () => undefined }
  const stores = { ledgers, bulletins, clock: () => now }
  return {
    bulletins,
    read: async (name = NAME): Promise<IssuedRecord | string> => {
      const found = await read(name, of, stores, call)
      return found.ok ? found.value : found.error.reason
    },
  }
}

async function change(command: object): Promise<IssuedCredential> {
  const changed = await ledger.order('changeCredential', { kind: 'feed', id: 'f1', ...command })
  if (!changed.ok || changed.value.kind !== 'changed') throw new Error('not changed')
  return changed.value.credential
}

describe('the record of an issued credential', () => {
  it('is read once, and remembered for a day while nothing has changed', async () => {
    const { read } = isolate()
    for (const ms of [0, 1, BOUND, 3600 * SECOND]) {
      now = START + ms
      expect(await read()).toMatchObject({ credential: CREDENTIAL, asOf: START })
    }
    expect(calls).toBe(1)
    now = START + DAY
    expect(await read()).toMatchObject({ asOf: now })
    expect(calls).toBe(2)
  })

  it('is read again in every isolate within the bound once a change is posted, and only once', async () => {
    const [one, other] = [isolate(), isolate()]
    for (const { read } of [one, other]) await read()
    now += SECOND
    const disabled = await change({ change: { isDisabled: true } })
    expect(await postIssuedChange(NAME, disabled, zone, one.bulletins)).toBe(true)
    for (let after = 0; after < 3; after += 1) {
      now += BOUND
      for (const { read } of [one, other]) expect(await read()).toMatchObject({ credential: { isDisabled: true } })
    }
    expect(calls).toBe(4)
  })

  it('is read again though the poster’s clock is behind: changes have the time of the ledger', async () => {
    const { read, bulletins } = isolate()
    now += 30 * SECOND
    await read()
    now -= 20 * SECOND
    await postIssuedChange(NAME, await change({ change: { name: 'tablet' } }), zone, bulletins)
    now += 20 * SECOND + BOUND
    expect(await read()).toMatchObject({ credential: { name: 'tablet' } })
  })

  it('is gone for good once it is removed, and an unknown one is asked for once a day', async () => {
    const { read, bulletins } = isolate()
    await read()
    await postIssuedChange(NAME, await change({ isRemoved: true }), zone, bulletins)
    for (let after = 0; after < 3; after += 1) {
      now += BOUND
      expect(await read()).toMatchObject({ credential: undefined })
    }
    expect(calls).toBe(2)
  })

  it('comes with what is said of its account', async () => {
    const entry = { standing: { at: START / 1000, standing: 'inactive' as const } }
    await ledger.recordStatement({ entries: [{ entry }], longestTokenSeconds: 60 })
    expect(await isolate().read()).toMatchObject({ statements: { ofAccount: entry, ofToken: undefined } })
  })

  it('is refused while it cannot be read, unless the site serves by what it knew last', async () => {
    const [strict, lenient] = [isolate(), isolate(zoneOf(2 * DAY))]
    for (const { read } of [strict, lenient]) await read()
    isDown = true
    now += DAY
    expect(await strict.read()).toBe('standing-unavailable')
    expect(await lenient.read()).toMatchObject({ credential: CREDENTIAL })
    now += DAY
    expect(await lenient.read()).toBe('standing-unavailable')
    expect(await isolate(zoneOf(2 * DAY)).read()).toBe('standing-unavailable')
  })

  it('was served while it was known to have changed, if it could not be read', async () => {
    const lenient = isolate(zoneOf(2 * DAY))
    await lenient.read()
    await postIssuedChange(NAME, await change({ change: { isDisabled: true } }), zone, isolate().bulletins)
    isDown = true
    now += BOUND
    expect(await lenient.read()).toBe('standing-unavailable')
  })

  it('was not read again after a bulletin was lost that had told of a change', async () => {
    const { read } = isolate()
    await postIssuedChange({ ...NAME, id: 'f2' }, CREDENTIAL, zone, isolate().bulletins)
    await read()
    await postIssuedChange(NAME, await change({ change: { isDisabled: true } }), zone, isolate().bulletins)
    const { bulletins } = memory({}, {}, { clock: () => now })
    platform = { ...platform, ...(bulletins && { bulletins }) }
    await postIssuedChange({ ...NAME, id: 'f2' }, CREDENTIAL, zone, isolate().bulletins)
    now += BOUND
    expect(await read()).toMatchObject({ credential: { isDisabled: true } })
  })

  it('of one account is not that of another with the same id', async () => {
    const { read } = isolate()
    await read()
    expect(await read({ ...NAME, account: 'bob' })).toMatchObject({ credential: undefined })
    expect(await read({ ...NAME, kind: 'key' })).toMatchObject({ credential: undefined })
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { type HeldPayment, heldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url, proven, facilitator, origin } = gate
beforeEach(() => facilitator.reset())

const PRICE = 750_000n
const SPENT = '402 payment-spent'

/** One authorization as two zones of the deployment are shown it. */
interface Shown {
  readonly path: string
  readonly here: HeldPayment
  readonly there: HeldPayment
}

let pages = 0
const page = (): string => `/orders/zones-${++pages}`

async function inFieldOf(client: Client): Promise<Shown> {
  const path = page()
  const here = await hold(client, `${url}${path}`)
  return { path, here, there: heldPayment(`${proven}${path}`, here.name, here.value) }
}

/** By MPP at one zone, by x402 at the other: a challenge of MPP's is of its zone alone. */
async function byMppAndX402(): Promise<Shown> {
  const path = page()
  const here = await hold(CLIENTS.mppxEvm, `${url}${path}`)
  const credential = Buffer.from(here.value.slice('Payment '.length), 'base64url').toString()
  const { type: _type, signature, ...authorization } = (JSON.parse(credential) as { payload: Signed }).payload
  const { accepts, resource } = decoded(await fetch(`${proven}${path}`), 'PAYMENT-REQUIRED') as unknown as Required402
  const payment = { x402Version: 2, resource, accepted: accepts[0], payload: { signature, authorization } }
  const value = Buffer.from(JSON.stringify(payment)).toString('base64')
  return { path, here, there: heldPayment(`${proven}${path}`, 'PAYMENT-SIGNATURE', value) }
}

describe.each<[string, () => Promise<Shown>]>([
  ['by x402', () => inFieldOf(CLIENTS.x402Fetch)],
  ['by x402 of version 1', () => inFieldOf(CLIENTS.x402FetchV1)],
  ['by MPP and by x402', byMppAndX402],
])('an authorization that is shown to two zones %s', (_, show) => {
  it('at once is settled once, for one of them', async () => {
    const { path, here, there } = await show()
    const effects = await gate.during(async () => {
      const answers = await Promise.all([told(here.send()), told(there.send())])
      expect(answers.toSorted()).toEqual([`200 the page ${path}`, SPENT])
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1, calls: ['verify', 'settle'] })
  })

  it('ten times each is settled once, and the zone that came second has nobody wait', async () => {
    const { path, here, there } = await show()
    const effects = await gate.during(async () => {
      const sent = Array.from({ length: 10 }, () => [told(here.send()), told(there.send())])
      const answers = await Promise.all(sent.flat())
      const conflicts = Array<string>(9).fill('409 idempotency-conflict')
      expect(answers.toSorted()).toEqual([`200 the page ${path}`, ...Array<string>(10).fill(SPENT), ...conflicts])
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1, calls: ['verify', 'settle'] })
  })

  it.each(['here', 'there'] as const)('and is on its way to being settled %s is spent in the other', async (first) => {
    const { path, ...shown } = await show()
    const other = shown[first === 'here' ? 'there' : 'here']
    const effects = await gate.during(async () => {
      const release = facilitator.hold('settle')
      const arrived = facilitator.arrival('settle')
      const paid = told(shown[first].send())
      await arrived
      expect(await told(other.send())).toBe(SPENT)
      release()
      expect(await paid).toBe(`200 the page ${path}`)
      expect(await told(other.send())).toBe(SPENT)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1, calls: ['verify', 'settle'] })
  })

  it('and whose settlement is lost in one is unknown in the other, which asks for no other payment', async () => {
    const { path, here, there } = await show()
    facilitator.failSettle('settle-then-drop')
    const effects = await gate.during(async () => {
      expect(await told(here.send())).toBe('503 settlement-unknown')
      const elsewhere = await there.send()
      expect(elsewhere.headers.has('payment-required')).toBe(false)
      expect(elsewhere.headers.get('www-authenticate') ?? '').not.toContain('Payment')
      expect(await told(elsewhere)).toBe('503 settlement-unknown')
      expect(await told(here.send())).toBe(`200 the page ${path}`)
      expect(await told(there.send())).toBe(SPENT)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1 })
  })

  it('and was given back by one, whose origin failed, pays in the other', async () => {
    const { path, here, there } = await show()
    const effects = await gate.during(async () => {
      origin.behave(path, { status: 500 })
      expect((await here.send()).status).toBe(500)
      origin.behave(path, {})
      expect(await told(there.send())).toBe(`200 the page ${path}`)
      expect(await told(here.send())).toBe(SPENT)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 2, calls: ['verify', 'verify', 'settle'] })
  })
})

it("a credential of MPP's is no credential in another zone, and nobody is asked", async () => {
  const { path, here, there } = await inFieldOf(CLIENTS.mppxEvm)
  const effects = await gate.during(async () => expect(await told(there.send())).toBe('402 credential-invalid'))
  expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: [] })
  expect(await told(here.send())).toBe(`200 the page ${path}`)
})

interface Signed {
  readonly type: string
  readonly signature: string
}

interface Required402 {
  readonly accepts: readonly object[]
  readonly resource: object
}

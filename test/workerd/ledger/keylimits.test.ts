import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createGate } from '../../../src/gate.ts'
import { ok } from '../../../src/core/result.ts'
import { keys } from '../../../src/index.ts'
import { openLedger } from '../../../src/ledger/rules/place.ts'
import type { IssuedCredential } from '../../../src/ledger/rules/credentials.ts'
import { makeKey } from '../../../src/rails/keys/format.ts'
import { web } from '../../../src/platform/web/index.ts'
import { compiled, siteAt, ZONE } from '../../support/compiled.ts'
import { createBackground, realObjects } from '../../support/services.ts'

const LIMIT = { name: 'requests', unit: 'requests', window: 'P1D', kind: 'fixed', anchor: undefined } as const
const ISSUER = ZONE.issuers[0]?.issuer ?? ''

const options = {
  zones: [
    {
      ...ZONE,
      id: 'key-limits',
      rails: [keys()],
      routes: [{ path: '/metered', requires: 'premium', cache: 'off' as const }],
    },
  ],
  secrets: { gate: 'GATE' },
}

/** A gate before real ledgers, and keys of one account. */
async function createKeys(account: string, accountQuota: bigint, quotas: readonly (bigint | undefined)[]) {
  const config = compiled(options, { ...env, GATE: 'the secret of the gate, long enough' })
  const { zone } = siteAt(config, 'a.test')
  const objects = realObjects()
  const ledger = openLedger(objects.ledgers, zone, { from: 'account', issuer: ISSUER, account })
  const texts: string[] = []
  for (const quota of quotas) {
    const { text, hash, id, generation } = makeKey(zone, { issuer: ISSUER, account })
    const credential: IssuedCredential = {
      kind: 'key',
      id,
      name: 'a key',
      createdAt: Date.now(),
      createdBy: 'a test',
      secrets: [{ hash, generation }],
      entitlements: ['premium'],
      limits: quota === undefined ? [] : [{ ...LIMIT, quota }],
      accountLimits: [{ ...LIMIT, quota: accountQuota }],
    }
    expect(await ledger.order('issueCredential', { credential, most: 10 })).toMatchObject({ ok: true })
    texts.push(text)
  }
  const gate = createGate(ok(config), { ...web({}), ...objects })
  const { waitUntil, settled } = createBackground()
  const origin = async () => ok({ response: new Response('the page') })
  const ask = async (key: string, fields: Record<string, string> = {}): Promise<Response> => {
    const request = new Request('https://a.test/metered', { headers: { ...fields, 'x-api-key': key } })
    const response = await gate.answer(request, { origin, purge: async () => true }, waitUntil)
    await response.arrayBuffer()
    return response
  }
  return { texts, ask, settled, history: () => ledger.history({ most: 500 }) }
}

const served = (answers: readonly Response[]): number => answers.filter(({ status }) => status === 200).length

describe('the limits of a key and of its account', () => {
  it("are exact for 200 requests at once: the key's", async () => {
    const { texts, ask, settled } = await createKeys('one', 1000n, [70n])
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(texts[0] ?? '')))
    await settled()
    expect(served(answers)).toBe(70)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 402]))
  })

  it('are exact for 200 requests at once: those of two keys and of the account together', async () => {
    const { texts, ask, settled } = await createKeys('two', 120n, [50n, undefined])
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => ask(texts[at % 2] ?? '')))
    await settled()
    expect(served(answers)).toBe(120)
    expect(served(answers.filter((_, at) => at % 2 === 0))).toBeLessThanOrEqual(50)
  })

  it('are told by the one with less left, under the name that people know', async () => {
    const tight = await createKeys('three', 1000n, [3n])
    expect((await tight.ask(tight.texts[0] ?? '')).headers.get('ratelimit-policy')).toBe('"requests";q=3;w=86400')
    const loose = await createKeys('four', 3n, [1000n])
    const answer = await loose.ask(loose.texts[0] ?? '')
    expect(answer.headers.get('ratelimit')).toMatch(/^"requests";r=2;t=\d+$/)
  })

  it('are counted by key and tag, in charges and in the sums of a day', async () => {
    const { texts, ask, settled, history } = await createKeys('five', 1000n, [100n, 100n])
    const [one = '', other = ''] = texts
    for (const [key, tag] of [
      [one, 'search'],
      [one, 'search'],
      [one, 'index'],
      [other, 'search'],
    ] as const)
      expect((await ask(key, { 'faregate-tag': tag })).status).toBe(200)
    expect((await ask(other)).status).toBe(200)
    await settled()
    const { value } = (await history()) as Extract<Awaited<ReturnType<typeof history>>, { ok: true }>
    const days = value.state?.days.map(
      ({ key, tag, charges }) => `${key === undefined ? '-' : 'key'} ${tag} ${charges}`,
    )
    expect(days?.toSorted()).toEqual(['key index 1', 'key search 1', 'key search 2', 'key undefined 1'])
    expect(new Set(value.state?.days.map(({ key }) => key)).size).toBe(2)
    expect(value.state?.totals.counts).toEqual([{ name: 'requests', units: 5n }])
  })
})

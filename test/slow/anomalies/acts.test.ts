import { describe, expect, it } from 'vitest'
import { ask, askFound, at, operator, started, tokenOf } from './site.ts'

const gate = await started('acts')

interface Finding {
  readonly step: string
  readonly suspect: string
  readonly key: string
  readonly disposition?: string
  readonly reference: string
  readonly until: number
}

const receiptOf = (jti: string): Promise<string> =>
  tokenOf('ann', { amount: '0.25', currency: 'USD', resource: '/reports/*', uses: 1, jti }, 'payment+jwt')

async function buys(token: string, index: number): Promise<{ readonly reason?: string; readonly detail?: string }> {
  const headers = { authorization: `Bearer ${token}`, 'x-from': JSON.stringify(at(index)) }
  const response = await fetch(`${gate.url}/reports/1`, { headers })
  const text = await response.text()
  return response.status === 200 ? {} : (JSON.parse(text) as { reason: string; detail: string })
}

async function held(suspect = 'token'): Promise<Finding | undefined> {
  const { findings } = (await (await askFound(gate, await operator('view'))).json()) as { findings: Finding[] }
  return findings.find((one) => one.step === 'hold' && one.suspect === suspect && one.disposition !== undefined)
}

async function order(body: object): Promise<number> {
  const headers = { authorization: `Bearer ${await operator('hold')}`, 'content-type': 'application/json' }
  const answer = await fetch(`${gate.url}/__faregate/anomalies`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  await answer.arrayBuffer()
  return answer.status
}

describe('a gate that acts', () => {
  it('holds a trip of which billing says that card after card is declined, though nobody asks for anything else', async () => {
    const trip = `${'t'.repeat(32)}.${'n'.repeat(16)}`
    for (let index = 0; index < 8; index++) {
      const toe = Date.now() / 1000
      const events = { 'urn:faregate:event:payment-declined': { trip } }
      const body = await tokenOf(
        '',
        { sub: undefined, exp: undefined, jti: `evt-${index}`, toe, events },
        'secevent+jwt',
      )
      const headers = { 'content-type': 'application/secevent+jwt' }
      const answer = await fetch(`${gate.url}/__faregate/events`, { method: 'POST', headers, body })
      expect([answer.status, await answer.text()]).toEqual([202, ''])
    }
    await expect.poll(async () => (await held('trip'))?.disposition, { timeout: 40_000 }).toBe('carried-out')
    expect((await held('trip'))?.key).toBe('t'.repeat(32))
  }, 60_000)

  it('holds a receipt that was passed on, until its end or an operator’s word, and nobody else', async () => {
    const passedOn = await receiptOf('passed-on')
    expect(await buys(passedOn, 0)).toEqual({})
    for (let index = 1; index < 9; index++) expect((await buys(passedOn, index)).reason).toBe('payment-spent')
    await expect.poll(async () => (await held())?.disposition, { timeout: 40_000 }).toBe('carried-out')
    const hold = await held()
    expect(hold?.until).toBeGreaterThan(Date.now() / 1000)
    await expect.poll(async () => (await buys(passedOn, 0)).reason, { timeout: 20_000 }).toBe('security-hold')
    expect((await buys(passedOn, 0)).detail).toMatch(/ends by itself/)
    expect(await buys(await receiptOf('another'), 1)).toEqual({})
    expect(await ask(gate, await tokenOf('ann'), at(1))).toBe(200)

    const { reference = '' } = hold ?? {}
    expect(await order({ confirm: reference })).toBe(200)
    expect((await buys(passedOn, 0)).detail).not.toMatch(/ends by itself/)
    expect(await order({ lift: reference })).toBe(200)
    expect((await buys(passedOn, 0)).reason).toBe('payment-spent')
    expect((await held())?.disposition).toBe('lifted')
    expect(gate.printed.join('\n')).not.toMatch(/passed-on|\bann\b/)
  }, 120_000)
})

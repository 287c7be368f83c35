import { describe, expect, it } from 'vitest'
import { refusal } from '../../../src/core/problem.ts'
import { describeRefusal, requestRefOf } from '../../../src/refusals/describe.ts'
import type { RefusalFormat } from '../../../src/refusals/format.ts'
import { mcpRefusals } from '../../../src/protocols/mcp/refusals.ts'
import { holdFormatToContract } from '../../refusals/contract.ts'
import { challengingRail, exchangeOf, refused, routeOf, siteWith } from '../../refusals/site.ts'

const formats = (): RefusalFormat[] => mcpRefusals(() => true, '/.well-known/oauth-protected-resource/mcp')
const plain = (): RefusalFormat => formats()[1] ?? expect.fail()

interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly data: { readonly problem: { readonly reason: string; readonly instance: string } }
  }
}

describe('an error of the protocol', () => {
  holdFormatToContract({
    create: plain,
    accepted: {},
    declined: undefined,
    type: 'application/json',
    read(body) {
      const { error } = JSON.parse(body) as ErrorBody
      const { reason, instance } = error.data.problem
      return { texts: [error.message], reason, instance }
    },
  })

  it('ends a stream that breaks off with the answer to its request, if that has an id', () => {
    const site = siteWith({ refusals: formats() })
    const why = refusal('credential-expired', 'The token has expired.')
    const view = describeRefusal(why, requestRefOf(exchangeOf()), undefined, undefined)
    const endOf = (messageId?: string): string => {
      const exchange = { ...exchangeOf(), ...(messageId !== undefined && { messageId }) }
      return new TextDecoder().decode(plain().terminal?.(view, why, { exchange, route: routeOf(site) }))
    }
    const [event = '', data = ''] = endOf('"a"').split('\n')
    expect(event).toBe('event: message')
    expect(JSON.parse(data.slice('data: '.length))).toMatchObject({
      jsonrpc: '2.0',
      id: 'a',
      error: { data: { problem: { reason: 'credential-expired' } } },
    })
    expect(endOf()).toBe('')
  })

  it('has the challenges of each request, also where rails are asked anew', async () => {
    let asked = 0
    const rail = challengingRail(() => ({
      fields: [['WWW-Authenticate', `Payment id="${++asked}", request="${btoa('{}')}"`]],
    }))
    const site = siteWith({ refusals: formats(), rails: [rail] })
    const ids = []
    for (const messageId of ['1', '2']) {
      const response = refused(site, { ...exchangeOf(), messageId })
      expect(response.status).toBe(200)
      const body = (await response.json()) as { id: number; error: { data: { challenges: { id: string }[] } } }
      expect(String(body.id)).toBe(messageId)
      ids.push(body.error.data.challenges.map(({ id }) => id))
    }
    expect(ids.flat().length).toBe(2)
    expect(new Set(ids.flat()).size).toBe(2)
  })
})

import { describe, expect, it } from 'vitest'
import { type Reason, REASONS, type Refusal, refusal } from '../../../src/core/problem.ts'
import { ok } from '../../../src/core/result.ts'
import { anthropicErrors } from '../../../src/meters/errors/anthropic.ts'
import { geminiErrors } from '../../../src/meters/errors/gemini.ts'
import { mistralErrors } from '../../../src/meters/errors/mistral.ts'
import { openaiErrors } from '../../../src/meters/errors/openai.ts'
import type { ErrorShape, ProviderEndpoint } from '../../../src/meters/llm/provider.ts'
import { refusalsOf } from '../../../src/meters/llm/refusals.ts'
import type { MeterPlugin } from '../../../src/meters/plugin.ts'
import { describeRefusal, requestRefOf } from '../../../src/refusals/describe.ts'
import { html } from '../../../src/refusals/html.ts'
import { type FormatUnderTest, holdFormatToContract } from '../../refusals/contract.ts'
import { challengingRail, exchangeOf, refused, routeOf, siteWith } from '../../refusals/site.ts'

const SHAPES = { openai: openaiErrors, anthropic: anthropicErrors, gemini: geminiErrors, mistral: mistralErrors }
type Family = keyof typeof SHAPES
const FAMILIES = Object.keys(SHAPES) as Family[]

/** The API that a path below the route is for. */
const endpoint = (_method: string, path: string): ProviderEndpoint | undefined => {
  const name = path.split('/').at(-1) ?? ''
  return { kind: 'metered', path, api: { name } as never }
}

const formatOf = (name: string, errors: ErrorShape) => refusalsOf({ name, errors, endpoint })

/** A meter of a family: what it does with requests does not matter here. */
const meterOf = (name: Family, more: Partial<MeterPlugin> = {}): MeterPlugin => ({
  name,
  counted: [],
  classify: () => 'metered',
  bound: () => ok({ amount: { counts: [] } }),
  measure: (response) => ok({ response, used: () => undefined }),
  refusals: formatOf(name, SHAPES[name]),
  credentialStatus: 401,
  ...more,
})

const siteOf = (family: Family) =>
  siteWith({
    refusals: [html()],
    rails: [challengingRail(() => ({ fields: [], members: { accepts: ['toy'], error: 'toy' }, isStatic: true }))],
    terms: { meter: meterOf(family) },
  })

type Body = Record<string, unknown>

/** What no rail adds to. */
const NEVER_PAYABLE: readonly Reason[] = ['security-hold', 'settlement-unknown']

/** What an SDK makes of a body: the message that it shows, and by what programs tell errors apart. */
const READ: Record<Family, (body: Body) => { message: unknown; told: unknown }> = {
  openai({ error }) {
    const { message, type, code } = error as Body
    return { message, told: [type, code] }
  },
  mistral: ({ message, type, code, object }) => ({ message: object === 'error' && message, told: [type, code] }),
  anthropic({ message, type, error }) {
    expect(type).toBe('error')
    expect((error as Body)['message']).toBe(message)
    return { message, told: (error as Body)['type'] }
  },
  gemini({ error }) {
    const { message, status } = error as Body
    return { message, told: status }
  },
}

const refusedAs = (family: Family, why: Refusal, accept = 'application/json') =>
  refused(siteOf(family), exchangeOf('/articles/v1/chat', { method: 'POST', headers: { accept } }), why)

describe.each(FAMILIES)('the refusals of %s', (family) => {
  const isEnd = (bytes: Uint8Array) => /^(?:event: error\n)?data: \{.*\}\n\n$/.test(new TextDecoder().decode(bytes))
  const format: FormatUnderTest = {
    create: () => ({
      ...formatOf(family, SHAPES[family]),
      accepts: ({ fields }) => fields.get('x-sdk') !== null,
    }),
    accepted: { 'x-sdk': '1' },
    declined: {},
    type: 'application/json',
    read(body) {
      const { reason, instance } = JSON.parse(body) as { reason: string; instance: string }
      return { texts: [String(READ[family](JSON.parse(body) as Body).message)], reason, instance }
    },
    isEnd,
  }
  holdFormatToContract(format)

  it('are written on the routes of its meter, to browsers too, and on no other', () => {
    const why = refusal('payment-required', 'This needs a key.')
    expect(refusedAs(family, why, 'text/html').headers.get('content-type')).toBe('application/json')
    const other = { ...siteOf(family), refusals: [formatOf('another', SHAPES[family])] }
    expect(refused(other, exchangeOf(), why).headers.get('content-type')).toBe('application/problem+json')
  })

  it.each(Object.keys(REASONS) as Reason[])(
    'have the members of the problem for %s, and the shape first',
    async (reason) => {
      const response = refusedAs(family, refusal(reason, `It is ${reason}.`))
      const text = await response.text()
      const body = JSON.parse(text) as Body
      const status = reason.startsWith('credential-') ? 401 : REASONS[reason].status
      expect(response.status).toBe(status)
      expect(body).toMatchObject({
        status,
        reason,
        title: REASONS[reason].title,
        detail: `It is ${reason}.`,
        ...(NEVER_PAYABLE.includes(reason) ? {} : { accepts: ['toy'] }),
      })
      expect(body['problem'] ?? body['type']).toBe(`https://billing.test/problems#${reason}`)
      expect(text).toMatch(/^\{"(?:error|message)":/)
      expect(READ[family](body).message).toMatch(/^It is [a-z-]+\.(?: [\w ]+: https:\S+)?$/)
    },
  )

  it('say how much is left, what the call would reserve, and where to top up', async () => {
    const usd = (units: bigint) => ({ credit: { units, currency: 'USD' } })
    const short = { left: usd(120_000_000n), needed: usd(250_000_000n) }
    const why: Refusal = { ...refusal('credit-insufficient', 'Too low.'), amounts: short }
    const response = refusedAs(family, why)
    const body = (await response.json()) as Body
    const { message } = READ[family](body)
    expect(body).toMatchObject({ left: { credit: { amount: '0.12' } }, needed: { credit: { amount: '0.25' } } })
    expect(message).toMatch(/^0\.12 USD left; this call reserves 0\.25\. Top up: https:\/\/billing\.test\/checkout\S+$/)
  })

  it('name the nearest models', async () => {
    const why = { ...refusal('model-not-found', 'No such model is on sale here.'), hint: 'Nearest: "words-2".' }
    const { message } = READ[family](await refusedAs(family, why).json())
    expect(message).toMatch(/^No such model is on sale here\. Nearest: "words-2"\. What this means: https:/)
  })

  it('say by fields whether trying again helps, and when', () => {
    const limited = refusedAs(family, refusal('too-many-requests', 'Wait.', { retryAfterSeconds: 7 }))
    const down = refusedAs(family, refusal('ledger-unavailable', 'Not known.'))
    const unpaid = refusedAs(family, refusal('usage-limit-reached', 'Used up.', { retryAfterSeconds: 3600 }))
    const fields = ({ headers }: Response) =>
      ['retry-after', 'retry-after-ms', 'x-should-retry'].map((name) => headers.get(name))
    expect(fields(limited)).toEqual(['7', '7000', null])
    expect(fields(down)).toEqual(['5', '5000', null])
    expect(fields(unpaid)).toEqual(['3600', '3600000', 'false'])
  })

  it('carry the id of the request where the SDK looks for it, and pages may read it', () => {
    const exchange = exchangeOf()
    const { headers } = refused(siteOf(family), exchange)
    const name = family === 'anthropic' ? 'request-id' : 'x-request-id'
    expect(headers.get(name)).toBe(exchange.id)
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(', ')
    expect(exposed).toEqual(expect.arrayContaining([name, 'retry-after-ms', 'x-should-retry']))
  })
})

/** What programs tell errors apart by, for each reason that stands for its kind. */
const TOLD: readonly (readonly [Reason, openai: unknown[], anthropic: string, gemini: string])[] = [
  ['credential-invalid', ['invalid_request_error', 'invalid_api_key'], 'authentication_error', 'UNAUTHENTICATED'],
  ['payment-required', ['insufficient_quota', 'insufficient_quota'], 'billing_error', 'RESOURCE_EXHAUSTED'],
  ['credit-insufficient', ['insufficient_quota', 'insufficient_quota'], 'billing_error', 'RESOURCE_EXHAUSTED'],
  ['usage-limit-reached', ['insufficient_quota', 'insufficient_quota'], 'billing_error', 'RESOURCE_EXHAUSTED'],
  ['payment-declined', ['billing_not_active', 'billing_not_active'], 'billing_error', 'FAILED_PRECONDITION'],
  ['not-for-sale', ['invalid_request_error', 'insufficient_permissions'], 'permission_error', 'PERMISSION_DENIED'],
  ['model-not-found', ['invalid_request_error', 'model_not_found'], 'not_found_error', 'NOT_FOUND'],
  ['request-malformed', ['invalid_request_error', null], 'invalid_request_error', 'INVALID_ARGUMENT'],
  ['content-encoding-unsupported', ['invalid_request_error', null], 'invalid_request_error', 'INVALID_ARGUMENT'],
  ['content-too-large', ['invalid_request_error', 'request_too_large'], 'request_too_large', 'INVALID_ARGUMENT'],
  ['idempotency-conflict', ['invalid_request_error', 'idempotency_conflict'], 'invalid_request_error', 'ABORTED'],
  ['too-many-requests', ['rate_limit_exceeded', 'rate_limit_exceeded'], 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
  ['overloaded', ['server_error', 'server_is_overloaded'], 'overloaded_error', 'UNAVAILABLE'],
  ['origin-timeout', ['server_error', 'timeout'], 'timeout_error', 'DEADLINE_EXCEEDED'],
  ['misconfigured', ['server_error', 'server_error'], 'api_error', 'UNAVAILABLE'],
  ['internal-error', ['server_error', 'server_error'], 'api_error', 'INTERNAL'],
]

it.each(TOLD)('%s has the type that programs look for', async (reason, openai, anthropic, gemini) => {
  const told = { openai, anthropic, gemini, mistral: openai }
  for (const family of FAMILIES) {
    const body = (await refusedAs(family, refusal(reason, 'Why.')).json()) as Body
    expect(READ[family](body).told).toEqual(told[family])
  }
})

describe('the event that ends a broken stream', () => {
  const why = refusal('origin-unreachable', 'The provider broke off.')
  const ended = (family: Family, path: string) => {
    const exchange = exchangeOf(`/articles/v1/${path}`, { method: 'POST' })
    const view = describeRefusal(why, requestRefOf(exchange), undefined, undefined)
    const asked = { exchange, route: routeOf(siteOf(family)) }
    const bytes = formatOf(family, SHAPES[family]).terminal?.(view, why, asked)
    return new TextDecoder().decode(bytes)
  }
  const dataOf = (event: string): unknown => JSON.parse(event.replace(/^(?:event: error\n)?data: /, ''))

  it('is an error object for chat, Gemini and Mistral', () => {
    expect(dataOf(ended('openai', 'chat'))).toEqual({
      error: { message: why.detail, type: 'server_error', param: null, code: 'server_error' },
    })
    expect(dataOf(ended('gemini', 'generate'))).toMatchObject({ error: { code: 502, status: 'UNAVAILABLE' } })
    expect(dataOf(ended('mistral', 'chat'))).toMatchObject({ error: { message: why.detail } })
  })

  it('is an event named error for Responses and Messages', () => {
    const responses = ended('openai', 'responses')
    expect(responses).toMatch(/^event: error\n/)
    expect(dataOf(responses)).toEqual({
      type: 'error',
      code: 'server_error',
      message: why.detail,
      param: null,
      sequence_number: 0,
      error: { message: why.detail, type: 'server_error', param: null, code: 'server_error' },
    })
    const messages = ended('anthropic', 'messages')
    expect(messages).toMatch(/^event: error\n/)
    expect(dataOf(messages)).toMatchObject({ type: 'error', error: { type: 'api_error', message: why.detail } })
  })
})

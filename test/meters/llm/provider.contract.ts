import { describe, expect, it } from 'vitest'
import type { JsonMembers } from '../../../src/core/json.ts'
import type { Reason } from '../../../src/core/problem.ts'
import type { ModelApi, ModelProvider } from '../../../src/meters/llm/provider.ts'
import { applyEdits } from '../../../src/meters/llm/rules/edit.ts'
import { checkMembers, parseStrictJson } from '../../../src/meters/llm/rules/json.ts'
import type { RequestChanges } from '../../../src/meters/llm/rules/request.ts'
import type { TokenUsage } from '../../../src/meters/llm/rules/tokenusage.ts'
import { holdReader, type RecordedStream } from './reader.contract.ts'
import { bytesOf, requestOf } from './shapes.ts'

/** What the contract has to know of a provider. */
export interface ProviderUnderTest {
  readonly provider: ModelProvider
  /** The endpoints that are open, as `POST /v1/chat/completions`, with what they are. */
  readonly open: Readonly<Record<string, 'metered' | 'counter' | 'free' | 'models'>>
  /** Endpoints of the provider's API that are closed. */
  readonly closed: readonly string[]
  readonly apis: readonly ApiUnderTest[]
}

/** What the contract has to know of one API. */
export interface ApiUnderTest {
  /** The path of its endpoint, which is posted to. */
  readonly path: string
  readonly query?: string
  /** The least request that it takes. */
  readonly least: JsonMembers
  /** The other members that are documented, each with a value that changes nothing else. */
  readonly others: JsonMembers
  /** Requests that are refused. */
  readonly refused: readonly (readonly [what: string, members: JsonMembers, reason: Reason])[]
  /** True if its edits can cap the output, as read again from the request. */
  readonly caps: boolean
  /** A member that names a customer; undefined if it has none. `at`: its path. */
  readonly naming?: readonly string[]
  /** Answers as recorded, and what they used. */
  readonly answers: readonly (readonly [what: string, answer: object, used: TokenUsage | undefined])[]
  /** Streams as recorded, each event with its name or none, and what they used. */
  readonly streams: readonly RecordedStream[]
}

/** Nobody's endpoints. */
const NOWHERE = [
  '/',
  '/v1',
  '/v1/',
  '/v1/files',
  '/v1/batches',
  '/v1/organization/usage',
  '/v1/fine_tuning/jobs',
  '/admin',
]
/** Fields that never go upstream: whose account it is, and the credentials of clients. */
const NEVER_SENT =
  `authorization cookie x-api-key x-goog-api-key api-key openai-organization openai-project x-goog-user-project
  idempotency-key forwarded x-forwarded-for host connection content-length content-encoding accept-encoding cf-connecting-ip
  x-portkey-api-key helicone-auth`.split(/\s+/)
/** Fields of the provider's that never leave. */
const NEVER_LEAVES =
  /^(?:openai-organization|openai-project|anthropic-organization-id|set-cookie|.*ratelimit.*|retry-after.*)$/

/** The contract of providers: each passes all of it. */
export function holdProviderToContract({ provider, open, closed, apis }: ProviderUnderTest): void {
  const kindOf = (target: string): string | undefined => {
    const [method = '', path = ''] = target.split(' ')
    const [bare = '', query] = path.split('?')
    return provider.endpoint(method, bare, query === undefined ? '' : `?${query}`)?.kind
  }

  describe(`${provider.name}: endpoints and fields`, () => {
    it.each(Object.entries(open))('%s is %s', (target, kind) => expect(kindOf(target)).toBe(kind))
    it.each(closed)('%s is closed', (target) => expect(kindOf(target)).toBeUndefined())

    it('what is not listed is closed, in every method', () => {
      for (const path of NOWHERE)
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
          expect(kindOf(`${method} ${path}`)).toBeUndefined()
      for (const target of Object.keys(open)) {
        const [method = '', path = ''] = target.split(' ')
        const [bare = '', query = ''] = path.split(/(?=\?)/)
        for (const other of ['PUT', 'PATCH', 'DELETE', method === 'GET' ? 'POST' : 'GET'])
          expect(kindOf(`${other} ${path}`)).toBeUndefined()
        if (open[target] !== 'models')
          for (const end of ['/', '//', '/x', '%2f', ';x'])
            expect(kindOf(`${method} ${bare}${end}${query}`)).toBeUndefined()
        expect(kindOf(`${method} ${bare.toUpperCase()}${query}`)).toBeUndefined()
      }
    })

    it.each(apis.map(({ path }) => path))('only one field carries the operator’s key to %s', (path) => {
      const headers = new Headers({ accept: '*/*' })
      provider.authorize(headers, 'operator-key', path)
      const added = [...headers].filter(([name]) => name !== 'accept')
      expect(added).toHaveLength(1)
      expect(added[0]?.[1]).toContain('operator-key')
    })

    it('no credential and no account of the client’s goes upstream, no account or limit of the operator’s comes back', () => {
      for (const name of [...provider.requestFields, ...provider.responseFields]) expect(name).toBe(name.toLowerCase())
      expect(provider.requestFields.filter((name) => NEVER_SENT.includes(name))).toEqual([])
      expect(provider.responseFields.filter((name) => NEVER_LEAVES.test(name))).toEqual([])
      for (const name of Object.keys(provider.fieldValues ?? {})) expect(provider.requestFields).toContain(name)
    })

    it('lists models, and one of them', () => {
      expect(JSON.stringify(provider.models(['one', 'two'], undefined))).toMatch(/one.*two/)
      const one = JSON.stringify(provider.models(['one', 'two'], 'one'))
      expect(one).toContain('one')
      expect(one).not.toContain('two')
    })
  })

  describe.each(apis)(`${provider.name}: $path`, (tested) => holdApi(provider, tested))
}

function apiAt(provider: ModelProvider, { path, query = '' }: ApiUnderTest): ModelApi {
  const endpoint = provider.endpoint('POST', path, query)
  if (endpoint?.kind !== 'metered' && endpoint?.kind !== 'counter') throw new Error(`${path} has no API`)
  return endpoint.api
}

function holdApi(provider: ModelProvider, tested: ApiUnderTest): void {
  const { path, query = '', least, others } = tested
  const api = apiAt(provider, tested)
  const request = (more: JsonMembers = {}) => requestOf(api, { ...least, ...more }, path, query)

  it('takes its least request and each documented member', () => {
    const base = request()
    for (const [name, value] of Object.entries(others)) {
      expect(checkMembers({ ...least, [name]: value }, api.members, [])).toBeUndefined()
      expect(request({ [name]: value }).model).toBe(base.model)
    }
    expect(request(others).model).toBe(base.model)
  })

  it('refuses unknown members, and known ones in another case', () => {
    const foreign = 'api_base api_key provider models speed inference_geo extra_body __proto__'.split(' ')
    for (const name of foreign.filter((each) => !api.members.includes(each)))
      expect(checkMembers(Object.fromEntries([[name, 1]]), api.members, [])?.kind).toMatch(/member/)
    for (const name of api.members) {
      const variants = [name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1), name.replaceAll('_', '')]
      for (const variant of variants.filter((each) => !api.members.includes(each)))
        expect(checkMembers({ ...least, [variant]: 1 }, api.members, [])?.kind).toMatch(
          /^(?:ambiguous|unknown)-member$/,
        )
    }
  })

  it.each(tested.refused)('refuses %s', (_what, members, reason) => {
    const read = api.read({ ...least, ...members }, { path, query })
    expect(read.ok ? 'taken' : read.error.reason).toBe(reason)
    if (!read.ok) expect(read.error.detail).not.toContain('secret')
  })

  it('counts every byte that may become a token', () => {
    const text = 'ein Wort, 一个词, 🙂'
    const plain = request().input.bytes
    expect(plain).toBeGreaterThanOrEqual(longestText(least))
    const longer = JSON.parse(JSON.stringify(least).replace(/hello/, `hello${text}`))
    expect(requestOf(api, longer, path, query).input.bytes).toBeGreaterThanOrEqual(
      plain + new TextEncoder().encode(text).length,
    )
  })

  holdEdits(api, tested)
  holdReader(api, tested)
}

function longestText(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length
  return typeof value === 'object' && value !== null ? Math.max(0, ...Object.values(value).map(longestText)) : 0
}

/** Writes an object as nobody else would, so that what is written anew shows. */
function odd(object: JsonMembers): string {
  const members = Object.entries(object).map(
    ([name, value]) => `\t${JSON.stringify(name)} :  ${JSON.stringify(value)} `,
  )
  return `{ ${members.join(',')}\r\n}`
}

function holdEdits(api: ModelApi, { path, query = '', least, others, caps, naming }: ApiUnderTest): void {
  const edited = (body: JsonMembers, changes: RequestChanges): { text: string; body: JsonMembers } => {
    const text = new TextDecoder().decode(applyEdits(bytesOf(odd(body)), api.edit(body, changes)))
    const parsed = parseStrictJson(bytesOf(text))
    if (!parsed.ok) throw new Error(parsed.error.detail)
    return { text, body: parsed.value }
  }
  const reread = (body: JsonMembers) => requestOf(api, body, api.pathFor?.(path, 'other-model') ?? path, query)
  const pseudonym = (value: string): string => (value.startsWith('of-') ? value : `of-${value.length}`)

  it('edits leave every other byte, and can be made twice', () => {
    for (const body of [least, { ...least, ...others }]) {
      const changes: RequestChanges = { model: 'other-model', cap: 77n, asksUsage: true, tier: 'default', pseudonym }
      const { text, body: after } = edited(body, changes)
      const touched = new Set(api.edit(body, changes).map(({ path: [first] }) => String(first)))
      for (const [name, value] of Object.entries(body).filter(([each]) => !touched.has(each)))
        expect(text).toContain(`\t${JSON.stringify(name)} :  ${JSON.stringify(value)}`)
      expect(edited(after, changes).body).toEqual(after)
      expect(checkMembers(after, api.members, [])).toBeUndefined()
      expect(reread(after).model).toBe('other-model')
    }
  })

  if (caps)
    it('a cap is written where the API reads it', () => {
      const free = requestOf(api, least, path, query)
      for (const body of [least, { ...least, ...others }]) {
        expect(reread(edited(body, { cap: 77n, pseudonym }).body).output.cap).toBe(77n)
        expect(reread(edited(edited(body, { cap: 99n }).body, { cap: 77n }).body).output.cap).toBe(77n)
      }
      expect(free.output.leastCap).toBeGreaterThan(0n)
    })

  if (naming !== undefined)
    it('whom a request names goes upstream as a pseudonym or not at all', () => {
      const name = 'customer@example.com'
      const named = (naming ?? []).reduceRight<JsonMembers | string>((inner, step) => ({ [step]: inner }), name)
      const body = { ...least, ...(typeof named === 'string' ? {} : named) }
      expect(edited(body, { pseudonym }).text).toContain(pseudonym(name))
      for (const changes of [{ pseudonym }, { pseudonym: () => undefined }])
        expect(edited(body, changes).text).not.toContain(name)
    })
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, askAll, fieldOf, speak } from '../attacks/wire.ts'
import { type Gate, get, paying, startGate, token, written } from './poisoning-gate.ts'

let gate: Gate
let good: string[]
let presented: Readonly<Record<string, readonly string[]>>

const PAGES = ['/paid/kept/1', '/account/kept/1', '/plan/kept/1', '/articles/kept/1', '/private/kept/1'] as const

beforeAll(async () => {
  gate = await startGate()
  const bearer = await token()
  good = paying(bearer)
  const expired = await token({ lastsSeconds: -60 })
  presented = {
    nothing: [],
    'an expired token': paying(expired),
    'an expired cookie': [`Cookie: __Host-faregate=${expired}`],
    'a forged token': paying(await token({ secret: 'another secret, of thirty-two bytes' })),
    'a token of another zone': paying(await token({ zone: 'two' })),
    'a token for something else': paying(await token({ entitlements: ['basic'] })),
    'a token cut short': paying(bearer.slice(0, -2)),
    'a token with padding': paying(`${bearer}=`),
    'a token twice': [...good, ...good],
    'a token of another scheme': [`Authorization: Basic ${bearer}`],
    'a cookie twice': [`Cookie: __Host-faregate=${bearer}; __Host-faregate=${bearer}`],
    'a cookie of another name': [`Cookie: faregate=${bearer}`],
    'an identity of its own making': [
      'Faregate-Subject: "the-victim"',
      'Faregate-Plan: "gold"',
      'Faregate-Entitlements: "premium"',
    ],
  }
  // Copies, in every tier: the second answer comes from the cache, the third from memory.
  for (let time = 0; time < 3; time++)
    await askAll(
      gate.port,
      PAGES.map((path) => get(path, ...good)),
    )
})
afterAll(() => gate?.stop())
beforeEach(() => gate.origin.forget())

const DATE = 'Fri, 01 Jan 2100 00:00:00 GMT'

/** Ways to ask that end elsewhere in many caches than an ordinary request does. */
const MANNERS: Readonly<Record<string, readonly [method: string, ...fields: string[]]>> = {
  plainly: ['GET'],
  'for the head': ['HEAD'],
  'with the right tag': ['GET', 'If-None-Match: "kept"'],
  'with the weak tag': ['GET', 'If-None-Match: W/"kept"'],
  'with any tag': ['GET', 'If-None-Match: *'],
  'for the head with the right tag': ['HEAD', 'If-None-Match: "kept"'],
  'since a date': ['GET', `If-Modified-Since: ${DATE}`],
  'on condition of the tag': ['GET', 'If-Match: "kept"'],
  'on condition of no change': ['GET', `If-Unmodified-Since: ${DATE}`],
  'for a part': ['GET', 'Range: bytes=0-3'],
  'for the end': ['GET', 'Range: bytes=-3'],
  'for a part past the end': ['GET', 'Range: bytes=999999-'],
  'for the rest of what is the same': ['GET', 'Range: bytes=3-', 'If-Range: "kept"'],
  'for what is cached': ['GET', 'Cache-Control: only-if-cached'],
  'for what is old': ['GET', 'Cache-Control: max-stale=9999, only-if-cached'],
  'for what is new': ['GET', 'Cache-Control: no-cache'],
  'for what is not stored': ['GET', 'Cache-Control: no-store'],
  'in options': ['OPTIONS'],
  'in TRACE': ['TRACE'],
  'in POST': ['POST', 'Content-Length: 0'],
  'in POST that is a GET': ['POST', 'Content-Length: 0', 'X-HTTP-Method-Override: GET'],
  'in PURGE': ['PURGE'],
  'in DELETE': ['DELETE'],
  'in a method of its own': ['KEPT'],
  'from another site': ['GET', 'Origin: https://evil.example'],
  'as a preflight': ['OPTIONS', 'Origin: https://evil.example', 'Access-Control-Request-Method: GET'],
  'for an upgrade': [
    'GET',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  'as a browser': ['GET', 'Accept: text/html'],
  'for a prefetch': ['GET', 'Sec-Purpose: prefetch', 'Purpose: prefetch'],
}

/** True for what holds anything of the page: its content, its validators, or that there is one. */
function tells({ head, body, status }: Answer): boolean {
  return (
    [200, 206, 304, 412, 416].includes(status) ||
    /kept|^(?:etag|last-modified|content-range|age|x-told|cache-status):/im.test(head) ||
    /^GET |x-forwarded-host/m.test(body)
  )
}

describe('A reader who has not paid', () => {
  it.each(Object.keys(MANNERS))('gets nothing of a kept page, asking %s', async (manner) => {
    const [method, ...fields] = MANNERS[manner] ?? ['GET']
    const cases = Object.entries(presented).flatMap(([what, own]) => PAGES.map((path) => ({ what, own, path })))
    const answers = await askAll(
      gate.port,
      cases.map(({ own, path }) => written({ line: `${method} ${path}`, fields: [...own, ...fields] })),
    )
    const told = cases.filter((_, index) => {
      const answer = answers[index]
      return answer !== undefined && tells(answer)
    })
    expect(told.map(({ what, path }) => `${path} to ${what}`)).toEqual([])
    const statuses = new Set(answers.map((answer) => answer?.status))
    // A method that the runtime does not know does not reach the gate, and TRACE goes no further.
    const fallback: Readonly<Record<string, number>> = { KEPT: 501, TRACE: 405 }
    expect([...statuses]).toEqual([manner === 'as a preflight' ? 204 : (fallback[method] ?? 402)])
    expect(gate.origin.arrivals).toEqual([])
  })
})

describe('A purge that no one signed', () => {
  it('changes nothing', async () => {
    const targets = [
      '/__faregate/purge',
      '/__faregate/purge/',
      '/__faregate/purge?everything=true',
      '/__faregate/cache',
    ]
    const body = '{"everything":true}'
    const fields = ['Content-Type: application/json', `Content-Length: ${body.length}`]
    const requests = targets.flatMap((target) =>
      [...Object.values(presented), good].flatMap((own) =>
        ['POST', 'DELETE', 'PUT'].map((method) =>
          written({ line: `${method} ${target}`, fields: [...own, ...fields], body }),
        ),
      ),
    )
    const answers = await askAll(gate.port, requests)
    expect(answers.filter((answer) => answer === undefined || answer.status < 400 || answer.status >= 500)).toEqual([])
    const copies = await askAll(
      gate.port,
      PAGES.slice(0, 4).map((path) => get(path, ...good)),
    )
    expect(
      copies.filter((copy) => copy !== undefined && /; hit/.test(fieldOf(copy, 'cache-status') ?? '')),
    ).toHaveLength(4)
    expect(gate.origin.arrivals).toEqual([])
  })
})

describe('A credential', () => {
  it('is in no copy, in no request to the origin, and in no line of the log', async () => {
    const bearers = await Promise.all(['a', 'b', 'c'].map((account) => token({ account: `holder-of-${account}` })))
    const spellings = (bearer: string): string[][] => [
      [`Authorization: Bearer ${bearer}`],
      [`Authorization: bearer   ${bearer}`],
      [`Cookie: a=1; __Host-faregate=${bearer}; b=2`],
      [`Authorization: Bearer ${bearer}`, `Cookie: __Host-faregate=${bearer}`],
      [`Authorization: Token ${bearer}`],
      [`Cookie: __host-faregate=${bearer}`],
      [`Authorization: Bearer ${bearer}`, 'Connection: authorization, cookie', 'Cache-Control: no-cache'],
    ]
    const routes = ['/paid', '/account', '/plan', '/private', '/mine', '/own', '/free', '/listed', '/unnamed']
    const kinds = ['reflect', 'vary~authorization', 'vary~cookie', 'absent~cookie', 'confirms', 'error']
    const requests = bearers.flatMap((bearer) =>
      routes.flatMap((route) =>
        kinds.flatMap((kind) => spellings(bearer).map((own) => get(`${route}/${kind}/credential`, ...own))),
      ),
    )
    const answers = await askAll(gate.port, requests)
    const parts = bearers.flatMap((bearer) => bearer.split('.').slice(1))
    const has = (text: string): boolean => parts.some((part) => text.includes(part))
    expect(answers.filter((answer) => answer !== undefined && has(`${answer.head}${answer.body}`))).toEqual([])
    expect(gate.origin.arrivals.length).toBeGreaterThan(100)
    expect(gate.origin.arrivals.filter(({ fields, target }) => has(`${target}${JSON.stringify(fields)}`))).toEqual([])
    expect(gate.log.length).toBeGreaterThan(requests.length)
    expect(gate.log.filter(has)).toEqual([])
    expect(gate.log.filter((line) => /eyJ[\w-]{8}|holder-of-/.test(line))).toEqual([])
  })
})

describe('What leaves', () => {
  const STORABLE =
    /^(?!x-told)(?:expires|pragma|surrogate-|cache-tag|edge-|x-accel-|x-litespeed-|[\w-]+-cache-control).*$/gim

  const FOR_CACHES = /^(?:surrogate-|cache-tag|edge-|x-accel-|x-litespeed-|[\w-]+-cache-control).*$/gim

  /** One page by every way through the gate: fetched, kept, held in memory, confirmed, in part, for its head, and past the cache. */
  function ways(path: string, own: readonly string[]): Buffer[] {
    const asked = [
      [],
      [],
      [],
      ['If-None-Match: "kept"'],
      ['Range: bytes=0-3'],
      ['Range: bytes=99999-'],
      ['Cache-Control: no-cache'],
      ['If-Match: "kept"'],
      ['Cache-Control: no-store'],
      ['Origin: https://evil.example'],
    ]
    return [
      ...asked.map((fields) => get(path, ...own, ...fields)),
      written({ line: `HEAD ${path}`, fields: own }),
      written({ line: `POST ${path}`, fields: [...own, 'Content-Length: 0'] }),
    ]
  }

  it('paid is private to its reader, and says nothing that another cache would keep it by', async () => {
    const kinds = ['kept', 'broken', 'moved', 'reflect', 'redirect', 'error', 'confirms', 'stale']
    const targets = ['/paid', '/account', '/plan', '/private', '/articles'].flatMap((route) =>
      kinds.map((kind) => `${route}/${kind}/leaves`),
    )
    for (const target of targets) {
      const answers: Answer[] = []
      for (const request of ways(target, good))
        answers.push(
          ...(await speak(gate.port, request.toString('latin1').replace(/(HTTP\/1.1\r\n)/, '$1Connection: close\r\n'))),
        )
      expect(answers).toHaveLength(12)
      const open = answers.filter(
        ({ head }) =>
          !/^private, (?:no-cache|max-age=[0-5])$/.test(/^cache-control: *(.*)$/im.exec(head)?.[1]?.trim() ?? ''),
      )
      expect(open.map(({ head }) => `${target}: ${head}`)).toEqual([])
      expect(answers.flatMap(({ head }) => head.match(STORABLE) ?? [])).toEqual([])
    }
  })

  it('free has no field that is for the caches below the gate', async () => {
    const answers = await askAll(
      gate.port,
      ['/free', '/mine', '/own', '/ignoring'].flatMap((route) => ways(`${route}/kept/leaves`, [])),
    )
    expect(answers.flatMap((answer) => answer?.head.match(FOR_CACHES) ?? [])).toEqual([])
  })

  it('to the origin says nothing of caches where no client did: the platform’s are told beside the request', async () => {
    const routes = ['/paid', '/account', '/plan', '/private', '/mine', '/own', '/free', '/listed', '/unnamed']
    await askAll(
      gate.port,
      routes.flatMap((route) => ways(`${route}/kept/asked`, good)).filter((said) => !said.includes('Cache-Control:')),
    )
    expect(gate.origin.arrivals.length).toBeGreaterThan(50)
    const told = gate.origin.arrivals.flatMap(({ fields }) =>
      fields.filter(([name]) => /^(?:cache-control|pragma)$/i.test(name)),
    )
    expect(told).toEqual([])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { startGate } from './gate.ts'
import { type Arrival, SECRET } from './origin.ts'
import { framings, IDENTITY, malformations, OVERRIDES, PAYMENT, spellingsOf } from './smuggled.ts'
import { type Answer, speak } from './wire.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startGate('free'))
afterEach(() => gate.origin.forget())

function request(line: string, ...fields: string[]): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...fields, '', ''].join('\r\n')
}

/** The names of the fields that arrived, as CGI would know them. */
function namesOf({ head }: Arrival): string[] {
  return head
    .split('\r\n')
    .slice(1)
    .map((line) =>
      line
        .slice(0, line.indexOf(':'))
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '-'),
    )
}

function secretsIn(answers: readonly Answer[]): string[] {
  return answers.filter(({ body }) => body.includes(SECRET)).map(({ body }) => body.slice(0, 200))
}

/** How many bodies, hosts and requests an arrival could be taken to have. */
function isPlain(arrival: Arrival): boolean {
  const names = namesOf(arrival)
  const count = (name: string): number => names.filter((other) => other === name).length
  return (
    count('host') === 1 &&
    count('content-length') + count('transfer-encoding') <= 1 &&
    !/[\0\r\n]/.test(arrival.head.replaceAll('\r\n', ''))
  )
}

/** Every part of the token: any would do for a search through logs. */
function leakedParts(arrivals: readonly Arrival[]): Arrival[] {
  const parts = gate.token.split('.').slice(1)
  return arrivals.filter(({ head, target }) => parts.some((part) => `${target}\n${head}`.includes(part)))
}

describe('Field names', () => {
  const sent = [...OVERRIDES, ...IDENTITY, ...PAYMENT].flatMap(spellingsOf)
  // The gate itself says these two, and the first of them is checked for its value.
  const own = new Set(['x-forwarded-host', 'x-forwarded-proto'])

  it.each([...OVERRIDES, ...IDENTITY, ...PAYMENT])(
    '%s from a client does not reach the origin in any spelling',
    async (name) => {
      for (const spelling of spellingsOf(name)) {
        await speak(gate.port, request('GET /free/a', `${spelling}: spoofed.example/articles/1`))
      }
      expect(gate.origin.arrivals.length).toBeGreaterThan(0)
      const heads = gate.origin.arrivals.map(({ head }) => head).filter((head) => head.includes('spoofed'))
      expect(heads).toEqual([])
    },
  )

  it('of two hundred at once, none that is the gate’s to say reaches the origin', async () => {
    const fields = sent.slice(0, 200).map((name) => `${name}: spoofed`)
    const answers = await speak(gate.port, request('GET /free/a', ...fields))
    expect(answers).toHaveLength(1)
    for (const arrival of gate.origin.arrivals) {
      const barred = new Set(sent.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-')))
      expect(namesOf(arrival).filter((name) => barred.has(name) && !own.has(name))).toEqual([])
    }
  })

  it('the identity that a paid request brings to the origin is the payer’s alone', async () => {
    const spoofed = IDENTITY.flatMap(spellingsOf).map((name) => `${name}: "spoofed"`)
    await speak(gate.port, request('GET /articles/1', `Authorization: Bearer ${gate.token}`, ...spoofed))
    expect(gate.origin.arrivals).toHaveLength(1)
    for (const { head } of gate.origin.arrivals) {
      expect(head).not.toContain('spoofed')
      expect(head.match(/^faregate-subject:.*$/gim)).toEqual(['faregate-subject: "account-of-the-payer"'])
    }
  })
})

describe('Our credential', () => {
  const spellings: Readonly<Record<string, (token: string) => string[]>> = {
    Authorization: (token) => [`Authorization: Bearer ${token}`],
    'Authorization in lower case': (token) => [`authorization: bearer ${token}`],
    'Authorization with more spaces': (token) => [`Authorization:   BEARER    ${token}   `],
    'Authorization with a tab': (token) => [`Authorization: Bearer\t${token}`],
    'Authorization with a colon': (token) => [`Authorization: Bearer: ${token}`],
    'Authorization without a scheme': (token) => [`Authorization: ${token}`],
    'Authorization in quotes': (token) => [`Authorization: Bearer "${token}"`],
    'Authorization with a parameter': (token) => [`Authorization: Bearer token="${token}"`],
    'Authorization of another scheme': (token) => [`Authorization: Token ${token}`],
    'Authorization twice': (token) => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
    'Authorization after another': (token) => ['Authorization: Basic YTpi', `Authorization: Bearer ${token}`],
    'Authorization before another': (token) => [`Authorization: Bearer ${token}`, 'Authorization: Basic YTpi'],
    'Authorization in a list': (token) => [`Authorization: Basic YTpi, Bearer ${token}`],
    'Authorization with padding': (token) => [`Authorization: Bearer ${token}==`],
    'Authorization with a comma behind': (token) => [`Authorization: Bearer ${token},`],
    'Authorization nominated by Connection': (token) => [
      'Connection: authorization, cookie',
      `Authorization: Bearer ${token}`,
      `Cookie: __Host-faregate=${token}`,
    ],
    'a cookie': (token) => [`Cookie: __Host-faregate=${token}`],
    'a cookie between others': (token) => [`Cookie: a=1; __Host-faregate=${token}; b=2`],
    'a cookie without space': (token) => [`Cookie: a=1;__Host-faregate=${token};b=2`],
    'a cookie on each of two lines': (token) => [
      `Cookie: a=1; __Host-faregate=${token}`,
      `Cookie: __Host-faregate=${token}; b=2`,
    ],
    'a cookie twice': (token) => [`Cookie: __Host-faregate=${token}; __Host-faregate=${token}`],
    'a cookie with spaces': (token) => [`Cookie: __Host-faregate = ${token}`],
    'a cookie in quotes': (token) => [`Cookie: __Host-faregate="${token}"`],
    'a cookie whose name is in lower case': (token) => [`Cookie: __host-faregate=${token}`],
    'a cookie after a comma': (token) => [`Cookie: a=1, __Host-faregate=${token}`],
    'a cookie after a space': (token) => [`Cookie: a=1 __Host-faregate=${token}`],
    'a cookie after a tab': (token) => [`Cookie: a=1;\t__Host-faregate=${token}`],
    'a cookie with a comma in it': (token) => [`Cookie: __Host-faregate=,${token}`],
  }

  it.each(Object.keys(spellings))('as %s does not reach the origin, on a free page or a paid one', async (name) => {
    const fields = spellings[name]?.(gate.token) ?? []
    for (const target of ['/free/a', '/unmatched', '/articles/1', '/members']) {
      await speak(gate.port, request(`GET ${target}`, ...fields))
    }
    expect(leakedParts(gate.origin.arrivals)).toEqual([])
  })

  it('leaves the other cookies and another’s authorization to the origin of a free page', async () => {
    await speak(
      gate.port,
      request('GET /free/a', 'Authorization: Basic YTpi', `Cookie: a=1; __Host-faregate=${gate.token}; b=2`),
    )
    const [arrival] = gate.origin.arrivals
    expect(arrival?.head).toMatch(/^authorization: Basic YTpi$/im)
    expect(arrival?.head).toMatch(/^cookie: a=1; ?b=2$/im)
  })

  it('sent twice, or in two places that differ, opens nothing', async () => {
    for (const name of ['Authorization twice', 'a cookie twice', 'a cookie on each of two lines'] as const) {
      const answers = await speak(gate.port, request('GET /articles/1', ...(spellings[name]?.(gate.token) ?? [])))
      expect(answers.map(({ status }) => status)).toEqual([402])
    }
    expect(gate.origin.arrivals).toEqual([])
  })
})

describe('A request hidden behind another', () => {
  it.each(framings())('is not carried to the origin by $by', async ({ bytes }) => {
    const answers = await speak(gate.port, bytes)
    expect(secretsIn(answers)).toEqual([])
    expect(gate.origin.strays).toEqual([])
    expect(gate.origin.arrivals.length).toBeLessThanOrEqual(1)
    expect(gate.origin.arrivals.filter((arrival) => arrival.target !== '/free/form' || !isPlain(arrival))).toEqual([])
    expect(gate.origin.arrivals.filter(({ head }) => /^(?:x-hidden|faregate-)/im.test(head))).toEqual([])
  })

  it('is answered on its own where the first has an end', async () => {
    const hidden = request('GET /articles/1')
    const answers = await speak(
      gate.port,
      `${request('POST /free/form', 'Content-Length: 3').replace(/$/, 'abc')}${hidden}`,
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 402])
    expect(gate.origin.arrivals.map(({ target, body }) => [target, body])).toEqual([['/free/form', 'abc']])
  })
})

describe('A request that is not quite HTTP', () => {
  it.each(malformations())('opens nothing: $by', async ({ bytes }) => {
    const answers = await speak(gate.port, bytes)
    expect(secretsIn(answers)).toEqual([])
    expect(gate.origin.strays).toEqual([])
    expect(
      gate.origin.arrivals.filter((arrival) => !isPlain(arrival) || /^x-hidden|spoofed/im.test(arrival.head)),
    ).toEqual([])
  })

  it('reaches the origin by the method that was decided on', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const upgrade = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ]
      await speak(gate.port, request(`${method} /forms/1`, ...upgrade))
    }
    // There, a POST is free and a GET is not.
    expect(gate.origin.arrivals.map(({ method, target }) => `${method} ${target}`)).toEqual(['POST /forms/1'])
  })
})

describe('What is too large', () => {
  const tokenOf = (bytes: number): string => `e30.${'A'.repeat(bytes)}.AAAA`
  const large: Readonly<Record<string, () => string>> = {
    'a megabyte of fields': () =>
      request('GET /articles/1', ...Array.from({ length: 1024 }, (_, index) => `X-${index}: ${'x'.repeat(1016)}`)),
    'sixty-four kilobytes of fields': () =>
      request('GET /articles/1', ...Array.from({ length: 64 }, (_, index) => `X-${index}: ${'x'.repeat(1016)}`)),
    'two hundred fields': () =>
      request('GET /articles/1', ...Array.from({ length: 200 }, (_, index) => `X-${index}: x`)),
    'a token of a hundred kilobytes': () => request('GET /articles/1', `Authorization: Bearer ${tokenOf(100_000)}`),
    'a cookie of a hundred kilobytes': () => request('GET /articles/1', `Cookie: __Host-faregate=${tokenOf(100_000)}`),
    'twenty thousand cookies of ours': () =>
      request('GET /articles/1', `Cookie: ${'__Host-faregate=a; '.repeat(20_000)}`),
    'a path of a megabyte': () => request(`GET /articles/${'x'.repeat(1_000_000)}`),
    'a path of a hundred thousand dots': () => request(`GET /articles/${'../'.repeat(30_000)}articles/1`),
    'a path of ten thousand nested escapes': () => request(`GET /%${'25'.repeat(10_000)}61rticles/1`),
    'a path of twenty thousand suffixes': () => request(`GET /members${'.a'.repeat(20_000)}`),
    'a query of a megabyte': () => request(`GET /articles/1?${'x'.repeat(1_000_000)}`),
    'a host of a megabyte': () => request('GET /articles/1').replace('localhost', 'x'.repeat(1_000_000)),
  }

  it.each(Object.keys(large))(
    '%s gets a clear answer or a closed connection, and the next request is served',
    async (name) => {
      const answers = await speak(gate.port, large[name]?.() ?? '')
      expect(secretsIn(answers)).toEqual([])
      expect(answers.map(({ status }) => status).filter((status) => status < 400 || status >= 500)).toEqual([])
      const next = await speak(gate.port, request('GET /free/a'))
      expect(next.map(({ status }) => status)).toEqual([200])
      expect(gate.origin.arrivals.map(({ target }) => target)).toEqual(['/free/a'])
    },
  )
})

import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeedWorld, OURS } from '../../feeds/world.ts'
import { leaked } from '../../tokens/hostile/gate.ts'
import { makeParties, type Parties } from '../../tokens/hostile/parties.ts'

let parties: Parties
let world: FeedWorld
let token: string
/** What no output may have a piece of: the part of the token that is its own. */
let canary: string

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(async () => {
  world = new FeedWorld(parties)
  token = (await world.make('/feed/1')).token
  canary = token.slice(token.indexOf('.') + 1)
  world.forget()
})
afterEach(() => vi.restoreAllMocks())

const percent = (text: string): string =>
  Array.from(text, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')

/** URLs with a token, by how they are spelled: behind a path, in its query or in the path itself. */
const SPELLINGS: Readonly<Record<string, (path: string, token: string) => string>> = {
  plainly: (path, sent) => `${path}?token=${sent}`,
  'among others': (path, sent) => `${path}?a=1&token=${sent}&b=2`,
  'with a name in escapes': (path, sent) => `${path}?%74oke%6E=${sent}`,
  'with a name in escapes of escapes': (path, sent) => `${path}?%2574oken=${sent}`,
  'with its dots in escapes': (path, sent) => `${path}?token=${sent.replaceAll('.', '%2e')}`,
  'all in escapes': (path, sent) => `${path}?token=${percent(sent)}`,
  'all in escapes of escapes': (path, sent) => `${path}?token=${percent(percent(sent))}`,
  'with a name in capitals': (path, sent) => `${path}?TOKEN=${sent}`,
  twice: (path, sent) => `${path}?token=${sent}&token=${sent}`,
  'twice, in two ways': (path, sent) => `${path}?token=${sent}&Token=${percent(sent)}`,
  'twice in one value': (path, sent) => `${path}?token=${sent},${sent}`,
  'with semicolons': (path, sent) => `${path}?a=1;token=${sent};b=2`,
  'as an array': (path, sent) => `${path}?token[]=${sent}&token%5Bx%5D=${sent}`,
  'with spaces about it': (path, sent) => `${path}?token=+${sent}+&+token=${sent}`,
  'with a question mark too many': (path, sent) => `${path}??token=${sent}`,
  'without a name': (path, sent) => `${path}?${sent}`,
  'as a name': (path, sent) => `${path}?${sent}=1`,
  'under another name': (path, sent) => `${path}?access_token=${sent}&key=x`,
  'within another URL': (path, sent) => `${path}?to=${encodeURIComponent(`${OURS}/feed/1?token=${sent}`)}`,
  'as a parameter of the path': (path, sent) => `${path};token=${sent}`,
  'as a segment': (path, sent) => `${path}/${sent}`,
  'as a segment in escapes': (path, sent) => `${path}/${percent(sent)}/x`,
  'between dots': (path, sent) => `${path}/.${sent}./x`,
  'with a suffix': (path, sent) => `${path}/${sent}.json?a=1`,
  'altered at its end': (path, sent) => `${path}?token=${sent.slice(0, -2)}`,
  'cut in half': (path, sent) => `${path}?token=${sent.slice(0, sent.length / 2)}`,
}

/** Where it is sent, and how. */
const PLACES: Readonly<Record<string, readonly [path: string, init?: RequestInit & { base?: string }]>> = {
  'its own route': ['/feed/1'],
  'its own route, from a browser': ['/feed/1', { headers: { accept: 'text/html' } }],
  'its own route, changing something': ['/feed/1', { method: 'POST', body: 'x' }],
  'its own route, asking for leave': ['/feed/1', { method: 'OPTIONS', headers: { origin: 'https://app.example' } }],
  'its own route, over plain http': ['/feed/1', { base: 'http://news.example' }],
  'its own route, on another host': ['/feed/1', { base: 'https://other.example' }],
  'its own route in capitals': ['/FEED/1', { headers: { accept: 'text/html' } }],
  'a route within its own': ['/feed/extra/1', { headers: { accept: 'text/html' } }],
  'another route with feeds': ['/live/1'],
  'a route with a price': ['/dear/1', { headers: { accept: 'text/html' } }],
  'a free route': ['/free/1'],
  'a route without feeds': ['/paid/1', { headers: { accept: 'text/html' } }],
  'no route': ['/nowhere/1'],
  'a path that is ambiguous': ['/feed/..%2fpaid/1'],
  'a path that cannot be read': ['/feed/%zz', { headers: { accept: 'text/html' } }],
  'an explanation': [`/__faregate/explain`],
  'the account page': ['/__faregate/account', { headers: { accept: 'text/html' } }],
  'the endpoint of feeds': ['/__faregate/feeds'],
  'an endpoint that there is not': ['/__faregate/nothing'],
  'something like an endpoint': ['/%5f_faregate/account'],
}

describe.each(Object.entries(SPELLINGS))('a feed token in a URL, %s', (_how, spell) => {
  it.each(Object.entries(PLACES))('is told nobody: %s', async (_place, [path, init]) => {
    world.answer = ({ url }) =>
      new Response(`<a href="${url}">`, {
        status: path.startsWith('/live') ? 302 : 200,
        headers: {
          location: `${url}#x`,
          link: `<${url}>; rel="self"`,
          'content-location': url,
          refresh: `0; url=${url}`,
        },
      })
    const url = spell(path, token)
    const response = await world.ask(url, init)
    await world.ask(url, init)
    expect(world.told.length).toBeGreaterThan(2)
    expect(leaked(canary, world.everything())).toBeUndefined()
    expect(leaked(percent(canary), world.everything().toLowerCase())).toBeUndefined()
    if (response.status < 400) expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })
})

describe('a feed token in the URL that is said to be where a request comes from', () => {
  it.each(Object.entries(SPELLINGS))('%s, is told no origin', async (_how, spell) => {
    for (const [at, page] of ['/feed/1', '/FEED/1', '/paid/1', '/free/1'].entries()) {
      const from = `${OURS}${spell(page, token)}`
      await world.ask(`/free/${at}`, { headers: { referer: from, 'hx-current-url': from, 'x-from': `at ${from}` } })
    }
    expect(world.received).toHaveLength(4)
    expect(leaked(canary, world.everything())).toBeUndefined()
    expect(leaked(percent(canary), world.everything().toLowerCase())).toBeUndefined()
  })
})

describe('the token of an account in the URL of a feed, where it opens nothing', () => {
  const hows = [
    'plainly',
    'all in escapes',
    'with a name in capitals',
    'twice',
    'with semicolons',
    'as an array',
  ] as const
  it.each(hows)('is told nobody: %s', async (how) => {
    const sent = await world.token()
    const own = sent.slice(sent.indexOf('.') + 1)
    for (const [at, page] of ['/feed/1', '/FEED/1', '/live/1', '/feed/extra/1'].entries()) {
      const url = SPELLINGS[how]?.(page, sent) ?? ''
      for (const accept of ['text/html', '*/*'])
        expect((await world.ask(url, { headers: { accept } })).status).toBe(page === '/FEED/1' ? 400 : 402)
      await world.ask(`/free/${at}`, { headers: { referer: `${OURS}${url}` } })
    }
    expect(world.received).toHaveLength(4)
    expect(leaked(own, world.everything())).toBeUndefined()
    expect(leaked(percent(own), world.everything().toLowerCase())).toBeUndefined()
  })
})

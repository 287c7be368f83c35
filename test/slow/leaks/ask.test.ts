import { gzipSync } from 'node:zlib'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createAsker } from '../../../cli/leaks/ask.ts'
import { open, shut } from '../../../tools/loopback.ts'

const TOKEN = { authorization: 'Bearer secret' }

const seen: Pick<IncomingMessage, 'url' | 'headers' | 'method'>[] = []
let site: Server
let other: Server
let url: string
let elsewhere: string

beforeAll(async () => {
  other = createServer(({ url: target, headers, method }, response) => {
    seen.push({ url: target, headers, method })
    response.end('elsewhere')
  })
  elsewhere = await open(other)
  site = createServer(({ url: target, headers, method }, response) => {
    seen.push({ url: target, headers, method })
    if (target === '/away') response.writeHead(302, { location: `${elsewhere}/there` }).end()
    else if (target === '/loop') response.writeHead(302, { location: '/loop' }).end()
    else if (target === '/moved') response.writeHead(301, { location: '/page' }).end()
    else if (target === '/kept.gz') response.end(gzipSync('kept'))
    else if (target === '/broken') response.destroy()
    else response.end('page')
  })
  url = await open(site)
})
afterAll(() => Promise.all([shut(site), shut(other)]))
beforeEach(() => {
  seen.length = 0
})

function asker(origins: readonly string[], most = 50) {
  return createAsker({ most, delayMs: 0, timeoutMs: 5000, origins: new Set(origins) })
}

it('sends a credential along a redirect within the site, and to no other', async () => {
  const { ask } = asker([url, elsewhere])
  expect(await ask({ kind: 'page', url: `${url}/moved` }, TOKEN)).toMatchObject({ body: 'page', url: `${url}/page` })
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret'])
  seen.length = 0
  expect(await ask({ kind: 'page', url: `${url}/away` }, TOKEN)).toMatchObject({ body: 'elsewhere' })
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined])
})

it('does not follow a redirect to a site that it may not ask', async () => {
  expect(await asker([url]).ask({ kind: 'page', url: `${url}/away` }, TOKEN)).toMatchObject({ status: 302, body: '' })
  expect(await asker([url]).ask({ kind: 'host', url: elsewhere })).toBeUndefined()
  expect(seen.map((request) => request.url)).toEqual(['/away'])
})

it('follows the redirect of a form as a browser does', async () => {
  await asker([url]).ask({ kind: 'form', url: `${url}/moved`, method: 'POST', body: 'p=42' })
  expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

it('unpacks a file that is kept compressed', async () => {
  expect(await asker([url]).ask({ kind: 'file', url: `${url}/kept.gz` })).toMatchObject({ body: 'kept' })
})

it('gives up on redirects without end, on a broken connection, and when it has asked enough', async () => {
  const { ask, asked, isSpent } = asker([url], 7)
  expect(await ask({ kind: 'page', url: `${url}/loop` })).toBeUndefined()
  expect(asked()).toBe(5)
  expect(await ask({ kind: 'page', url: `${url}/broken` })).toBeUndefined()
  expect(await ask({ kind: 'page', url: `${url}/page` })).toMatchObject({ status: 200 })
  expect(isSpent()).toBe(true)
  expect(await ask({ kind: 'page', url: `${url}/page` })).toBeUndefined()
})

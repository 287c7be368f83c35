import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type BillingIssuer, createIssuer, generateKeys } from '../../../src/billing/index.ts'
import { compile } from '../../../src/config/config.ts'
import { ok } from '../../../src/core/result.ts'
import { createGate } from '../../../src/gate.ts'
import type { ZoneOptions } from '../../../src/index.ts'
import { memory } from '../../../src/platform/memory/index.ts'
import { readPage, root } from '../../slow/docs/markdown.ts'
import { CookieJar } from '../purchases/site.ts'

type FindMember = (name: string, password: string) => Promise<{ id: string; entitlements: string[] } | undefined>
interface Shown {
  readonly zone: Partial<ZoneOptions>
  readonly accountPages: (billing: BillingIssuer, findMember: FindMember) => (request: Request) => Promise<Response>
}

const SITE = 'https://www.example.com'
const ISSUER = 'https://billing.example.com'
const PASSWORD = 'correct horse battery staple'
/** Node wants to be told that a body is not waited for; the runtimes of the gate do not. */
class HalfDuplexRequest extends Request {
  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    super(input, init.body ? ({ ...init, duplex: 'half' } as RequestInit) : init)
  }
}

let folder: string
let shown: Shown

beforeAll(async () => {
  vi.stubGlobal('Request', HalfDuplexRequest)
  const [zone, code] = readPage('docs/login/same-host.md').blocks
  mkdirSync(join(root, '.faregate'), { recursive: true })
  folder = mkdtempSync(join(root, '.faregate/same-host-'))
  writeFileSync(join(folder, 'billing.ts'), code?.text ?? '')
  writeFileSync(
    join(folder, 'zone.ts'),
    `import { bearer } from '../../src/index.ts'\nexport const zone = {\n${zone?.text ?? ''}}\n`,
  )
  const [one, other] = await Promise.all(['zone.ts', 'billing.ts'].map((name) => import(join(folder, name))))
  shown = { ...(one as Pick<Shown, 'zone'>), ...(other as Pick<Shown, 'accountPages'>) }
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.unstubAllGlobals()
})

it('The page about billing on the site’s own host leads from the refusal to the article, and out again', async () => {
  const billing = createIssuer({ issuer: ISSUER, audience: SITE, keys: await generateKeys() })
  const isMember: FindMember = async (_name, password) =>
    password === PASSWORD ? { id: 'ann', entitlements: ['premium'] } : undefined
  const answer = shown.accountPages(billing, isMember)
  const found = compile(
    {
      zones: [
        {
          name: 'www',
          hosts: ['www.example.com'],
          audience: SITE,
          issuers: [{ issuer: ISSUER, keys: billing.jwks().keys.map((key) => ({ ...key })) }],
          ...shown.zone,
        } as ZoneOptions,
      ],
    },
    {},
    { needsOrigin: false },
  )
  if (!found.ok) throw new Error(JSON.stringify(found.error))
  const gate = createGate(ok(found.value), memory({}, {}, { log: () => undefined }))
  const jar = new CookieJar()
  const origin = async (_admitted: unknown, outgoing: () => Request) => {
    const request = outgoing()
    const isBilling = new URL(request.url).pathname.startsWith('/account/')
    return ok({ response: isBilling ? await answer(request) : new Response('the article') })
  }
  const ask = async (path: string, fields: Record<string, string> = {}, form?: string): Promise<Response> => {
    const headers = {
      cookie: jar.header,
      ...fields,
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const init = form === undefined ? {} : { method: 'POST', body: form }
    const asked = new Request(`${SITE}${path}`, { headers, ...init })
    const response = await gate.answer(asked, { origin, purge: async () => true }, () => undefined)
    jar.keep(response.headers.getSetCookie())
    return response
  }
  const signIn = new URLSearchParams({ name: 'Ann', password: PASSWORD }).toString()

  const refused = await ask('/articles/1')
  expect([refused.status, await refused.text()]).toEqual([402, expect.stringContaining(`${SITE}/account/sign-in?to=`)])
  expect(await (await ask('/account/sign-in')).text()).toContain('<form method="post">')
  expect((await ask('/account/sign-in', { origin: 'https://evil.example' }, signIn)).status).toBe(403)
  expect((await ask('/account/sign-in', { origin: SITE }, 'name=Ann&password=wrong')).status).toBe(422)
  expect(jar.cookies.size).toBe(0)
  const signedIn = await ask('/account/sign-in', { origin: SITE }, signIn)
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/articles/1'])
  expect(signedIn.headers.get('cache-control')).toBe('private, no-store')
  expect(await (await ask('/articles/1')).text()).toBe('the article')
  expect((await ask('/account/sign-out', { origin: SITE }, 'x=1')).status).toBe(303)
  expect([jar.cookies.size, (await ask('/articles/1')).status]).toEqual([0, 402])
})

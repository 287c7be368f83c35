import { describe, expect, it } from 'vitest'
import { type Reason, REASONS, refusal } from '../../src/core/problem.ts'
import { compileTemplate, fill } from '../../src/core/template.ts'
import { describeRefusal, requestRefOf } from '../../src/refusals/describe.ts'
import type { RefusalFormat } from '../../src/refusals/format.ts'
import type { Site } from '../../src/site.ts'
import { challengingRail, exchangeOf, fieldBytes, PAYMENT_REQUIRED, refused, routeOf, siteWith } from './site.ts'

/** What the contract has to know of a format. */
export interface FormatUnderTest {
  readonly create: () => RefusalFormat
  /** Fields of a request whose refusal it writes, */
  readonly accepted: Readonly<Record<string, string>>
  /** and of one whose refusal it leaves to others; undefined if there is none. */
  readonly declined: Readonly<Record<string, string>> | undefined
  readonly type: string
  /** Reads a body as its client does. Throws if that could not read it. */
  readonly read: (body: string) => {
    readonly texts: readonly string[]
    readonly reason: string
    readonly instance: string
  }
  /** True if a client takes a stream that ends so for one that has ended. */
  readonly isEnd?: (bytes: Uint8Array) => boolean
}

const EVERY_REASON = Object.keys(REASONS) as Reason[]
const HOSTILE = `"'><script>alert(1)</script><img src=x onerror=alert(1)> </title>&amp;\\", "reason": "x" \u2028\u0000\u0007`
const CREDENTIAL = 'canary.canary.canary'
const MOST_BODY_BYTES = 16_384

/** The contract of refusal formats: each passes all of it. */
export function holdFormatToContract(format: FormatUnderTest): void {
  const { create, accepted, declined, type, read, isEnd } = format
  const site = (title?: string): Site => siteWith({ refusals: [create()], ...(title === undefined ? {} : { title }) })
  const asking = (init: RequestInit = {}, path?: string) =>
    exchangeOf(path, { ...init, headers: { ...accepted, ...(init.headers as Record<string, string> | undefined) } })

  it('writes for whom it accepts, and for nobody else', async () => {
    const here = site()
    expect(refused(here, asking()).headers.get('content-type')).toBe(type)
    if (declined === undefined) return
    const other = refused(here, exchangeOf('/articles/1', { headers: declined }))
    expect(other.headers.get('content-type')).not.toBe(type)
  })

  it.each(EVERY_REASON)('leaves the status of %s as it is, and carries reason and instance', async (reason) => {
    const here = site()
    for (const exchange of [asking(), asking()]) {
      const response = refused(here, exchange, refusal(reason, `It is ${reason}.`))
      expect(response.status).toBe(REASONS[reason].status)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('content-type')).toBe(type)
      expect(read(await response.text())).toMatchObject({ reason, instance: `urn:uuid:${exchange.id}` })
    }
  })

  it('escapes whatever an operator or a client has written', async () => {
    const path = '/articles/%22%3E%3Cscript%3E?q="><script>alert(1)</script>'
    const response = refused(site(HOSTILE), asking({}, path), refusal('payment-required', HOSTILE))
    const { texts } = read(await response.text())
    expect(texts.join('\n')).toContain(HOSTILE)
  })

  it('says no word of a credential', async () => {
    const headers = { authorization: `Bearer ${CREDENTIAL}`, cookie: `__Host-faregate=${CREDENTIAL}` }
    const response = refused(site(), asking({ headers }))
    expect(`${[...response.headers].join()} ${await response.text()}`).not.toContain('canary')
  })

  it('answers HEAD with the fields of GET and no body', async () => {
    const here = site()
    const [get, head] = ['GET', 'HEAD'].map((method) => refused(here, asking({ method })))
    expect(head?.status).toBe(get?.status)
    const known = (response?: Response) => [...(response?.headers ?? [])].map(([name]) => name)
    expect(known(head)).toEqual(known(get))
    expect(await head?.text()).toBe('')
  })

  it('keeps its fields under 6 KB and its body small, whatever the URL and the rails say', async () => {
    const talkative = Array.from({ length: 12 }, (_, index) =>
      challengingRail(() => ({
        fields: [['WWW-Authenticate', `Scheme${index} ${'x'.repeat(700)}`]],
        isStatic: index % 2 === 0,
      })),
    )
    const crowded = siteWith({ refusals: [create()], rails: talkative })
    const response = refused(crowded, asking({}, `/articles/1?${'x'.repeat(6000)}`))
    expect(fieldBytes(response)).toBeLessThanOrEqual(6 * 1024)
    expect((await response.text()).length).toBeLessThan(MOST_BODY_BYTES)
  })

  describe('its template', () => {
    it('is filled to what it would have written', async () => {
      const here = site(HOSTILE)
      const exchange = asking()
      const own = create()
      const offer = here.zone.routes.entries[0]?.route.terms
      const view = describeRefusal(
        PAYMENT_REQUIRED,
        { ...requestRefOf(exchange), ...(own.hasNoReturn && { returnTo: '' }) },
        here.zone,
        offer?.kind === 'paid' ? offer.offer : undefined,
      )
      const challenged = { challenges: [], origin: exchange.origin }
      const how = { language: own.languageOf?.(exchange, here.zone) ?? '', zone: here.zone, ...challenged }
      const written = own.write(view, PAYMENT_REQUIRED, {}, how)
      const body = fill(compileTemplate(written.body), ['', '', '', '', ...(own.article?.(undefined, view, how) ?? [])])
      const response = refused(here, exchange)
      expect(await response.text()).toBe(body)
      for (const [name, value] of written.fields) expect(response.headers.get(name)).toBe(value)
    })
  })

  if (isEnd === undefined) return
  it('ends a stream that breaks off as its client expects', () => {
    const exchange = asking()
    const view = describeRefusal(PAYMENT_REQUIRED, requestRefOf(exchange), undefined, undefined)
    const asked = { exchange, route: routeOf(site()) }
    expect(isEnd(create().terminal?.(view, PAYMENT_REQUIRED, asked) ?? new Uint8Array())).toBe(true)
  })
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answerEndpoint, type Endpoint, type EndpointServices } from '../../src/endpoints/endpoint.ts'
import type { LogRecord } from '../../src/logrecord.ts'

/** An endpoint, and where it is asked. */
export interface EndpointUnderTest {
  /** Anew for each test. */
  readonly create: () => { readonly endpoint: Endpoint; readonly services: EndpointServices }
  /** Below `/__faregate/`. */
  readonly path: string
  /** A host of a site, without port. */
  readonly host: string
}

const OUTSIDE = { waitUntil: () => undefined, purge: async () => false }
const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const SECRET = 'canary of whom it is about'
const PREFLIGHT = { origin: 'https://app.test', 'access-control-request-method': 'GET' }

/** The contract of the gate's own endpoints: each passes all of it. */
export function holdEndpointToContract({ create, path, host }: EndpointUnderTest): void {
  let lines: LogRecord[]
  let noted: ReturnType<typeof vi.spyOn>

  beforeEach(() => {
    lines = []
    noted = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(() => void vi.restoreAllMocks())

  const ask = (init: RequestInit = {}, over: Partial<Endpoint> = {}, at = host): Promise<Response> => {
    const { endpoint, services } = create()
    const request = new Request(`https://${at}/__faregate/${path}`, init)
    const log = (line: LogRecord): unknown => lines.push(line)
    return answerEndpoint({ ...endpoint, ...over }, request, { ...services, log }, OUTSIDE)
  }
  const methods = (): readonly string[] => create().endpoint.methods
  const unlisted = () => ALL_METHODS.filter((method) => !methods().includes(method))

  /** What every answer has, and the one line that it leaves. */
  const expectOne = (response: Response): void => {
    expect(response.headers.get('cache-control')).toContain('no-store')
    expect(response.headers.get('date')).toMatch(/GMT$/)
    expect(lines).toHaveLength(1)
    expect(lines).toMatchObject([{ decision: 'own', status: response.status, route: undefined }])
    const { action } = create().endpoint
    const hasAudit = lines[0]?.audit !== undefined
    expect(hasAudit).toBe(action !== undefined && response.status !== 204)
  }

  it('is 421 for a host that no site has', async () => {
    const response = await ask({ method: methods()[0] ?? 'GET' }, {}, 'nobody.test')
    expect(response.status).toBe(421)
    expect(await response.json()).toMatchObject({ status: 421, reason: 'host-unknown' })
    expectOne(response)
    expect(lines[0]?.zone).toBeUndefined()
  })

  it('is 405 for a method that it does not list, and says which it does', async () => {
    for (const method of unlisted()) {
      lines.length = 0
      const response = await ask({ method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, methods().join(', ')])
      expectOne(response)
    }
  })

  it('answers nobody who asks for nothing of its own, and leaves one line', async () => {
    const response = await ask({ method: methods()[0] ?? 'GET' })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    expect(await response.json()).toBeTypeOf('object')
    expectOne(response)
  })

  it('answers HEAD without a body', async () => {
    const response = await ask({ method: 'HEAD' })
    expect(await response.text()).toBe('')
    expectOne(response)
  })

  it('answers a preflight if pages of other sites may read it, and else as any method that it does not list', async () => {
    const response = await ask({ method: 'OPTIONS', headers: PREFLIGHT })
    expect(response.status).toBe(create().endpoint.expose === undefined ? 405 : 204)
    if (response.status === 204) expect(response.headers.get('access-control-allow-methods')).toBe(methods().join(', '))
    expectOne(response)
  })

  it('lets no page of another site read an answer, unless it says so', async () => {
    const { expose } = create().endpoint
    const response = await ask({ method: methods()[0] ?? 'GET', headers: { origin: 'https://app.test' } })
    expect(response.headers.has('access-control-allow-origin')).toBe(expose !== undefined)
    expect(response.headers.has('access-control-allow-credentials')).toBe(false)
  })

  describe.each([
    [
      'throws',
      (): never => {
        throw new TypeError(SECRET)
      },
    ],
    ['rejects', () => Promise.reject(new TypeError(`${SECRET}\n    at ${SECRET}`))],
  ])('when it %s', (_how, answer) => {
    it('says what is known of the outcome, and neither answer nor log say what broke', async () => {
      const response = await ask({ method: methods()[0] ?? 'GET' }, { answer })
      const { onUnknown } = create().endpoint
      if (typeof onUnknown === 'function') throw new Error('a page for readers has tests of its own')
      expect(response.status).toBe(onUnknown?.status ?? 500)
      const text = await response.text()
      expect(JSON.parse(text)).toMatchObject({ detail: onUnknown?.detail ?? expect.stringContaining('broken') })
      expectOne(response)
      expect(noted).toHaveBeenCalledTimes(1)
      expect(JSON.stringify([text, noted.mock.calls, lines])).not.toContain(SECRET)
      if (create().endpoint.action !== undefined) expect(lines[0]?.audit).toMatchObject({ done: false })
    })
  })

  it('does not say that all is well with what it may have changed, where that is not known', () => {
    const { action, onUnknown } = create().endpoint
    if (action === undefined) return
    expect(onUnknown).toMatchObject({ status: 503, fields: { 'retry-after': expect.any(String) } })
  })
}

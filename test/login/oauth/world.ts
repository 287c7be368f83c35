import { vi } from 'vitest'
import { compile, type Compiled } from '../../../src/config/config.ts'
import type { ZoneOptions } from '../../../src/config/options.ts'
import { bearer, oauth, oidc, type OAuthOptions, receipt, session } from '../../../src/index.ts'
import type { MeterPlatform } from '../../../src/meters/plugin.ts'
import { web } from '../../../src/platform/web/index.ts'
import type { BegunTrip, Login, LoginContext, TripContext, TripRequest, TripReturn } from '../../../src/rails/login.ts'
import { createServices } from '../../../src/services.ts'
import { siteAt, ZONE } from '../../support/compiled.ts'
import { AUDIENCE, AuthServer, ISSUER, SECRET, type ServerKeys } from './authserver.ts'

const ENVIRONMENT = { CLIENT_SECRET: SECRET, GATE_SECRET: 'the secret of the gate, of thirty-two bytes or more' }
const REDIRECT_URI = 'https://a.test/__faregate/return/oauth'

export const OPTIONS: OAuthOptions = {
  issuer: ISSUER,
  clientId: 'news',
  secret: 'CLIENT_SECRET',
  scopes: ['openid', 'offline_access'],
  resource: AUDIENCE,
  offers: { monthly: 'offer:monthly' },
}

/** A trip that has begun. */
export interface Begun {
  readonly asked: TripRequest
  readonly trip: BegunTrip
  readonly query: URLSearchParams
}

/** A login with its server, and a clock that is driven. */
export class OAuthWorld {
  now = 1_800_000_000_000
  readonly server: AuthServer
  readonly login: Login
  readonly context: LoginContext
  readonly told: string[] = []

  constructor(
    keys: ServerKeys,
    options: Partial<OAuthOptions> = {},
    zone: Partial<ZoneOptions> = {},
    secrets: Record<string, string> = {},
  ) {
    this.server = new AuthServer(keys, () => this.now)
    const platform = { ...web({ ...ENVIRONMENT, ...secrets }), clock: () => this.now, fetch: this.server.fetch }
    vi.spyOn(console, 'warn').mockImplementation((line: unknown) => void this.told.push(String(line)))
    const found = compiledWith({ ...OPTIONS, ...options }, zone, platform)
    const services = createServices(found, platform)
    const site = siteAt(found, 'a.test')
    const [login] = site.logins ?? []
    if (login === undefined) throw new Error('no login')
    this.login = login
    this.context = {
      zone: site.zone,
      verifiers: services,
      call: { now: this.now, waitUntil: () => undefined },
    }
  }

  get ending(): TripContext {
    return { ...this.context, applyEvent: () => Promise.reject(new Error('nothing is applied')) }
  }

  request(over: Partial<TripRequest> = {}): TripRequest {
    const state = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
    const about = { offer: undefined, isSilent: false, languages: undefined, account: undefined }
    return { ...about, state, redirectUri: REDIRECT_URI, to: 'https://a.test/articles/1', ...over }
  }

  /** Begins a trip, and signs in on the other side. */
  async begin(over: Partial<TripRequest> = {}): Promise<Begun> {
    const asked = this.request(over)
    const begun = await this.login.begin(asked, this.context)
    if (!begun.ok) throw new Error(JSON.stringify(begun.error))
    return { asked, trip: begun.value, query: this.server.agree(begun.value.location) }
  }

  async finish({ asked, trip, query }: Begun, parameters = query) {
    const { state, redirectUri, to, offer, isSilent, account } = asked
    const back: TripReturn = { state, redirectUri, to, offer, isSilent, account, kept: trip.kept, parameters }
    return this.login.finish(back, this.ending)
  }

  /** Signs in, and returns what became of it in a word: the outcome, or the fault with its code. */
  async outcome(begun: Begun | Promise<Begun> = this.begin()): Promise<string> {
    const ended = await this.finish(await begun)
    return ended.ok ? ended.value.kind : `${ended.error.kind} ${ended.error.code}`
  }
}

function compiledWith(options: OAuthOptions, zone: Partial<ZoneOptions>, platform: MeterPlatform): Compiled {
  const issuers = [oidc({ issuer: ISSUER, jwksUri: `${ISSUER}/jwks`, audience: AUDIENCE })]
  const rails = [bearer(), session(), receipt()]
  const given = {
    secrets: { gate: 'GATE_SECRET' },
    zones: [{ ...ZONE, issuers, rails, logins: [oauth(options)], ...zone }],
  }
  const found = compile(given, platform.bindings, { needsOrigin: true, platform })
  if (!found.ok) throw new Error(JSON.stringify(found.error))
  return found.value
}

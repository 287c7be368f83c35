import type { Receipt } from '../../src/access/receipt.ts'
import type { Json } from '../../src/core/json.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import type { EndpointFactory } from '../../src/endpoints/endpoint.ts'
import type { LoginPlugin } from '../../src/endpoints/loginplugin.ts'
import { loginEndpoints } from '../../src/login/endpoints.ts'
import type {
  BegunTrip,
  Login,
  LoginFault,
  LoginOffer,
  PortalRequest,
  RenewedSession,
  SessionClaims,
  TripOutcome,
  TripRequest,
  TripReturn,
} from '../../src/rails/login.ts'

/** What the other side says of a trip, or does. */
export type Ending = Result<TripOutcome, LoginFault> | (() => Promise<Result<TripOutcome, LoginFault>>)

export interface FakeLoginOptions {
  readonly name?: string
  readonly issuer?: string
  readonly offers?: readonly LoginOffer[]
  readonly signsIn?: boolean
  readonly isSilent?: boolean
  readonly signInPath?: string
  readonly portal?: string
  readonly described?: () => Promise<readonly LoginOffer[]>
  readonly endpoints?: readonly EndpointFactory[]
}

/** A login whose other side does what a test says, and which notes what it is asked. */
export class FakeLogin implements LoginPlugin {
  readonly name: string
  readonly issuer: string
  readonly bringsIssuer = true
  readonly endpoints: readonly EndpointFactory[]
  readonly rails = ['session']
  readonly begun: TripRequest[] = []
  readonly finished: TripReturn[] = []
  readonly renewed: RenewedSession[] = []
  readonly revoked: RenewedSession[] = []
  readonly portals: PortalRequest[] = []
  /** Who signs in. */
  account = 'ann'
  entitlements: readonly string[] = ['premium']
  /** What becomes of each trip, in order; the last one stays. Without any, the return itself says. */
  readonly endings: Ending[] = []
  /** What stands in the way of beginning, if something does. */
  fault: LoginFault | undefined
  readonly #options: FakeLoginOptions

  constructor(options: FakeLoginOptions = {}) {
    this.#options = options
    this.name = options.name ?? 'ident'
    this.issuer = options.issuer ?? `https://${this.name}.example`
    this.endpoints = options.endpoints ?? loginEndpoints()
  }

  faults(): readonly [] {
    return []
  }

  create(): Login {
    const { offers = [], signsIn = true, isSilent = false, signInPath, portal, described } = this.#options
    return {
      name: this.name,
      issuer: this.issuer,
      offers,
      signsIn,
      isSilent,
      ...(signInPath !== undefined && { signInPath }),
      ...(described && { describeOffers: described }),
      begin: (asked) => this.#begin(asked),
      finish: (back) => this.#finish(back),
      renew: async (session) => {
        this.renewed.push(session)
        return { kind: 'renewed', claims: this.claims() }
      },
      revoke: async (session) => void this.revoked.push(session),
      ...(portal !== undefined && {
        portal: async (asked: PortalRequest) => {
          this.portals.push(asked)
          return ok(portal)
        },
      }),
    }
  }

  claims(account = this.account): SessionClaims {
    return {
      issuer: this.issuer,
      account,
      entitlements: this.entitlements,
      plan: undefined,
      limits: [],
      standing: 'active',
      issuedAt: 0,
    }
  }

  signedIn(more: { readonly receipts?: readonly Receipt[]; readonly notice?: string } = {}): Ending {
    return ok({ kind: 'signed-in', session: { claims: this.claims(), refresh: 'canary-refresh' }, ...more })
  }

  async #begin(asked: TripRequest): Promise<Result<BegunTrip, LoginFault>> {
    this.begun.push(asked)
    if (this.fault !== undefined) return err(this.fault)
    const { offer, state, redirectUri, earlier } = asked
    const secret = textIn(earlier) ?? `canary-verifier-${state}`
    const query = new URLSearchParams({ state, redirect_uri: redirectUri, ...(offer !== undefined && { offer }) })
    return ok({ location: `${this.issuer}/authorize?${query.toString()}`, kept: { secret } })
  }

  async #finish(back: TripReturn): Promise<Result<TripOutcome, LoginFault>> {
    this.finished.push(back)
    const scripted = this.endings.length > 1 ? this.endings.shift() : this.endings[0]
    if (scripted !== undefined) return typeof scripted === 'function' ? scripted() : scripted
    if (back.parameters.get('error') !== null) return ok({ kind: 'cancelled' })
    if (textIn(back.kept) !== `canary-verifier-${back.state}` || back.parameters.get('code') !== codeOf(back.state))
      return err({ kind: 'refused', detail: 'The code is of no use here.', code: 'invalid_grant' })
    return ok({ kind: 'signed-in', session: { claims: this.claims(), refresh: 'canary-refresh' } })
  }
}

function textIn(kept: Json | undefined): string | undefined {
  return typeof kept === 'object' && kept !== null && 'secret' in kept && typeof kept['secret'] === 'string'
    ? kept['secret']
    : undefined
}

function codeOf(state: string): string {
  return `canary-code-${state.slice(-6)}`
}

/** The query with which the other side sends a reader back who agreed to what `location` shows. */
export function agreed(location: string): URLSearchParams {
  const state = new URL(location).searchParams.get('state') ?? ''
  return new URLSearchParams({ code: codeOf(state), state })
}

/** The same for a reader who turned back. */
export function declined(location: string): URLSearchParams {
  const state = new URL(location).searchParams.get('state') ?? ''
  return new URLSearchParams({ error: 'access_denied', state })
}

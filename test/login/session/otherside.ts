import type { LoginPlugin } from '../../../src/endpoints/loginplugin.ts'
import type { Login, RenewedSession, Renewal, SessionClaims } from '../../../src/rails/login.ts'

export const LOGIN = 'https://login.example.net'

/** What the other side does when it is asked to renew a session. */
export type Answer = (session: RenewedSession, times: number) => Renewal | Promise<Renewal>

/** A login whose other side does what a test says. Its refresh tokens are good for one use. */
export class OtherSide {
  renewals = 0
  readonly revoked: (string | undefined)[] = []
  /** The refresh token that is good now. */
  current = 'refresh-0-secret'
  claims: SessionClaims
  answer: Answer | undefined
  endsAt: string | undefined

  constructor(now: () => number) {
    this.claims = {
      issuer: LOGIN,
      account: 'ann',
      entitlements: ['premium'],
      plan: 'Monthly',
      limits: [],
      standing: 'active',
      signedBy: 'thumbprint-of-the-key',
      get issuedAt() {
        return Math.floor(now() / 1000)
      },
    }
  }

  /** Claims of this moment. */
  stated(over: Partial<SessionClaims> = {}): SessionClaims {
    return { ...this.claims, ...over }
  }

  rotate(session: RenewedSession): Renewal {
    if (session.refresh !== this.current) return { kind: 'ended' }
    this.current = `refresh-${this.renewals}-secret`
    return { kind: 'renewed', claims: this.stated(), refresh: this.current }
  }

  login(): Login {
    return {
      name: 'test',
      issuer: LOGIN,
      offers: [],
      signsIn: true,
      isSilent: false,
      begin: () => Promise.reject(new Error('no trips here')),
      finish: () => Promise.reject(new Error('no trips here')),
      renew: async (renewed) => {
        this.renewals += 1
        return this.answer === undefined ? this.rotate(renewed) : this.answer(renewed, this.renewals)
      },
      revoke: async ({ refresh }) => void this.revoked.push(refresh),
      endSession: async ({ home }) => (this.endsAt === undefined ? undefined : `${this.endsAt}?to=${home}`),
    }
  }

  plugin(endpoints: LoginPlugin['endpoints'] = []): LoginPlugin {
    return { name: 'test', issuer: LOGIN, endpoints, rails: ['session'], faults: () => [], create: () => this.login() }
  }
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BillingEvent } from '../../src/standing/rules/event.ts'
import { ok } from '../../src/core/result.ts'
import type { BegunTrip, Login, LoginContext, TripContext, TripRequest, TripReturn } from '../../src/rails/login.ts'

/** A login with its other side, as a test made them. */
export interface LoginUnderTest {
  readonly login: Login
  readonly context: LoginContext
  /** Returns the query with which a reader comes back who agreed to what `location` shows: signed in, or paid. */
  agree(location: string): Promise<URLSearchParams>
  /** The same for one who turned back. Absent if the other side has no way back. */
  turnBack?(location: string): Promise<URLSearchParams>
  /** From now on the other side answers as always, not at all, or with what makes no sense. */
  become(state: 'up' | 'down' | 'nonsense'): void
  /** Texts that may stand in no fault: the credentials of this login, and whatever the other side has given out. */
  secrets(): readonly string[]
  end?(): Promise<void>
}

const ORIGIN = 'https://news.example'
const SECRET_STATE = /^[\w-]{43}$/

function request(login: Login, over: Partial<TripRequest> = {}): TripRequest {
  const state = btoa(crypto.randomUUID() + crypto.randomUUID()).slice(0, 43)
  expect(state).toMatch(SECRET_STATE)
  const offer = login.signsIn ? undefined : login.offers[0]?.name
  const redirectUri = `${ORIGIN}/__faregate/return/${login.name}`
  const about = { isSilent: false, languages: 'de, en;q=0.5', account: undefined }
  return { offer, state, redirectUri, to: `${ORIGIN}/articles/1?a=b`, ...about, ...over }
}

function back(asked: TripRequest, { kept }: BegunTrip, parameters: URLSearchParams): TripReturn {
  const { state, redirectUri, to, offer, isSilent, account } = asked
  // As it comes out of the cookie.
  return { state, redirectUri, to, offer, isSilent, account, kept: JSON.parse(JSON.stringify(kept)), parameters }
}

/** The contract of logins: each passes all of it. */
export function holdLoginToContract(name: string, create: () => Promise<LoginUnderTest>): void {
  describe(`the login ${name}`, () => {
    let under: LoginUnderTest
    const applied: BillingEvent[] = []

    beforeEach(async () => {
      applied.length = 0
      under = await create()
    })
    afterEach(async () => under.end?.())

    const ending = (): TripContext => ({
      ...under.context,
      applyEvent: async (event) => {
        applied.push(event)
        return ok(undefined)
      },
    })
    const begin = async (over: Partial<TripRequest> = {}): Promise<[TripRequest, BegunTrip]> => {
      const asked = request(under.login, over)
      const begun = await under.login.begin(asked, under.context)
      if (!begun.ok) throw new Error(JSON.stringify(begun.error))
      return [asked, begun.value]
    }
    const expectDiscreet = (fault: unknown): void => {
      const text = JSON.stringify(fault)
      for (const secret of under.secrets()) expect(text).not.toContain(secret)
    }

    it('has a name for a path, an issuer, and something to do', () => {
      const { login } = under
      expect(login.name).toMatch(/^[a-z0-9-]+$/)
      expect(URL.canParse(login.issuer)).toBe(true)
      expect(login.signsIn || login.offers.length > 0).toBe(true)
      expect(new Set(login.offers.map((offer) => offer.name)).size).toBe(login.offers.length)
      for (const { title } of login.offers) expect(title).not.toBe('')
    })

    it('begins with the absolute URL of a page, and keeps a kilobyte at most', async () => {
      const [, { location, kept }] = await begin()
      expect(new URL(location).protocol).toMatch(/^https?:$/)
      expect(JSON.stringify(kept).length).toBeLessThanOrEqual(1024)
    })

    it('begins each offer that it names, and refuses others', async () => {
      for (const { name: offer } of under.login.offers) {
        const [, { location, kept }] = await begin({ offer })
        expect(URL.canParse(location)).toBe(true)
        expect(JSON.stringify(kept).length).toBeLessThanOrEqual(1024)
      }
      const other = await under.login.begin(request(under.login, { offer: 'no-such-offer' }), under.context)
      expect(other).toMatchObject({ ok: false, error: { kind: 'refused' } })
    })

    it('takes the long URL of a page', async () => {
      const [, { kept }] = await begin({ to: `${ORIGIN}/${'a'.repeat(990)}` })
      expect(JSON.stringify(kept).length).toBeLessThanOrEqual(1024)
    })

    it('ends with an account of its issuer, or with what was bought', async () => {
      const [asked, begun] = await begin()
      const parameters = await under.agree(begun.location)
      const ended = await under.login.finish(back(asked, begun, parameters), ending())
      if (!ended.ok) throw new Error(JSON.stringify(ended.error))
      const { value: outcome } = ended
      expect(['signed-in', 'bought']).toContain(outcome.kind)
      if (outcome.kind === 'signed-in') {
        expect(outcome.session.claims.issuer).toBe(under.login.issuer)
        expect(outcome.session.claims.account).not.toBe('')
      }
      for (const event of applied) expect(event.issuer).toBe(under.login.issuer)
    })

    it('renews what it has signed in, for the same account', async () => {
      const [asked, begun] = await begin()
      const ended = await under.login.finish(back(asked, begun, await under.agree(begun.location)), ending())
      if (!ended.ok) throw new Error(JSON.stringify(ended.error))
      if (ended.value.kind !== 'signed-in') return
      const { claims, refresh, hint } = ended.value.session
      const renewed = await under.login.renew({ account: claims.account, refresh, hint }, under.context)
      if (renewed.kind === 'renewed')
        expect([renewed.claims.issuer, renewed.claims.account]).toEqual([claims.issuer, claims.account])
      else expect(renewed.kind).toBe('ended')
      under.become('down')
      const later = await under.login.renew({ account: claims.account, refresh, hint }, under.context)
      // Without a refresh token there is nobody to ask.
      expect(refresh === undefined ? ['ended', 'unavailable'] : ['unavailable']).toContain(later.kind)
    })

    it('knows a reader who turned back', async () => {
      if (under.turnBack === undefined) return
      const [asked, begun] = await begin()
      const ended = await under.login.finish(back(asked, begun, await under.turnBack(begun.location)), ending())
      expect(ended).toEqual(ok({ kind: 'cancelled' }))
    })

    it('gives nothing for the return of another trip', async () => {
      const [, other] = await begin()
      const [asked, begun] = await begin()
      const ended = await under.login.finish(back(asked, begun, await under.agree(other.location)), ending())
      expect(applied).toEqual([])
      if (ended.ok) expect(['waiting', 'cancelled']).toContain(ended.value.kind)
      else expectDiscreet(ended.error)
    })

    it('gives nothing for a return that says what it likes', async () => {
      const [asked, begun] = await begin()
      const { state } = asked
      for (const said of [{}, { code: 'x' }, { code: '' }, { error: 'server_error' }, { success: 'true' }]) {
        const parameters = new URLSearchParams({ state, ...said })
        const ended = await under.login.finish(back(asked, begun, parameters), ending())
        expect(applied).toEqual([])
        if (ended.ok) expect(['waiting', 'cancelled']).toContain(ended.value.kind)
        else expectDiscreet(ended.error)
      }
    })

    it('goes on with a purchase that was begun before, and gives it once', async () => {
      const [offer] = under.login.offers
      if (offer === undefined) return
      const [first, begun] = await begin({ offer: offer.name })
      const again = { ...first, earlier: JSON.parse(JSON.stringify(begun.kept)) }
      const going = await under.login.begin(again, under.context)
      if (!going.ok) throw new Error(JSON.stringify(going.error))
      expect(new URL(going.value.location).origin).toMatch(/^https?:/)
      const parameters = await under.agree(going.value.location)
      const ended = await under.login.finish(back(again, going.value, parameters), ending())
      expect(ended.ok && ['signed-in', 'bought'].includes(ended.value.kind)).toBe(true)
    })

    it.each(['down', 'nonsense'] as const)('says that the other side is not available, if it is %s', async (state) => {
      const [asked, begun] = await begin()
      const parameters = await under.agree(begun.location)
      under.become(state)
      const ended = await under.login.finish(back(asked, begun, parameters), ending())
      expect(ended).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
      if (!ended.ok) expectDiscreet(ended.error)
      const next = await under.login.begin(request(under.login), under.context)
      if (!next.ok) {
        expect(next.error.kind).toBe('unavailable')
        expectDiscreet(next.error)
      }
    })
  })
}

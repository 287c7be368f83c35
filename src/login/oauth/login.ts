/**
 * Signs readers in, and sells, at an OpenID provider or another authorization server (OAuth 2.0 authorization code flow with
 * PKCE, RFC 9700).
 *
 * A browser goes to the server and comes back with a code. The gate redeems the code with what only it knows: the verifier of
 * this trip, and the client's secret. What counts is what the tokens say that it gets for that.
 */
import * as oauth from 'oauth4webapi'
import * as v from 'valibot'
import type { Json } from '../../core/json.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { LoginPlatform } from '../../endpoints/loginplugin.ts'
import { logWarning } from '../../log.ts'
import type {
  BegunTrip,
  EndSessionRequest,
  Login,
  LoginContext,
  LoginFault,
  RenewedSession,
  Renewal,
  TripOutcome,
  TripRequest,
  TripReturn,
} from '../../rails/login.ts'
import { createIdentity, type Identity, type IdentityFault, type ReadIdentity } from './identity.ts'
import { createMetadata, type FindMetadata } from './metadata.ts'
import type { CheckedOAuth } from './options.ts'
import { ParkedTokens } from './parked.ts'
import { localesOf } from './rules/locales.ts'
import { createServer, type OAuthServer, type TokenFault, type TokenSet } from './server.ts'

/** The parts of a login. */
interface Parts {
  readonly options: CheckedOAuth
  readonly findMetadata: FindMetadata
  readonly server: OAuthServer
  readonly readIdentity: ReadIdentity
  readonly parked: ParkedTokens
}

/** Creates the login of one zone. */
export function createLogin(options: CheckedOAuth, platform: LoginPlatform): Login {
  const parts: Parts = {
    options,
    findMetadata: createMetadata(options, platform),
    server: createServer(options, platform),
    readIdentity: createIdentity(options, platform.clock),
    parked: new ParkedTokens(platform.clock),
  }
  const { name, issuer, offers, scopes, silent } = options
  return {
    name,
    issuer,
    offers: Object.entries(offers).map(([offer, { title = offer, price }]) => ({
      name: offer,
      title,
      ...(price !== undefined && { price }),
    })),
    signsIn: true,
    // `prompt` is a parameter of OpenID Connect, which others may take.
    isSilent: silent ?? scopes.includes('openid'),
    begin: (asked, context) => begin(asked, context, parts),
    finish: (back, context) => finish(back, context, parts),
    renew: (session, context) => renew(session, context, parts),
    revoke: (session, context) => revoke(session, context, parts),
    endSession: (asked, context) => endSession(asked, context, parts),
  }
}

const SILENT_SERVER: LoginFault = {
  kind: 'unavailable',
  detail: {
    en: 'The page to sign in cannot be reached at the moment.',
    de: 'Die Anmeldeseite ist gerade nicht zu erreichen.',
  },
  code: 'no_metadata',
}

const NO_SUCH_OFFER: LoginFault = {
  kind: 'refused',
  detail: { en: 'This is not sold here.', de: 'Das wird hier nicht verkauft.' },
  code: 'unknown_offer',
}

const keptSchema = /* @__PURE__ */ v.object({ nonce: v.string(), verifier: v.string() })
/** What only the gate knows of a trip: 256 bits each. */
type Kept = v.InferOutput<typeof keptSchema>

function keptIn(value: Json | undefined): Kept | undefined {
  const read = v.safeParse(keptSchema, value)
  return read.success ? read.output : undefined
}

async function begin(
  asked: TripRequest,
  { call }: LoginContext,
  { options, findMetadata }: Parts,
): Promise<Result<BegunTrip, LoginFault>> {
  if (asked.offer !== undefined && !Object.hasOwn(options.offers, asked.offer)) return err(NO_SUCH_OFFER)
  const metadata = await findMetadata(call)
  if (metadata === undefined) return err(SILENT_SERVER)
  const kept: Kept = keptIn(asked.earlier) ?? {
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  }
  const location = new URL(metadata.authorization_endpoint)
  const challenge = await oauth.calculatePKCECodeChallenge(kept.verifier)
  for (const [name, value] of Object.entries(parametersOf(asked, { ...kept, challenge }, options)))
    if (value !== undefined) location.searchParams.set(name, value)
  for (const uri of options.resource ?? []) location.searchParams.append('resource', uri)
  return ok({ location: location.href, kept: { ...kept } })
}

function parametersOf(
  { offer, isSilent, state, redirectUri, languages, to, reference }: TripRequest,
  { nonce, challenge }: { readonly nonce: string; readonly challenge: string },
  { clientId, scopes, offers, audience, parameters }: CheckedOAuth,
): Readonly<Record<string, string | undefined>> {
  const bought = offer === undefined ? undefined : offers[offer]?.scope.replaceAll('{path}', () => new URL(to).pathname)
  const asked = [...scopes, ...(bought === undefined ? [] : [bought])].join(' ')
  return {
    ...parameters,
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: asked === '' ? undefined : asked,
    state,
    nonce: scopes.includes('openid') ? nonce : undefined,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ui_locales: localesOf(languages),
    audience,
    // Servers ignore what they do not know (RFC 6749 §3.1).
    faregate_trip: reference,
    ...(isSilent && { prompt: 'none' }),
  }
}

async function finish(back: TripReturn, context: LoginContext, parts: Parts): Promise<Result<TripOutcome, LoginFault>> {
  const { options, findMetadata, server, parked } = parts
  const kept = keptIn(back.kept)
  if (kept === undefined) return err(refused('unknown_trip'))
  const metadata = await findMetadata(context.call)
  if (metadata === undefined) return err(SILENT_SERVER)
  const key = `${back.state} ${back.parameters.get('code') ?? ''}`
  const early = parked.take(key)
  const tokens = early === undefined ? await server.redeem(metadata, { ...back, ...kept }) : ok(early)
  if (!tokens.ok) return outcomeOf(tokens.error, options)
  const identity = await parts.readIdentity(tokens.value, context)
  if (identity.ok) return ok(tripOutcome(identity.value, tokens.value))
  const { kind, code } = identity.error
  if (kind === 'refused') {
    warnOf(identity.error, options)
    return err(refused(code))
  }
  // The code is used up: its tokens are judged again.
  parked.put(key, tokens.value)
  return kind === 'early' ? ok({ kind: 'waiting' }) : err({ ...SILENT_SERVER, code })
}

function tripOutcome(identity: Identity, { refresh, id, sid }: TokenSet): TripOutcome {
  if (identity.kind === 'receipt') return { kind: 'bought', receipts: [identity.receipt] }
  const { claims, group = sid } = identity
  const secrets = { ...(refresh !== undefined && { refresh }), ...(id !== undefined && { hint: id }) }
  return { kind: 'signed-in', session: { claims, ...secrets, ...(group !== undefined && { group }) } }
}

function outcomeOf({ kind, code }: TokenFault, { waits }: CheckedOAuth): Result<TripOutcome, LoginFault> {
  switch (kind) {
    case 'denied':
      return ok({ kind: 'cancelled' })
    case 'pending':
      return waits === true ? ok({ kind: 'waiting' }) : err(refused(code))
    case 'unavailable':
      return err({ ...SILENT_SERVER, code })
    case 'spent':
    case 'refused':
    case 'invalid':
      return err(refused(code))
  }
}

function refused(code: string): LoginFault {
  const detail = {
    en: 'This sign-in did not work. Please begin again.',
    de: 'Diese Anmeldung hat nicht geklappt. Bitte beginnen Sie neu.',
  }
  return { kind: 'refused', detail, code }
}

/** The server signed what the zone does not take: somebody has to look at the configuration. */
function warnOf({ code }: IdentityFault, { name }: CheckedOAuth): void {
  logWarning({ login: name, tokens: 'refused', check: code })
}

async function renew(
  { account, refresh }: RenewedSession,
  context: LoginContext,
  { options, findMetadata, server, readIdentity, parked }: Parts,
): Promise<Renewal> {
  if (refresh === undefined) return { kind: 'ended' }
  const metadata = await findMetadata(context.call)
  if (metadata === undefined) return { kind: 'unavailable' }
  const early = parked.take(refresh)
  const tokens = early === undefined ? await server.refresh(metadata, refresh) : ok(early)
  if (!tokens.ok) return { kind: hasEnded(tokens.error) ? 'ended' : 'unavailable' }
  const identity = await readIdentity(tokens.value, context)
  if (!identity.ok && identity.error.kind !== 'refused') {
    // The next refresh token is known to nobody else.
    parked.put(refresh, tokens.value)
    return { kind: 'unavailable' }
  }
  if (!identity.ok) warnOf(identity.error, options)
  if (!identity.ok || identity.value.kind !== 'account') return { kind: 'ended' }
  const { claims } = identity.value
  if (claims.account !== account || claims.issuer !== options.issuer) return { kind: 'ended' }
  const { refresh: next, id: hint } = tokens.value
  return { kind: 'renewed', claims, ...(next !== undefined && { refresh: next }), ...(hint !== undefined && { hint }) }
}

/** `denied`: the server wants to see its user before it gives more. */
function hasEnded({ kind }: TokenFault): boolean {
  return kind === 'spent' || kind === 'denied' || kind === 'invalid'
}

async function revoke({ refresh }: RenewedSession, { call }: LoginContext, parts: Parts): Promise<void> {
  const metadata = refresh === undefined ? undefined : await parts.findMetadata(call)
  if (metadata !== undefined && refresh !== undefined) await parts.server.revoke(metadata, refresh)
}

/** A longer ID token makes an address that servers refuse. */
const MAX_HINT = 4096

async function endSession(
  { hint, home }: EndSessionRequest,
  { call }: LoginContext,
  { options, findMetadata }: Parts,
): Promise<string | undefined> {
  const url = (await findMetadata(call))?.end_session_endpoint
  if (url === undefined) return undefined
  const location = new URL(url)
  if (hint !== undefined && hint.length <= MAX_HINT) location.searchParams.set('id_token_hint', hint)
  location.searchParams.set('client_id', options.clientId)
  location.searchParams.set('post_logout_redirect_uri', home)
  return location.href
}

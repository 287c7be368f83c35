/**
 * Signs in by a code in an email: for readers who come back on another device, where nothing but a shop knows them.
 *
 * The reader types an address, gets a code there, and types it in the same browser. Whether the address is known shows nowhere:
 * the answer is made before anybody is asked, and the mail is sent afterwards. The accounts are looked up only once the code
 * was right. Nobody can be signed in by another site as somebody else: the browser's cookie, which only a form of ours sets,
 * holds what the code is compared with. A code takes five tries, and an address gets five codes an hour; a ledger counts both,
 * for all isolates.
 */
import { exactRate } from '../../access/ratelimit.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { EndpointCall, EndpointFactory, EndpointRequest } from '../../endpoints/endpoint.ts'
import { LEDGER_MS, withTimeout } from '../../http/timeout.ts'
import { openLedger } from '../../ledger/rules/place.ts'
import { logWarning } from '../../log.ts'
import type { EmailCodes, EmailSignIn } from '../../rails/emailcodes.ts'
import type { Login } from '../../rails/login.ts'
import type { EndpointProblem } from '../../refusals/endpointproblem.ts'
import type { Services } from '../../services.ts'
import { isExposed } from '../../tokens/bearer.ts'
import { callLogin } from '../inflight.ts'
import { answerPage, pathTo, problemPage, redirect, toIn } from '../page.ts'
import { donePage, exposedPage, noSignIn, unavailablePage } from '../pages.ts'
import { purchaseCookies } from '../purchases/cookies.ts'
import { openSession } from '../session/open.ts'
import { TRIP_WORDS } from '../speech.ts'
import { answerBroken, declinedAhead, parametersOf, problemOfFault } from '../visit.ts'
import { askCode, askedCode, type AskedCode, CODE_SECONDS, codeCookie, isCode, NO_CODE } from './cookie.ts'
import { codePage, emailPage, nobodyPage, PAGE } from './pages.ts'
import { CODE_BYTES, codeFrom, foldedEmail, inHalves, readCode, readEmail } from './rules/code.ts'

/** The path of the page, for `Login.signInPath`. */
export const SIGN_IN_CODE_PATH = `/__faregate/${PAGE}`

type Answered = Result<Response, EndpointProblem>

/** A request for the page, read. */
interface CodeRequest extends EndpointRequest {
  readonly login: Login
  readonly codes: EmailCodes
  readonly parameters: URLSearchParams
  readonly to: string
  readonly call: EndpointCall
  readonly services: Services
}

/** `GET /__faregate/sign-in-code?to=` asks for an address, then for a code. Only its forms do anything. */
export function signInCode(): EndpointFactory {
  return {
    path: PAGE,
    words: TRIP_WORDS.en,
    needsGateKey: true,
    create: (services) => ({
      methods: ['GET', 'HEAD', 'POST'],
      onUnknown: answerBroken,
      answer: async (asked, call) => {
        const { exchange, site } = asked
        const ahead = declinedAhead(asked)
        if (ahead !== undefined) return err(ahead)
        if (isExposed(exchange)) return err(problemPage(exposedPage('sign-in', exchange), asked))
        const read = await parametersOf(asked, 'sign-in', services)
        if (!read.ok) return read
        const parameters = read.value
        const to = toIn(parameters, exchange)
        const login = site.logins?.find(({ emailCodes }) => emailCodes !== undefined)
        if (login?.emailCodes === undefined) return err(problemPage(noSignIn(to), asked))
        const all = { ...asked, login, codes: login.emailCodes, parameters, to, call, services }
        return exchange.method === 'POST' ? take(all) : show(all)
      },
    }),
  }
}

async function show(asked: CodeRequest): Promise<Answered> {
  const { exchange, site, parameters, to } = asked
  const kept = parameters.get('again') === '1' ? undefined : await askedCode(exchange, site.zone)
  return ok(answerPage(kept === undefined ? emailPage(to) : codePage(kept.to, kept.email), asked))
}

function take(asked: CodeRequest): Promise<Answered> {
  const typed = asked.parameters.get('code')
  return typed === null ? takeEmail(asked) : takeCode(typed, asked)
}

/** Answers before anything is known of the address, and has the code sent afterwards. */
async function takeEmail(asked: CodeRequest): Promise<Answered> {
  const { exchange, site, login, parameters, to, call } = asked
  const email = readEmail(parameters.get('email') ?? '')
  if (email === undefined) return err(problemPage(emailPage(to, 'noEmail'), asked))
  const code = codeFrom(crypto.getRandomValues(new Uint8Array(CODE_BYTES)))
  const until = exchange.now + CODE_SECONDS * 1000
  const kept = askCode(code, { login: login.name, origin: exchange.origin, email, to, until })
  call.waitUntil(sendCode(asked, kept, code))
  return ok(redirect(pathTo(PAGE, to), [await codeCookie(kept, site.zone)]))
}

const CODES_AN_HOUR = exactRate(5, 3600, PAGE)
const TRIES = exactRate(5, CODE_SECONDS, PAGE)

/** Sends the code, if an account has the address. What goes wrong is told to the operator alone. */
async function sendCode(asked: CodeRequest, { email, until: expires }: AskedCode, code: string): Promise<void> {
  const { exchange, site, login, codes, call, services } = asked
  try {
    const context = { zone: site.zone, verifiers: services, call }
    const known = await callLogin(login, () => codes.isKnown(email, context))
    if (!known.ok) return warn(known.error === 'busy' ? 'busy' : (known.error.code ?? known.error.kind))
    if (!known.value) return
    const place = await takePlace(`${PAGE} for ${foldedEmail(email)}`, CODES_AN_HOUR, asked)
    if (place !== 'taken') return warn(place === 'none' ? 'five codes in an hour for one address' : 'no ledger')
    const sent = await codes.send({ email, code: inHalves(code), site: exchange.origin, expires })
    if (!sent.ok) warn(`the webhook: ${sent.error}`)
  } catch {
    warn('internal error')
  }
}

function warn(problem: string): void {
  logWarning({ signInCode: problem })
}

/** Takes one of a number of places in a time, counted in a ledger of that name for all isolates. */
async function takePlace(
  name: string,
  rate: typeof TRIES,
  { login, exchange, site, services }: CodeRequest,
): Promise<'taken' | 'none' | 'unavailable'> {
  const { ledgers } = services
  const command = {
    id: crypto.randomUUID(),
    counts: [],
    limits: [],
    rates: [rate],
    settleByMs: exchange.now,
    facts: {},
  }
  const ask = async () =>
    ledgers && openLedger(ledgers, site.zone, { from: 'receipt', issuer: login.issuer, jti: name }).charge(command)
  const answer = await withTimeout(
    ask().catch(() => undefined),
    LEDGER_MS,
  )
  if (answer?.ok !== true) return 'unavailable'
  return answer.value.kind === 'charged' ? 'taken' : 'none'
}

async function takeCode(typed: string, asked: CodeRequest): Promise<Answered> {
  const { exchange, site, login, codes, to, call, services } = asked
  const kept = await askedCode(exchange, site.zone)
  if (kept?.login !== login.name) {
    const page = emailPage(to, 'old')
    return err(problemPage(page, asked, {}, NO_CODE))
  }
  const wrong = codePage(kept.to, kept.email, 'wrong')
  const code = readCode(typed)
  if (code === undefined) return err(problemPage(wrong, asked))
  const place = await takePlace(`${PAGE} ${kept.id}`, TRIES, asked)
  const failed = { to: kept.to, offer: undefined, id: exchange.id }
  if (place === 'unavailable') return err(problemPage(unavailablePage(failed), asked, { reason: 'ledger-unavailable' }))
  if (place === 'none') {
    const page = emailPage(kept.to, 'often')
    return err(problemPage(page, asked, {}, NO_CODE))
  }
  if (!isCode(kept, code)) return err(problemPage(wrong, asked))
  const found = await callLogin(login, () => codes.signIn(kept.email, { zone: site.zone, verifiers: services, call }))
  if (found.ok) return found.value === undefined ? endedBy(nobodyPage(kept.to), asked) : open(found.value, kept, asked)
  return err(problemOfFault(found.error, failed, asked))
}

function endedBy(page: ReturnType<typeof nobodyPage>, asked: CodeRequest): Answered {
  return err(problemPage(page, asked, {}, NO_CODE))
}

async function open(found: EmailSignIn, kept: AskedCode, asked: CodeRequest): Promise<Answered> {
  const { exchange, site, login, call, services } = asked
  const { zone } = site
  const { session, receipts = [], notice } = found
  const opened = await openSession(session, login, { zone, exchange, services, call })
  if (!opened.ok) {
    if (opened.error !== 'ledger-unavailable') throw new TypeError(`no session: ${opened.error}`)
    const page = unavailablePage({ to: kept.to, offer: undefined, id: exchange.id })
    return err(problemPage(page, asked, { reason: 'ledger-unavailable' }))
  }
  const cookies = [...opened.value.cookies, ...(await purchaseCookies(receipts, exchange, zone)), NO_CODE]
  return ok(answerPage(donePage(kept.to, notice, true), asked, cookies))
}

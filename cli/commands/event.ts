import { Command } from 'commander'
import type { EventInput, EventStatements } from '../../src/billing/index.ts'
import type { Standing } from '../../src/access/entitlement.ts'
import { usageError } from '../commanderror.ts'
import { endpointAt, type GateFlags, parsed, refusedBy, sent, withGate } from '../gate.ts'
import { issuerFrom, KEY_VARIABLE, signed, type SigningFlags } from '../signing.ts'
import type { Terminal } from '../terminal.ts'
import { moneyOf, namesOf, several, timeSeconds } from '../values.ts'

interface EventFlags extends GateFlags, SigningFlags {
  readonly account?: string
  readonly accountIssuer?: string
  readonly standing?: string
  readonly entitlements?: string
  readonly revokeJti?: readonly string[]
  readonly revokeBefore?: string
  readonly grant?: string
  readonly take?: string
  readonly of?: string
  readonly declined?: string
  readonly paid?: string
  readonly hold?: boolean
  readonly lift?: boolean
  readonly at?: string
  readonly id?: string
  readonly dryRun?: boolean
}

/** `faregate event`: tells a gate what happened to an account or a token, as billing. */
export function eventCommand(terminal: Terminal): Command {
  return withGate(new Command('event'))
    .summary('tell a gate what happened to an account or token')
    .description('Signs an event (RFC 8417) as your billing does, and posts it to the gate.')
    .option('--key <file>', `the private key (default: ${KEY_VARIABLE} of the environment)`)
    .option('--issuer <url>', 'the billing side (default: as the configuration here says)')
    .option('--audience <url>', 'the zone’s (default: likewise)')
    .option('--account <name>', 'whose (needed for all but --revoke-jti, --declined and --paid)')
    .option('--account-issuer <url>', 'whose account it is, if it is of an issuer that yours speaks for')
    .option('--standing <standing>', `the account is ${STANDINGS.join(', ')} now`)
    .option('--entitlements <a,b>', "what it may use now; '' for nothing")
    .option('--revoke-jti <id>', 'this token is revoked; may come several times', several)
    .option('--revoke-before <when>', 'and these: all that were issued by now, -1h, or so many seconds since 1970')
    .option('--grant <amount currency>', "prepaid credit: '5 USD'")
    .option('--take <amount currency>', 'prepaid credit is taken back, as after a refund')
    .option('--of <id>', 'with --take: of what the event with this "jti" granted')
    .option('--declined <trip>', 'a card was declined on this trip to the checkout, by its reference')
    .option('--paid <trip>', 'it was paid')
    .option('--hold', 'a hold on the account is placed')
    .option('--lift', 'it is lifted')
    .option('--at <when>', 'when it was so (default: now): -3d, or seconds since 1970')
    .option('--id <id>', '"jti" (default: a new one): the same event again changes nothing')
    .option('--dry-run', 'prints the event, and posts nothing')
    .action(async (flags: EventFlags) => {
      const url = flags.dryRun === true ? undefined : endpointAt(flags, 'events', terminal)
      const { input, words } = eventOf(flags, Date.now() / 1000)
      const issuer = await issuerFrom(
        flags,
        'issuers',
        terminal,
        flags.accountIssuer === undefined ? [] : [flags.accountIssuer],
      )
      const token = await signed(() => issuer.signEvent(input))
      if (url === undefined) terminal.print(flags.json === true ? JSON.stringify({ event: token }) : token)
      else await postEvent(url, token, words, flags, terminal)
    })
}

async function postEvent(url: URL, token: string, words: string, { json }: GateFlags, { print }: Terminal) {
  const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' }
  const response = await sent(url, { method: 'POST', headers, body: token })
  if (response.status !== 202) throw refusedBy(response.status, parsed(await response.text()), url)
  print(json === true ? JSON.stringify({ accepted: true }) : `202: ${words}`)
}

const STANDINGS: readonly Standing[] = ['active', 'past-due', 'inactive', 'on-hold']

/** One thing that an event tells, and what it comes to in words. */
type Statement = readonly [EventStatements, string]

function eventOf(flags: EventFlags, now: number): { readonly input: EventInput; readonly words: string } {
  const { account, accountIssuer, at, id, hold, lift } = flags
  if (hold === true && lift === true) throw usageError('--lift: not with --hold')
  if (flags.declined !== undefined && flags.paid !== undefined) throw usageError('--paid: not with --declined')
  const told = [
    standingOf(flags),
    entitlementsOf(flags),
    revokedOf(flags, now),
    grantOf(flags),
    takingOf(flags),
    ...paymentsOf(flags),
    ...(hold === true ? [[{ 'hold-placed': {} }, 'is held'] as const] : []),
    ...(lift === true ? [[{ 'hold-lifted': {} }, 'is no longer held'] as const] : []),
  ].filter((statement) => statement !== undefined)
  if (told.length === 0) throw usageError('say what happened: --standing, --hold, --grant and others; see --help')
  if (account === undefined && !isOfNobody(flags, told.length)) throw usageError('--account: say whose account it is')
  const events: EventStatements = Object.assign({}, ...told.map(([statement]) => statement))
  const input = {
    events,
    account: accountIssuer === undefined || account === undefined ? account : { issuer: accountIssuer, account },
    at: at === undefined ? undefined : timeSeconds('--at', at, now),
    id,
  }
  return { input, words: `${account ?? 'its account'} ${told.map(([, words]) => words).join(', ')}` }
}

/** True if nothing is told but what needs no account. */
function isOfNobody({ revokeJti, declined, paid }: EventFlags, told: number): boolean {
  return told === [revokeJti, declined, paid].filter((each) => each !== undefined).length
}

function paymentsOf({ declined, paid }: EventFlags): readonly Statement[] {
  return [
    ...(declined === undefined ? [] : [[{ 'payment-declined': { trip: declined } }, 'had a card declined'] as const]),
    ...(paid === undefined ? [] : [[{ 'payment-succeeded': { trip: paid } }, 'has paid'] as const]),
  ]
}

function standingOf({ standing: text }: EventFlags): Statement | undefined {
  if (text === undefined) return undefined
  const standing = STANDINGS.find((each) => each === text)
  if (standing === undefined) throw usageError(`--standing: expected one of ${STANDINGS.join(', ')}, not "${text}"`)
  return [{ 'standing-changed': { standing } }, `is ${standing}`]
}

function entitlementsOf({ entitlements: text }: EventFlags): Statement | undefined {
  if (text === undefined) return undefined
  const entitlements = namesOf(text)
  return [{ 'entitlements-changed': { entitlements } }, `may use ${entitlements.join(', ') || 'nothing'}`]
}

function revokedOf({ revokeJti: jtis, revokeBefore }: EventFlags, now: number): Statement | undefined {
  if (jtis !== undefined && revokeBefore !== undefined) throw usageError('--revoke-before: not with --revoke-jti')
  if (jtis !== undefined) return [{ 'tokens-revoked': { jtis } }, `has lost the token ${jtis.join(', ')}`]
  if (revokeBefore === undefined) return undefined
  const before = Math.floor(timeSeconds('--revoke-before', revokeBefore, now))
  return [
    { 'tokens-revoked': { before } },
    `has lost the tokens of ${new Date(before * 1000).toISOString()} and before`,
  ]
}

function grantOf({ grant }: EventFlags): Statement | undefined {
  if (grant === undefined) return undefined
  const { amount, currency } = moneyOf('--grant', grant)
  return [{ 'credit-granted': { amount, currency } }, `has ${amount} ${currency} more`]
}

function takingOf({ take, of: grant }: EventFlags): Statement | undefined {
  if (take === undefined && grant !== undefined) throw usageError('--of: only with --take')
  if (take === undefined) return undefined
  const { amount, currency } = moneyOf('--take', take)
  return [{ 'credit-taken': { amount, currency, grant } }, `has ${amount} ${currency} less`]
}

import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import { CREDENTIAL_KINDS, type IssuedCredential } from '../ledger/rules/credentials.ts'
import type { Holder } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import { MOST_HISTORY } from '../ledger/rules/history.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Ledger } from '../ports.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { EndpointFactory } from './endpoint.ts'
import { exportLines, type ExportPage } from './exportview.ts'
import { type AdminAction, badRequest, isText, operatorEndpoint, readIssuer, readMembers, RETRY } from './operator.ts'

/**
 * `POST /__faregate/export` with an operator token: `{"account": "account-7"}` answers everything that the account's ledger
 * still has, as lines of JSON: how it stands, its grants of credit, its API keys, feeds and sessions without their secrets, the sums of
 * each day for thirteen months, its single charges, and its audit. The last line has `next`; with that as `after` the same
 * order answers the next page. `issuer` names the account's issuer if the site trusts several. Without `account` it is the
 * site's own ledger: the sums of erased accounts.
 *
 * @example
 * ```ts options
 * endpoints: [exportAccount()]
 * ```
 */
export function exportAccount(): EndpointFactory {
  return operatorEndpoint('export', createAction)
}

function createAction({ ledgers, bulletins }: Services): AdminAction {
  return {
    onUnknown: UNAVAILABLE,
    async run(body, zone, audit) {
      const read = readExport(body, zone)
      if (!read.ok) return err(badRequest(read.error))
      const { holder, after } = read.value
      if (holder.from === 'account') audit.subject = holder
      audit.details = { page: after === undefined ? 'first' : 'later' }
      const ledger = ledgers && openLedger(ledgers, zone, holder)
      if (!(await isRecorded(audit.toAct(), ledger, holder, zone, bulletins))) return err(UNAVAILABLE)
      const page = ledger && (await withTimeout(readPage(ledger, holder, after), LEDGER_MS))
      if (page === undefined) return err(UNAVAILABLE)
      const { from: _from, ...subject } = holder
      const headers = { 'content-type': 'application/x-ndjson', ...NOT_STORED }
      return ok(new Response(exportLines({ zone: zone.name, ...subject }, page), { headers }))
    },
  }
}

/** Records the export, in the audit of the account or else of the zone. */
async function isRecorded(
  act: Act,
  ledger: Ledger | undefined,
  { from }: Holder,
  zone: Zone,
  bulletins: Services['bulletins'],
): Promise<boolean> {
  if (from === 'zone') return (await bulletins?.post(zone, [], undefined, act)) === true
  return (ledger && (await withTimeout(ledger.order('recordAct', act), LEDGER_MS)))?.ok === true
}

/** The cursor of a page that goes on with the audit, after the record of this number. */
const AUDIT_CURSOR = /^audit-(\d{1,15})$/
const MOST_AUDITED = 200

/**
 * Reads a page: of charges first, with what the account has been issued on the first page, and after the last charge of the
 * audit. Undefined if the ledger did not answer.
 */
async function readPage(
  ledger: Ledger,
  { from }: ExportRequest['holder'],
  after: string | undefined,
): Promise<ExportPage | undefined> {
  const audited = AUDIT_CURSOR.exec(after ?? '')?.[1]
  if (audited !== undefined) return from === 'zone' ? NOTHING : withAudit(ledger, NOTHING, Number(audited))
  const history = await ledger.history({ most: MOST_HISTORY, ...(after === undefined ? {} : { after }) })
  if (!history.ok) return undefined
  const page = { ...NOTHING, ...history.value }
  if (from === 'zone') return page
  const issued = after === undefined ? await readIssued(ledger) : []
  if (issued === undefined) return undefined
  return page.next === undefined ? withAudit(ledger, { ...page, issued }, 0) : { ...page, issued }
}

const NOTHING: ExportPage = { charges: [], next: undefined, issued: [], audit: [] }

async function readIssued(ledger: Ledger): Promise<ExportPage['issued'] | undefined> {
  const issued: IssuedCredential[] = []
  for (const kind of CREDENTIAL_KINDS) {
    const listed = await ledger.order('listCredentials', kind)
    if (!listed.ok) return undefined
    issued.push(...listed.value)
  }
  return issued
}

async function withAudit(ledger: Ledger, page: ExportPage, after: number): Promise<ExportPage | undefined> {
  const audit = await ledger.order('audit', { after, most: MOST_AUDITED })
  if (!audit.ok) return undefined
  const { records, last } = audit.value
  const read = records.at(-1)?.number ?? after
  const next = last === undefined || read >= last.number || records.length === 0 ? undefined : `audit-${read}`
  return { ...page, audit: records, next }
}

interface ExportRequest {
  readonly holder: Extract<Holder, { from: 'account' | 'zone' }>
  readonly after: string | undefined
}

const MEMBERS = ['account', 'after', 'issuer']

function readExport(body: unknown, zone: Zone): Result<ExportRequest, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const [account, after] = [members.value.get('account'), members.value.get('after')]
  if (after !== undefined && !isText(after)) return err('after: expected the "next" of an earlier page.')
  if (account === undefined && !members.value.has('issuer')) return ok({ holder: { from: 'zone' }, after })
  const issuer = readIssuer(members.value.get('issuer'), zone)
  if (!issuer.ok) return issuer
  if (!isText(account)) return err('account: expected the "sub" of its tokens.')
  return ok({ holder: { from: 'account', issuer: issuer.value, account }, after })
}

const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The ledger did not answer. Ask for the same page again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}

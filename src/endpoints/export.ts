import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { Holder } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import { MOST_HISTORY } from '../ledger/rules/history.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Ledger } from '../ports.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { EndpointFactory } from './endpoint.ts'
import { exportLines } from './exportview.ts'
import { type AdminAction, badRequest, isText, operatorEndpoint, readIssuer, readMembers, RETRY } from './operator.ts'

/**
 * `POST /__faregate/export` with an operator token: `{"account": "account-7"}` answers everything that the account's ledger
 * still has, as lines of JSON: how it stands, its grants of credit, the sums of each day for thirteen months, and its single
 * charges. The last line has `next`; with that as `after` the same order answers the next page. `issuer` names the account's
 * issuer if the site trusts several. Without `account` it is the site's own ledger: the sums of erased accounts.
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
      const command = { most: MOST_HISTORY, ...(after === undefined ? {} : { after }) }
      const page = ledger && (await withTimeout(ledger.history(command), LEDGER_MS))
      if (page?.ok !== true) return err(UNAVAILABLE)
      const { from: _from, ...subject } = holder
      const headers = { 'content-type': 'application/x-ndjson', ...NOT_STORED }
      return ok(new Response(exportLines({ zone: zone.name, ...subject }, page.value), { headers }))
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

/**
 * Shows an account one of its charges: what was reserved and kept, and how the amount came about.
 *
 * The id is the one that a response told (`Faregate-Charge`), and it stands for all tries of the request. It is looked for in the
 * ledger of the asking account alone, so that of another account is as unknown as one that never was. Recent charges are in
 * memory; to look for an older one reads the whole journal, which an account may ask for every few seconds.
 */
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import { describeAmount, describeCharge, type ListedCharge } from '../ledger/ledgerview.ts'
import { NOTHING, together } from '../ledger/rules/amount.ts'
import type { ChargeView } from '../ledger/rules/commands.ts'
import { type Holder, ledgerName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call, Clock } from '../ports.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import { type EndpointFactory, type EndpointRequest, READ } from './endpoint.ts'
import { exposeOwn, LEDGER_SILENT, readerAccount } from './owner.ts'

/**
 * `GET /__faregate/charges/{id}` with any credential of an account: its charge of that id, as `Faregate-Charge` names it. What was
 * reserved and is kept, by whom and how it was counted, and the single tries, if there were several.
 *
 * @example
 * ```ts options
 * endpoints: [charges()]
 * ```
 */
export function charges(): EndpointFactory {
  return {
    path: 'charges',
    isOfOne: true,
    create: (services) => {
      const find = createChargeFinder(services)
      return { methods: READ, expose: exposeOwn, answer: (asked, call) => answer(asked, call, services, find) }
    },
  }
}

/** Finds a charge of an account by its id. Error: there is none, the ledger does not answer, or it was asked a moment ago. */
export type FindCharge = (id: string, holder: Holder, zone: Zone) => Promise<Result<OwnChargeView, EndpointProblem>>

/** Creates the search for charges. It lets a journal be searched every few seconds. */
export function createChargeFinder(services: Pick<Services, 'ledgers' | 'clock'>): FindCharge {
  const searches = new Searches(services.clock)
  return async (id, holder, zone) => {
    if (!CHARGE_ID.test(id)) return err(NOT_FOUND)
    const tries = await findTries(id, holder, zone, services, searches)
    if (!tries.ok) return tries
    const view = describeTries(tries.value)
    return view === undefined ? err(NOT_FOUND) : ok(view)
  }
}

const CHARGE_ID = /^[\w-]{1,64}$/

async function answer(
  asked: EndpointRequest,
  call: Call,
  services: Services,
  find: FindCharge,
): Promise<Result<Response, EndpointProblem>> {
  const owner = await readerAccount(asked, call, services)
  if (!owner.ok) return owner
  const { exchange, site } = asked
  const { issuer, account } = owner.value
  const id = exchange.target.path.split('/').at(-1) ?? ''
  const view = await find(id, { from: 'account', issuer, account }, site.zone)
  if (!view.ok) return view
  return ok(endpointAnswer({ instance: `urn:uuid:${exchange.id}`, zone: site.zone.name, charge: view.value }))
}

/** Finds a charge in memory, or else in the journal. */
async function findTries(
  charge: string,
  holder: Holder,
  zone: Zone,
  { ledgers }: Pick<Services, 'ledgers'>,
  searches: Searches,
): Promise<Result<readonly ChargeView[], EndpointProblem>> {
  if (ledgers === undefined) return err(LEDGER_SILENT)
  const ledger = openLedger(ledgers, zone, holder)
  const ask = async (isDeep: boolean) =>
    withTimeout(
      ledger.order('chargeTries', { charge, isDeep }).catch(() => undefined),
      LEDGER_MS,
    )
  const known = await ask(false)
  if (known?.ok !== true) return err(LEDGER_SILENT)
  if (known.value.length > 0) return known
  if (!searches.begin(ledgerName(zone, holder))) return err(TOO_SOON)
  const found = await ask(true)
  return found?.ok === true ? found : err(LEDGER_SILENT)
}

/** The time between two searches of one journal. */
const SEARCH_MS = 3000
const MOST_SEARCHES = 1000

/** The searches of journals that began a moment ago, by ledger. */
class Searches {
  readonly #clock: Clock
  readonly #began = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes a search; false if one of the same journal began a moment ago. */
  begin(ledger: string): boolean {
    const now = this.#clock()
    if (now - (this.#began.get(ledger) ?? -Infinity) < SEARCH_MS) return false
    this.#began.delete(ledger)
    this.#began.set(ledger, now)
    const [oldest] = this.#began.keys()
    if (this.#began.size > MOST_SEARCHES && oldest !== undefined) this.#began.delete(oldest)
    return true
  }
}

type AmountView = Pick<ListedCharge, 'counts' | 'price' | 'uses'>
/** One try of a charge. */
interface TryView extends Omit<ListedCharge, keyof AmountView> {
  readonly reserved: AmountView
  readonly kept: AmountView
}
/** A charge with all its tries, as its account sees it. */
export interface OwnChargeView extends TryView {
  readonly meter: unknown
  readonly model: unknown
  /** All tries, if there were several: `kept` is what all of them kept. */
  readonly tries?: readonly TryView[]
}

function describeTries(tries: readonly ChargeView[]): OwnChargeView | undefined {
  const [first, last] = [tries[0], tries.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const kept = describeAmount(tries.map((one) => one.kept).reduce(together, NOTHING))
  const { meter = null, model = null } = last.facts
  const { id, time } = describeTry(first)
  return {
    ...describeTry(last),
    id,
    time,
    meter,
    model,
    kept,
    ...(tries.length > 1 && { tries: tries.map(describeTry) }),
  }
}

function describeTry(charge: ChargeView): TryView {
  const { counts, price, uses, ...view } = describeCharge(charge)
  return {
    ...view,
    reserved: describeAmount(charge.reserved),
    kept: { counts, price, ...(uses !== undefined && { uses }) },
  }
}

const NOT_FOUND: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'This account has no such charge, or none that is remembered: single charges are for 35 days.',
}
const TOO_SOON: EndpointProblem = {
  status: 429,
  title: 'Too Many Requests',
  detail: 'This charge is not a recent one, and older ones are looked for every few seconds.',
  fields: { 'retry-after': String(SEARCH_MS / 1000) },
}

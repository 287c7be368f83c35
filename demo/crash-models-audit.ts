import type { TurnUsage } from './models/turn.ts'

/**
 * What `demo/crash-models.ts` holds a ledger's books against: what its clients saw, and what the provider says that it has sent. Money is
 * in 10⁻⁹ USD, and small enough for numbers.
 */

/** One try of a call, as its client saw it. */
export type Try = {
  /** When it began, in milliseconds since 1970. */
  readonly at: number
  /** Undefined if no head came. */
  status?: number
  /** Tokens of the answer that came. */
  tokens: number
  /** `complete`: to the mark at its end. `cut`: broken off after its head. `left`: by its client. `lost`: no head came. */
  end: 'complete' | 'cut' | 'left' | 'lost'
  /** The charge that the answer names. */
  charge?: string
  /** What the answer says at its end that it cost. */
  receipt?: number
  /** When it was over. */
  until?: number
  /** What it would have reserved, if it was told to pay. */
  needed?: number
}

/** A call, with the further tries that SDKs make by themselves. */
export type Call = {
  /** The most tokens that it asks for: no other call of its account asks for as many, so its charges are known by it. */
  readonly cap: number
  readonly api: string
  readonly isStream: boolean
  readonly fault: string
  readonly tries: Try[]
}

/** What the provider did for one try. */
export type Sent = {
  readonly usage: TurnUsage | undefined
  /** Tokens of a stream, until it broke off. */
  readonly generated: number
  readonly isReported: boolean
}

export type ModelsRecord = {
  readonly kind: 'charge' | 'amend' | 'unsettled' | 'settled' | 'reversed' | 'threshold' | 'anomaly'
  readonly charge: string
  readonly repeats?: string
  readonly position: number
  readonly at: number
  /** What is kept from now on: units by name, and money. */
  readonly counts: Readonly<Record<string, number>>
  readonly money: number
  /** How the money differs from before. */
  readonly change: number
  readonly basis?: string
}

/** The ledger of an account, as it says itself. */
export type ModelsRead = {
  readonly name: string
  readonly records: readonly ModelsRecord[]
  readonly charges: number
  readonly unsettled: number
  readonly money: number
  readonly credit: number
}

/** Each of these is a fault when it is not zero. */
export const modelsChecks = {
  'an answer seen to its end, and no charge for it': 'unpaid',
  'a charge that is not usage x rates, rounded once': 'wrong',
  'a receipt in a stream that says another amount': 'receipt',
  'a charge below what was delivered': 'below',
  'a charge above what was generated, where that is told': 'beyond',
  'a charge above its reservation': 'above',
  'a charge for an answer that the gate refused': 'refused',
  'a charge for what was never sent to the provider': 'unsent',
  'a charge that is neither measured nor unsettled': 'open',
  'an unsettled charge that is not its reservation': 'unsettledSum',
  'two charges kept for one try': 'twice',
  'a charge that its answer does not name': 'misnamed',
  'a charge of no call, or a gap in the outbox': 'unknown',
  'credit is not what was granted less charges kept': 'credit',
  'sums of the outbox are not the totals': 'sums',
  'a balance below zero': 'negative',
  'told to pay while there was money': 'turnedAway',
} as const
type ModelsCheck = (typeof modelsChecks)[keyof typeof modelsChecks]

/** What is counted, in the words of the table. */
export const modelsCounted = {
  accounts: 'accounts',
  calls: 'calls',
  '  tries': 'tries',
  '  seen to their end': 'complete',
  '  cut off': 'cut',
  '  left by their client': 'left',
  '  without a head': 'lost',
  '  told to wait (429)': 'waiting',
  '  told to pay (402)': 'paying',
  '  refused otherwise': 'refusals',
  charges: 'charges',
  '  released': 'released',
  '  kept as measured': 'measured',
  '  kept as bounded by what came': 'bounded',
  '  kept as reserved': 'reserved',
  '  unsettled': 'unsettled',
  '    seen to their end': 'unsettledComplete',
} as const

export type ModelsFigures = Record<(typeof modelsCounted)[keyof typeof modelsCounted], number> & {
  readonly faults: Record<ModelsCheck, number>
  /** One line for each fault of one call. */
  readonly faulty: string[]
}

function zeros<Name extends string>(names: Readonly<Record<string, Name>>): Record<Name, number> {
  return Object.fromEntries(Object.values(names).map((name) => [name, 0])) as Record<Name, number>
}

export function noModelsFigures(): ModelsFigures {
  return { ...zeros(modelsCounted), faults: zeros(modelsChecks), faulty: [] }
}

/** 10⁻⁹ USD for a million tokens: the rates of `crash-models-worker.ts`, written anew. */
const RATES = { input: 375_000_000n, output: 2_500_000_000n, cacheRead: 37_500_000n }
const MILLION = 1_000_000n

/** What a call costs, computed from what the provider says that it used. */
export function priceOfUsage({ input, cached, output }: Pick<TurnUsage, 'input' | 'cached' | 'output'>): number {
  const sum = BigInt(input - cached) * RATES.input + BigInt(cached) * RATES.cacheRead + BigInt(output) * RATES.output
  return Number((sum + MILLION - 1n) / MILLION)
}

type Charge = {
  readonly id: string
  readonly shown: string
  readonly at: number
  readonly cap: number
  readonly reserved: number
  kept: number
  state: ModelsRecord['kind']
  basis: string | undefined
}

/** What is known of one account. */
export type KnownAccount = {
  readonly granted: number
  /** What was granted for certain by a time, in milliseconds since 1970. */
  readonly grantedBy: (time: number) => number
  readonly calls: ReadonlyMap<number, Call>
  /** Returns what the provider did for a try of a call; undefined if it got none. */
  readonly sent: (call: Call, tried: number) => Sent | undefined
}

/** Compares a ledger with what is known of its account, and adds what it finds to the figures. */
export function auditModels(read: ModelsRead, known: KnownAccount, figures: ModelsFigures): void {
  const charges = gather(read, figures)
  const found = new Map<Try, Charge[]>()
  let kept = 0
  for (const charge of charges.values()) {
    kept += charge.kept
    countCharge(charge, figures)
    const call = known.calls.get(charge.cap)
    // Clocks of two processes on one machine: the same, to a millisecond.
    const tried = call?.tries.findLastIndex(({ at }) => at <= charge.at + 2) ?? -1
    const seen = call?.tries[tried]
    if (call === undefined || seen === undefined) {
      blame(figures, 'unknown', `${read.name}: ${charge.id}`)
      continue
    }
    found.set(seen, [...(found.get(seen) ?? []), charge])
    const fault = faultOf(charge, call, seen, known.sent(call, tried))
    figures.unsettledComplete += Number(charge.state === 'unsettled' && seen.end === 'complete')
    if (fault !== undefined) blame(figures, fault, describe(read.name, call, tried, charge, known))
  }
  for (const call of known.calls.values()) {
    figures.calls += 1
    for (const [tried, seen] of call.tries.entries()) {
      countTry(seen, figures)
      const all = found.get(seen) ?? []
      if (seen.end === 'complete' && all.length === 0) blame(figures, 'unpaid', describe(read.name, call, tried))
      if (all.filter((charge) => charge.kept > 0).length > 1)
        blame(figures, 'twice', describe(read.name, call, tried, all[1], known))
    }
  }
  figures.accounts += 1
  figures.faults.turnedAway += turnedAway(read, known)
  figures.faults.credit += Number(known.granted - read.credit !== kept)
  const unsettled = [...charges.values()].filter(({ state }) => state === 'unsettled').length
  const isSame = kept === read.money && charges.size === read.charges && unsettled === read.unsettled
  figures.faults.sums += Number(!isSame)
}

/** How many clients were told to pay (402) when what was not yet spent would have done. */
function turnedAway({ records }: ModelsRead, { calls, grantedBy }: KnownAccount): number {
  const closed = records.filter(({ kind }) => kind !== 'charge')
  const tries = [...calls.values()].flatMap((call) => call.tries)
  return tries.filter(({ status, at: asked, until = asked, needed = 0 }) => {
    if (status !== 402) return false
    const spent = closed.reduce((sum, { at, money }) => sum + (at <= until + 2 ? money : 0), 0)
    return grantedBy(asked) - spent >= needed
  }).length
}

/** Each charge as its records leave it. */
function gather({ name, records }: ModelsRead, figures: ModelsFigures): Map<string, Charge> {
  const charges = new Map<string, Charge>()
  for (const [index, { kind, charge: id, repeats, position, at, counts, money, change, basis }] of records.entries()) {
    const before = charges.get(id)
    const isFirst = kind === 'charge'
    const isNext =
      position === index + 1 && isFirst === (before === undefined) && money === (before?.kept ?? 0) + change
    if (!isNext) blame(figures, 'unknown', `${name}: record ${position} (${kind} of ${id})`)
    if (before === undefined) {
      const facts = { id, shown: repeats ?? id, at, cap: counts['output-tokens'] ?? 0, reserved: money }
      charges.set(id, { ...facts, kept: money, state: kind, basis })
    } else Object.assign(before, { kept: money, state: kind, basis })
  }
  return charges
}

function faultOf(charge: Charge, call: Call, seen: Try, sent: Sent | undefined): ModelsCheck | undefined {
  const { kept, reserved, state, shown } = charge
  if (kept > reserved || kept < 0) return 'above'
  if (seen.charge !== undefined && seen.charge !== shown) return 'misnamed'
  if (state === 'charge') return 'open'
  if (state === 'unsettled') return kept === reserved ? undefined : 'unsettledSum'
  const { status = 200, end, tokens, receipt } = seen
  if (status >= 400) return kept === 0 ? undefined : 'refused'
  if (sent === undefined) return kept === 0 ? undefined : 'unsent'
  const { usage, generated, isReported } = sent
  if (end === 'complete') {
    const price = isReported && usage !== undefined ? priceOfUsage(usage) : reserved
    if (kept !== price) return 'wrong'
  } else if (end !== 'lost' && tokens > 0 && usage !== undefined) {
    if (kept < priceOfUsage({ ...usage, output: tokens })) return 'below'
    if (isTold(call) && kept > priceOfUsage({ ...usage, output: generated })) return 'beyond'
  }
  return receipt === undefined || receipt === kept ? undefined : 'receipt'
}

/** Returns true if each event of a stream says what was used until then, and the gate knew that the stream was cut off. */
function isTold({ api, isStream, fault }: Call): boolean {
  return isStream && (api === 'llama' || api === 'gemini') && !/no-usage|ends-after|thinking/.test(fault)
}

function countCharge({ state, kept, reserved, basis }: Charge, figures: ModelsFigures): void {
  if (state === 'unsettled') figures.unsettled += 1
  else if (kept === 0) figures.released += 1
  else if (basis === 'measured') figures.measured += 1
  else if (basis === 'bounded') figures.bounded += 1
  else if (kept === reserved) figures.reserved += 1
  figures.charges += 1
}

function countTry({ status = 200, end }: Try, figures: ModelsFigures): void {
  figures.tries += 1
  if (status === 429) figures.waiting += 1
  else if (status === 402) figures.paying += 1
  else if (status >= 400) figures.refusals += 1
  else figures[end] += 1
}

function blame({ faults, faulty }: ModelsFigures, check: ModelsCheck, line: string): void {
  faults[check] += 1
  faulty.push(`${check}: ${line}`)
}

function describe(account: string, call: Call, tried: number, charge?: Charge, known?: KnownAccount): string {
  const { tries, ...asked } = call
  return JSON.stringify({ account, ...asked, tried, seen: tries[tried], charge, sent: known?.sent(call, tried) })
}

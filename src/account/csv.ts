/**
 * Writes the charges of an account as CSV (RFC 4180), for whoever keeps books.
 *
 * It has every single charge that the ledger remembers, page by page, so that no account is too large. A charge that is under
 * way comes last, as it then stands: it may end while the file is written, and would be in it twice. If the ledger stops to
 * answer, the download fails: a file that ends too soon would be taken for all.
 */
import { describeAmount, momentOf } from '../ledger/ledgerview.ts'
import type { ChargeView } from '../ledger/rules/commands.ts'
import { MOST_HISTORY } from '../ledger/rules/history.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Facts } from '../ledger/rules/record.ts'
import type { Ledger } from '../ports.ts'
import { NOT_STORED } from '../refusals/endpointproblem.ts'

const COLUMNS = 'charge,time,method,route,state,delivery,currency,amount,units'

/** Answers the charges of a ledger; undefined if it does not answer. */
export async function answerCharges(ledger: Ledger): Promise<Response | undefined> {
  const pages = new ChargePages(ledger)
  const first = await pages.next()
  if (first === undefined) return undefined
  const encoder = new TextEncoder()
  let text: string | undefined = `${COLUMNS}\r\n${first}`
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (text === undefined) return controller.error(new Error('the ledger did not answer'))
        controller.enqueue(encoder.encode(text))
        if (pages.isOver) controller.close()
        else text = await pages.next()
      },
    },
    { highWaterMark: 0 },
  )
  const fields = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="charges.csv"',
  }
  return new Response(body, { headers: { ...fields, ...NOT_STORED } })
}

/** The lines of a ledger's charges, page by page. */
class ChargePages {
  readonly #ledger: Ledger
  #after: string | undefined
  /** The charges that were under way, by id. */
  readonly #open = new Map<string, ChargeView>()
  isOver = false

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Returns the lines of the next page; undefined if the ledger does not answer. */
  async next(): Promise<string | undefined> {
    const command = { most: MOST_HISTORY, ...(this.#after !== undefined && { after: this.#after }) }
    const asked = (async () => this.#ledger.history(command))()
    const page = await withTimeout(
      asked.catch(() => undefined),
      LEDGER_MS,
    )
    if (page?.ok !== true) return undefined
    const { charges, next } = page.value
    const ended = charges.filter((charge) => charge.state !== 'open')
    for (const { id } of ended) this.#open.delete(id)
    for (const charge of charges) if (charge.state === 'open') this.#open.set(charge.id, charge)
    this.#after = next
    this.isOver = next === undefined
    return [...ended, ...(this.isOver ? this.#open.values() : [])].map(lineOf).join('')
  }
}

function lineOf(charge: ChargeView): string {
  const { id, at, state, delivery, facts } = charge
  const { counts, price } = describeAmount(charge.kept)
  const units = Object.entries(counts).map(([name, count]) => `${name}=${count}`)
  const cells = [
    id,
    momentOf(at).at,
    facts['method'],
    facts['route'],
    state,
    delivery,
    price?.currency,
    price?.amount,
    units.join(' '),
  ]
  return `${cells.map(cellOf).join(',')}\r\n`
}

/** What a spreadsheet would take for a formula: at the beginning, or where it ends cells at semicolons. */
const FORMULA = /(^|;[ \t]*)(?=[=+@\t\r-])/g
const TO_QUOTE = /[",\r\n]/

function cellOf(value: Facts[string] | undefined): string {
  const text = value === undefined || value === null ? '' : String(value)
  const plain = text.replaceAll(FORMULA, "$1'")
  return TO_QUOTE.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** What a receiver of alerts is told. */
import type { AlertName } from './alert.ts'
import type { AlertChange } from './states.ts'

/** The body of a webhook. `text` alone is what chats show. */
export interface AlertMessage {
  readonly text: string
  /** The same however often the message comes. */
  readonly id: string
  readonly alert: AlertName
  readonly zone: string
  /** The name that it is about; empty for the zone. */
  readonly of: string
  readonly state: AlertChange['state']
  /** RFC 3339. */
  readonly since: string
  readonly at: string
  readonly observed: number
  readonly usual: number | null
  readonly outOf: number | null
  readonly threshold: number
  readonly link: string
}

/** The minutes that are added up. */
export const WINDOW_MINUTES = 10

const SENTENCES: Readonly<Record<AlertName, (change: AlertChange) => string>> = {
  'customers-refused': ({ observed }) =>
    `${countOf(observed, 'customer', 'customers')} with a genuine credential refused`,
  'charges-unsettled': ({ observed }) => `${countOf(observed, 'charge', 'charges')} closed without a report of the end`,
  'payments-undelivered': ({ observed }) =>
    `${countOf(observed, 'payment', 'payments')} kept though not all of the answer was sent`,
  'origin-failing': ({ observed, outOf, of }) => `the origin failed ${observed} of ${outOf} requests to ${of}`,
  'provider-failing': ({ observed, outOf, of }) => `the provider failed ${observed} of ${outOf} calls to ${of}`,
  'payments-failing': ({ observed, outOf, of }) =>
    `${observed} of ${outOf} payments by ${of} could not be checked or settled`,
  'sink-failing': ({ observed, of }) => `${of} has not taken charges for ${observed} s`,
  'keys-stale': ({ of }) => `the keys of ${of} cannot be fetched`,
  'status-list-stale': ({ of }) => `a status list of ${of} cannot be fetched`,
  'server-ejected': ({ of }) => `the server ${of} fails, and gets no requests`,
  'holds-spent': () => 'the holds of the day are used up: what is not normal is asked to sign in instead',
  'sums-unread': () => 'the sums of the zone cannot be read, so alerts about traffic and money are not known',
}

/** Those that are about the last minutes. */
const OF_MINUTES: ReadonlySet<AlertName> = new Set([
  'customers-refused',
  'charges-unsettled',
  'payments-undelivered',
  'origin-failing',
  'provider-failing',
  'payments-failing',
])

function countOf(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`
}

interface MessageFacts {
  readonly zone: string
  /** The zone's id. */
  readonly id: string
  readonly link: string
  /** Writes an instant as RFC 3339. */
  readonly instant: (ms: number) => string
}

/** Writes the message of a change. */
export function messageOf(change: AlertChange, { zone, id, link, instant }: MessageFacts): AlertMessage {
  const { alert, of, state, observed, usual, outOf, threshold } = change
  const since = instant(change.since)
  return {
    text: textOf(change, zone, link),
    id: [id, alert, of, since, state].join(' '),
    alert,
    zone,
    of,
    state,
    since,
    at: instant(change.at),
    observed,
    usual: usual ?? null,
    outOf: outOf ?? null,
    threshold,
    link,
  }
}

function textOf(change: AlertChange, zone: string, link: string): string {
  const { alert, state, usual, threshold } = change
  const sentence = SENTENCES[alert](change)
  if (state === 'resolved') return `${zone}: over. It was: ${sentence}. ${link}`
  if (!OF_MINUTES.has(alert)) return `${zone}: ${sentence}. ${link}`
  const beside = usual === undefined ? '' : ` (${usual} in the same minutes last week)`
  return `${zone}: ${sentence} in ${WINDOW_MINUTES} minutes${beside}; the threshold is ${threshold}. ${link}`
}

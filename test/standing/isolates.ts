import { vi } from 'vitest'
import type { PostCommand, Posted } from '../../src/standing/rules/bulletin.ts'
import {
  accountKey,
  type Bulletin,
  type BulletinRow,
  NO_BULLETIN,
  applyPost,
} from '../../src/standing/rules/bulletin.ts'
import { type KnownBulletin, deltaSince, type Version } from '../../src/standing/rules/delta.ts'
import type { Refusal } from '../../src/core/problem.ts'
import { ok, type Result } from '../../src/core/result.ts'
import type { Zone } from '../../src/zone.ts'
import { type Bulletins, createBulletins } from '../../src/standing/bulletin.ts'
import type { BulletinStore, BulletinStores } from '../../src/ports.ts'

export const SECOND = 1000
export const BOUND = 5 * SECOND
export const ISSUER = 'https://billing.example'

export function zoneOf(serveMs = 0, name = 'news'): Zone {
  const standing = { boundMs: BOUND, serveMs, longestTokenSeconds: 86_400 }
  return { id: name, places: { own: {}, shared: {} }, standing } as Zone
}

/** How the next calls go: after so long they arrive, and after so long more they are answered. */
export interface Weather {
  readonly there: number
  readonly back: number
  /** `late`: done, and then the answer is lost. */
  readonly kind: 'fine' | 'fails' | 'late' | 'hangs' | 'throws' | { readonly answers: unknown }
}

export const FINE: Weather = { there: 0, back: 0, kind: 'fine' }

const wait = (ms: number): Promise<void> | undefined =>
  ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms))

/** The object that keeps a zone's bulletin, and the way to it. */
export class Store {
  weather: Weather = FINE
  reads = 0
  posts = 0
  #kept: Bulletin = { head: NO_BULLETIN, rows: new Map() }

  store(name = 'an isolate', reading = new Map<string, number>()): BulletinStore {
    const done = async <T>(work: () => T, isRead: boolean): Promise<T> => {
      const { there, back, kind } = this.weather
      await wait(there)
      if (kind === 'throws') throw new Error('lost')
      if (kind === 'hangs') return new Promise(() => undefined)
      // An answer to a post says nothing that could be wrong.
      if (kind === 'fails' || (typeof kind === 'object' && !isRead))
        return { ok: false, error: 'ledger-unavailable' } as T
      if (typeof kind === 'object') return kind.answers as T
      const value = work()
      await wait(back)
      return kind === 'late' ? new Promise(() => undefined) : value
    }
    return {
      post: (command: PostCommand) => {
        this.posts += 1
        return done(() => ok(this.#post(command)), false)
      },
      delta: (since: Version) => {
        this.reads += 1
        // A read is over when it is answered, or given up.
        reading.set(name, (reading.get(name) ?? 0) + 1)
        const end = (): unknown => reading.set(name, (reading.get(name) ?? 0) - 1)
        const answer = done(() => ok(structuredClone(deltaSince(this.#kept, since))), true)
        void Promise.race([answer, wait(2000)]).then(end, end)
        return answer
      },
      order: () => new Promise(() => undefined),
    }
  }

  /** What is kept is gone, and nobody is told. */
  lose(): void {
    this.#kept = { head: NO_BULLETIN, rows: new Map() }
  }

  #post(command: PostCommand): undefined {
    const { head, rows } = applyPost(this.#kept, structuredClone(command), Date.now())
    const all = new Map<string, BulletinRow>(this.#kept.rows)
    for (const [key, row] of rows) {
      if (row === undefined) all.delete(key)
      else all.set(key, row)
    }
    this.#kept = { head, rows: all }
  }
}

type Answer = Result<KnownBulletin, Refusal>

/** One isolate, and how many reads it makes at a time. */
export class Isolate {
  readonly bulletins: Bulletins
  readonly reading = new Map<string, number>()
  readonly zone: Zone
  /** Work that outlives its request. */
  readonly behind: Promise<unknown>[] = []

  constructor(store: Store, serveMs = 0) {
    const stores: BulletinStores = (name) => store.store(name, this.reading)
    this.bulletins = createBulletins(stores, () => Date.now())
    this.zone = zoneOf(serveMs)
  }

  of(): Answer | Promise<Answer> {
    return this.bulletins.of(this.zone, { now: Date.now(), waitUntil: (work) => void this.behind.push(work) })
  }

  /** What is known of an account where it can be had at once; `wait` where it cannot. */
  atOnce(account: string): 'wait' | 'refused' | boolean {
    const answer = this.of()
    return answer instanceof Promise ? 'wait' : knows(answer, account)
  }

  async knows(account: string): Promise<'refused' | boolean> {
    return knows(await this.of(), account)
  }

  post(account: string): Promise<boolean> {
    return this.bulletins.post(this.zone, [heldNow(account)])
  }
}

function heldNow(account: string): Posted {
  return { issuer: ISSUER, account, entry: { heldAt: Math.floor(Date.now() / 1000) } }
}

export function knows(answer: Answer, account: string): 'refused' | boolean {
  return answer.ok ? answer.value.entries.has(accountKey(ISSUER, account)) : 'refused'
}

/** Time stands still from here on until `advanceTime` is called. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_800_000_000_000 })
}

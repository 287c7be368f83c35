import {
  type Bulletin,
  type BulletinRow,
  NO_BULLETIN,
  applyPost,
  type Posted,
  type BulletinRoom,
  ROOM,
} from '../../../src/standing/rules/bulletin.ts'
import {
  type BulletinState,
  applyDelta,
  deltaSince,
  emptyBulletin,
  readDelta,
} from '../../../src/standing/rules/delta.ts'
import type { Entry } from '../../../src/standing/rules/standing.ts'

export const DAY = 86_400
export const NOW = 1_800_000_000
export const ISSUER = 'https://billing.example'
export const postFor = (account: string, entry: Entry): Posted => ({ issuer: ISSUER, account, entry })
export const inactive = (at: number): Entry => ({ standing: { at, standing: 'inactive' } })

/** A bulletin in memory. */
export class MemoryBulletin implements Bulletin {
  head = NO_BULLETIN
  readonly rows = new Map<string, BulletinRow>()
  readonly room: BulletinRoom

  constructor(room: Partial<BulletinRoom> = {}) {
    this.room = { ...ROOM, ...room }
  }

  post(entries: readonly Posted[], now = NOW, longestTokenSeconds = DAY): void {
    const changes = applyPost(this, { entries, longestTokenSeconds, epoch: 'e' }, now * 1000, this.room)
    this.head = changes.head
    for (const [key, row] of changes.rows) {
      if (row === undefined) this.rows.delete(key)
      else this.rows.set(key, row)
    }
  }

  read(known: BulletinState, now = NOW): void {
    const { epoch, version } = known.head
    const delta = readDelta(deltaSince(this, { epoch, version }), { epoch, version })
    if (delta === undefined) throw new Error('no delta')
    applyDelta(known, delta, DAY, now * 1000)
  }
}

export function known(bulletin: MemoryBulletin): BulletinState {
  const learned = emptyBulletin()
  bulletin.read(learned)
  return learned
}

export const accounts = (learned: BulletinState): string[] =>
  [...learned.entries.keys()].map((key) => key.split(' ').at(-1) ?? '')

import type { StoredAnswers } from '../../ledger/host/store.ts'
import type { AnswerChange, AnswerName, AnswerRow, SegmentSize } from '../../ledger/rules/answers.ts'

type Segments = ReadonlyMap<number, readonly AnswerRow[]>

/** Kept answers in the memory of one process. Calls `written` with all segments after every change. */
export class MemoryAnswers implements StoredAnswers {
  #segments: Segments
  readonly #written: (segments: Segments) => void

  constructor(segments: Segments, written: (segments: Segments) => void) {
    this.#segments = segments
    this.#written = written
  }

  get segments(): readonly number[] {
    return [...this.#segments.keys()]
  }

  newestSize(): SegmentSize {
    const rows = [...this.#segments.values()].at(-1) ?? []
    return { answers: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  find(segment: number, name: AnswerName): AnswerRow | undefined {
    return this.#segments.get(segment)?.find((row) => isNamed(row, name))
  }

  write(changes: readonly AnswerChange[]): void {
    if (changes.length === 0) return
    const segments = new Map(this.#segments)
    for (const change of changes) {
      if (change.kind === 'drop') segments.delete(change.segment)
      else {
        const others = (segments.get(change.segment) ?? []).filter((row) => !isNamed(row, change.row))
        segments.set(change.segment, [...others, change.row])
      }
    }
    this.#segments = segments
    this.#written(segments)
  }
}

function isNamed(row: AnswerRow, { charge, purpose }: AnswerName): boolean {
  return row.charge === charge && row.purpose === purpose
}

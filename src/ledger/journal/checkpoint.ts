import type { CheckpointPart, JournalStorage } from './storage.ts'

/** The characters of one part. Three bytes each are less than a row may have. */
const PART_CHARS = 500_000
/** The parts of one generation are numbered from 0; the next generation's from here, and so on in turns. */
const MAX_PARTS = 64

/** A whole checkpoint. */
export interface Checkpoint {
  readonly generation: number
  readonly text: string
}

/** Returns the latest checkpoint of which every part is there; undefined if there is none. */
export function readCheckpoint(storage: JournalStorage): Checkpoint | undefined {
  const byGeneration = Map.groupBy(storage.checkpoint(), ({ generation }) => generation)
  const generations = [...byGeneration.keys()].sort((one, other) => other - one)
  for (const generation of generations) {
    const text = joined(byGeneration.get(generation) ?? [])
    if (text !== undefined) return { generation, text }
  }
  return undefined
}

function joined(parts: readonly CheckpointPart[]): string | undefined {
  const count = parts[0]?.parts
  const inOrder = [...parts].sort((one, other) => one.part - other.part)
  const isWhole = inOrder.length === count && inOrder.every(({ part }, index) => part === index)
  return isWhole ? inOrder.map(({ data }) => data).join('') : undefined
}

/** Writes a checkpoint beside the one before. Throws a RangeError if it is too large to be read back. */
export function writeCheckpoint(storage: JournalStorage, { generation, text }: Checkpoint): void {
  const parts = Math.ceil(text.length / PART_CHARS)
  if (parts > MAX_PARTS) throw new RangeError(`a state of ${text.length} characters`)
  for (let part = 0; part < parts; part++) {
    const data = text.slice(part * PART_CHARS, (part + 1) * PART_CHARS)
    storage.putCheckpoint((generation % 2) * MAX_PARTS + part, { generation, part, parts, data })
  }
}

/**
 * Finds the stored response that a request selects (RFC 9111 §4), and stores new ones.
 *
 * A URI may have several copies: one for each variant that `Vary` names, and one for each partition. A copy for everyone
 * without `Vary` lies under the plain key and is found in one read. The other copies lie under keys that hold a generation,
 * the partition and the selecting values; the facts beside the plain key say which field names select, and which generation
 * is current. Invalidating a URI deletes two entries, whatever the number of its variants: the next generation hides the old
 * ones. A failing store counts as an empty one.
 */
import { after, type Eventually } from '../core/eventually.ts'
import { type CopyKey, keyText } from './rules/key.ts'
import { isPurged } from './rules/purge.ts'
import { isSelected, type ReadField, select } from './rules/vary.ts'
import type { Copy, CopyStore, StoredCopy } from '../ports.ts'
import type { PurgeList } from './purges.ts'

/** The facts of a URI with several copies: the request fields by which they differ. */
interface Variants {
  /** Renewed when the URI is invalidated, so that no earlier variant is found again. */
  readonly generation: string
  readonly names: readonly string[]
}

/** Finds and stores copies. Never throws: a store that fails counts as empty. */
export interface VariantStore {
  find(key: CopyKey, read: ReadField): Eventually<StoredCopy | undefined>
  keep(key: CopyKey, copy: Copy): Promise<void>
  /** Forgets every copy of a URI, in every partition (RFC 9111 §4.4). */
  forget(key: Omit<CopyKey, 'partition'>): Promise<void>
}

export function createVariantStore(store: CopyStore, purges: PurgeList): VariantStore {
  const unlessPurged = (
    key: CopyKey,
    found: StoredCopy | undefined,
    read: ReadField,
  ): Eventually<StoredCopy | undefined> =>
    found === undefined || !isSelected(found.stored.selection, read)
      ? undefined
      : after(purges.of(key.zone), (known) => (isPurged(found.stored, known) ? undefined : found))

  const findVariant = (key: CopyKey, read: ReadField): Eventually<StoredCopy | undefined> =>
    after(store.getFacts(keyText(key)), (facts) => {
      if (!isVariants(facts)) return undefined
      const found = store.get(variantText(key, facts, read))
      return after(found, (copy) => unlessPurged(key, copy, read))
    })

  return {
    find: (key, read) =>
      orUndefined(() => {
        if (key.partition !== '') return findVariant(key, read)
        return after(store.get(keyText(key)), (found) =>
          found === undefined ? findVariant(key, read) : unlessPurged(key, found, read),
        )
      }),
    keep: (key, copy) =>
      ignoringFailure(async () => {
        // A copy purged while it came is not stored: it might replace a newer one.
        if (!isPurged(copy.stored, await purges.of(key.zone))) await storeCopy(store, key, copy)
      }),
    forget: (key) => ignoringFailure(() => store.delete(keyText(key))),
  }
}

async function storeCopy(store: CopyStore, key: CopyKey, copy: Copy): Promise<void> {
  const { selection } = copy.stored
  if (key.partition === '' && selection.length === 0) return store.put(keyText(key), copy)
  const names = selection.map(([name]) => name)
  const known = await store.getFacts(keyText(key))
  const isKnown = isVariants(known) && known.names.join() === names.join()
  const variants: Variants = isKnown ? known : { generation: crypto.randomUUID(), names }
  if (!isKnown) {
    await store.delete(keyText(key)) // the copy for everyone may lie there
    await store.putFacts(keyText(key), variants)
  }
  const values = new Map(selection)
  return store.put(textOf(key, variants, JSON.stringify(names.map((name) => values.get(name)))), copy)
}

function variantText(key: CopyKey, variants: Variants, read: ReadField): string {
  return textOf(key, variants, JSON.stringify(select(variants.names, read).map(([, value]) => value)))
}

/** Joins the parts of a key by line breaks: no part contains one. */
function textOf(key: CopyKey, { generation }: Variants, values: string): string {
  return [keyText(key), generation, key.partition, values].join('\n')
}

function isVariants(facts: unknown): facts is Variants {
  return typeof facts === 'object' && facts !== null && 'generation' in facts && 'names' in facts
}

function orUndefined<T>(find: () => Eventually<T | undefined>): Eventually<T | undefined> {
  try {
    const found = find()
    return found instanceof Promise ? found.catch(() => undefined) : found
  } catch {
    return undefined
  }
}

async function ignoringFailure(work: () => Eventually<void>): Promise<void> {
  try {
    await work()
  } catch {
    // A copy that was not stored is asked for again.
  }
}

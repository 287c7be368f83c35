import type { Book, LedgerChange } from './book.ts'
import { leftToTake } from './credit.ts'
import type { CreditGrant, CreditTaking } from './creditrows.ts'

/**
 * Returns the grants and takings that stay when an account is erased, by their hashes: none is made a second time. Credit
 * that is lost cannot be taken back afterwards.
 */
export function keptCredits(
  book: Book,
  ids: readonly string[],
  hashes: ReadonlyMap<string, string>,
): readonly LedgerChange[] {
  const hashed = (id: string): string => hashes.get(id) ?? id
  const grants = withoutLost(
    ids.flatMap((id) => book.grant(id) ?? []),
    book,
  ).map(({ id, awaited, ...grant }) => ({ ...grant, id: hashed(id), ...(awaited && { awaited: awaited.map(hashed) }) }))
  const takings = ids
    .flatMap((id) => book.taking(id) ?? [])
    .map(({ id, of, ...taking }): CreditTaking => {
      const isKept = of !== undefined && (book.grant(of) !== undefined || hashes.has(of))
      return { ...taking, id: hashed(id), ...(isKept && { of: hashed(of) }) }
    })
  return [...grants, ...takings].map((row) => ({ table: 'grants', key: row.id, row }))
}

/** Notes of the last grants of each currency that what is left of its credit is lost: the first ones are spent first. */
function withoutLost(grants: readonly CreditGrant[], { head }: Book): readonly CreditGrant[] {
  const lost = new Map(head.credit.map(({ currency, units }) => [currency, units]))
  return grants
    .toSorted((one, other) => other.at - one.at)
    .map((grant) => {
      const rest = lost.get(grant.currency) ?? 0n
      const left = leftToTake(grant)
      const taken = rest < left ? rest : left
      if (taken <= 0n) return grant
      lost.set(grant.currency, rest - taken)
      return { ...grant, taken: (grant.taken ?? 0n) + taken }
    })
}

/** What every Worker of the benchmark answers: 470 bytes, and nothing to compute. */
export const PAGE =
  `${'Ten minutes at the edge of the network, and not one of them spent waiting. '.repeat(6)}The end of it.\n`.padEnd(
    470,
    '.',
  )

/** A page of so many bytes, of which that one is the beginning. */
export function pageOf(bytes: number): string {
  return PAGE.repeat(Math.ceil(bytes / PAGE.length)).slice(0, bytes)
}

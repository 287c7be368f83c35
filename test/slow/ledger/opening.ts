/** What one opening read, and how large the state is. */
export interface Opening {
  readonly rowsRead: number
  /** The characters of the latest checkpoint. */
  readonly stateChars: number
  readonly charges: number
  readonly keys: number
  /** What the ledger says of a key, asked right after it was opened: true if it knows it. */
  readonly knows: boolean
}

/** Counts the words of a text that comes in pieces, wherever they are split. */
export interface WordCounter {
  readonly add: (piece: Uint8Array) => void
  /** Returns how many words there were. What comes later is not counted. */
  readonly end: () => bigint
  /** What came so far, as a text. */
  readonly text: () => string
}

export function createWordCounter(): WordCounter {
  const decoder = new TextDecoder()
  let text = ''
  const wordsOf = (all: string): bigint => BigInt(all.split(/\s+/).filter((word) => word !== '').length)
  return {
    add: (piece) => void (text += decoder.decode(piece, { stream: true })),
    end: () => wordsOf(text),
    text: () => text,
  }
}

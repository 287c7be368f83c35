/** One answer, as it came. */
export interface RecordedAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Runs something, and returns what it fetched meanwhile. An SDK that is to be recorded has to be created in it. */
export async function recorded<T>(
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly answers: readonly RecordedAnswer[] }> {
  const { fetch: real } = globalThis
  const answers: Promise<RecordedAnswer>[] = []
  globalThis.fetch = async (...asked) => {
    const response = await real(...asked)
    const { url, status, headers } = response
    const text = response
      .clone()
      .text()
      .catch(() => 'broken')
    answers.push(text.then((text) => ({ url, status, headers, text })))
    return response
  }
  try {
    const value = await run()
    return { value, answers: await Promise.all(answers) }
  } finally {
    globalThis.fetch = real
  }
}

/** Returns the receipt at the end of a stream: a comment. */
export function receiptIn({ text }: Pick<RecordedAnswer, 'text'>): {
  charge: string
  amount: string
  currency: string
} {
  const [, receipt] = /^: faregate (\{.*\})$/m.exec(text) ?? []
  if (receipt === undefined) throw new Error('no receipt')
  return JSON.parse(receipt)
}

import { afterAll } from 'vitest'

/** Waits for what all tests of a file use, and stops it after the last of them. To be called while the file is read. */
export async function startForFile<T extends { readonly stop: () => Promise<unknown> }>(
  starting: Promise<T>,
): Promise<T> {
  const started = await starting
  afterAll(() => started.stop())
  return started
}

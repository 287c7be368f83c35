import { Session } from 'node:inspector/promises'

/**
 * Counts the blocks of code that V8 says were run. It counts only in what it compiles after `countBlocks`, so that what is
 * measured has to be imported after that. All code is several times slower from then on.
 */
export interface BlockCounter {
  /** Blocks of the project's code, and of the parsers it uses, that are run. */
  readonly blocksOf: (work: () => unknown) => Promise<number>
  readonly stop: () => Promise<void>
}

const MEASURED = /\/src\/|\/structured-headers\/|\/hono\//

export async function countBlocks(): Promise<BlockCounter> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const blocks = async (): Promise<number> => {
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const ranges = result
      .filter(({ url }) => MEASURED.test(url))
      .flatMap(({ functions }) => functions.flatMap((each) => each.ranges))
    return ranges.reduce((total, { count }) => total + count, 0)
  }
  return {
    async blocksOf(work) {
      await blocks()
      await work()
      return blocks()
    },
    async stop() {
      await session.post('Profiler.disable')
      session.disconnect()
    },
  }
}

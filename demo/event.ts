/** `npm run event`: `faregate event` for the demo that runs. */
import { faregate, runDemoCommand } from './faregate.ts'

/** Tells the demo's gate what happened. Returns what it took, in a line, and throws its words if it took nothing. */
export async function event(args: readonly string[]): Promise<string> {
  const { code, out, err } = await faregate('event', args)
  if (code !== 0) throw new Error(err.trim())
  return out.trim()
}

if (import.meta.main) await runDemoCommand('event')

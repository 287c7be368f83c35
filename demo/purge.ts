/** `npm run purge`: `faregate purge` for the demo that runs. */
import { runDemoCommand } from './faregate.ts'

await runDemoCommand('purge')

import { alarmsByMachine, drivenBy } from '../workerclock.ts'
import config from '../../demo/faregate.config.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const deployed = faregate(config)

/** The demo's gate, by a clock that is moved. */
export default drivenBy(deployed.Gate)
export const { Origin } = deployed
export class Ledger extends deployed.Ledger {
  constructor(state: DurableObjectState, env: Env) {
    super(alarmsByMachine(state), env)
  }
}

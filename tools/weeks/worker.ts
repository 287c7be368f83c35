import { alarmsByMachine, drivenBy } from '../workerclock.ts'
import config from '../../demo/faregate.config.ts'
import { anomalies } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const OBSERVED = { path: '/free/archive', requires: 'premium', observe: { until: '2099-01-01T00:00:00Z' } }

/** The demo's configuration, with what watches, and with a part of the site that is only watched yet. */
const deployed = faregate((env) => {
  const all = typeof config === 'function' ? config(env) : config
  if (!('zones' in all)) throw new TypeError('the demo has zones')
  const zones = all.zones.map((zone) => ({ ...zone, routes: [OBSERVED, ...zone.routes] }))
  return { ...all, zones, endpoints: [...(all.endpoints ?? []), anomalies({ secret: 'ANOMALY_SALT' })] }
})

/** The demo's gate, by a clock that is moved. */
export default drivenBy(deployed.Gate)
export const { Origin } = deployed
export class Ledger extends deployed.Ledger {
  constructor(state: DurableObjectState, env: Env) {
    super(alarmsByMachine(state), env)
  }
}

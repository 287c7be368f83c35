import { bearer, type Config, session } from '../../src/index.ts'
import type { LoginPlugin } from '../../src/endpoints/loginplugin.ts'
import type { Login } from '../../src/rails/login.ts'
import { ISSUER } from './claims.ts'
import { siteOptions } from './options.ts'

const nobody = (): never => {
  throw new Error('nobody signs in to a benchmark')
}

/** The name of the one login. */
export const BENCH_LOGIN = 'bench'

const login: Login = {
  name: BENCH_LOGIN,
  issuer: ISSUER,
  offers: [],
  signsIn: false,
  isSilent: false,
  begin: nobody,
  finish: nobody,
  renew: nobody,
}

const plugin: LoginPlugin = {
  name: BENCH_LOGIN,
  issuer: ISSUER,
  endpoints: [],
  rails: ['session'],
  faults: () => [],
  create: () => login,
}

/** The site with sessions, whose claims outlast every benchmark. */
export function sessionOptions(): Config {
  const options = siteOptions({ rails: [bearer(), session({ renewSeconds: 86_400 })] })
  return (env) => {
    const given = typeof options === 'function' ? options(env) : options
    const zones = 'zones' in given ? given.zones.map((zone) => ({ ...zone, logins: [plugin] })) : []
    return { ...given, secrets: { gate: 'ACCOUNT_HASH_KEY' }, zones }
  }
}

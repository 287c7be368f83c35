import type { BulletinStore, Ledger as LedgerPort, Objects } from '../../ports.ts'
import type { AnomalyAnswer, AnomalyCommand } from '../../anomalies/rules/anomalycommands.ts'
import type { TallyAnswer } from '../../tallies/rules/commands.ts'
import type { LedgerPlace } from '../../ledger/rules/place.ts'
import type { KeptCommand } from '../../zonestores.ts'
import type { LedgerObject } from './ledger/ledger.ts'

/** The binding of the Durable Object class `Ledger` in wrangler.toml. */
const BINDING = 'LEDGER'

/** Returns the ledgers and bulletins of the bound Durable Objects. Undefined if none are bound. */
export function objectsOf(env: unknown): Objects | undefined {
  const namespace = boundTo(env)
  if (namespace === undefined) return undefined
  const named = (name: string, { jurisdiction, locationHint }: LedgerPlace): LedgerStub =>
    withReconnect(() => {
      // Ids of a jurisdiction are other ids, and only its own namespace takes them.
      const placed = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction)
      return placed.get(placed.idFromName(name), locationHint === undefined ? {} : { locationHint })
    })
  return {
    ledgers: named,
    bulletins: (zone, place) => named(`bulletin ${JSON.stringify([zone])}`, place),
    tallies: (zone, shard, place) => {
      const object = named(`tallies ${JSON.stringify([zone, shard])}`, place)
      return async (command) => JSON.parse(await object.keep({ kind: 'tallies', command })) as TallyAnswer
    },
    anomalies: (zone, shard, place) => {
      const object = named(`anomalies ${JSON.stringify([zone, shard])}`, place)
      return async <C extends AnomalyCommand>(command: C) =>
        JSON.parse(await object.keep({ kind: 'anomalies', command })) as AnomalyAnswer<C['kind']>
    },
  }
}

function boundTo(env: unknown): DurableObjectNamespace<LedgerObject> | undefined {
  const bound = typeof env === 'object' && env !== null && BINDING in env ? env[BINDING] : undefined
  // The binding is a text if the environment is the process's.
  return typeof bound === 'object' ? (bound as DurableObjectNamespace<LedgerObject>) : undefined
}

/** Answers with JSON: the answer to a command of that kind. */
interface KeepStub {
  keep(command: KeptCommand): Promise<string>
}

type LedgerStub = Required<LedgerPort> & BulletinStore & KeepStub

/**
 * Calls one object for as long as a request takes. The stub of an object that was reset, as by each deploy, fails forever.
 * After a failure the next call therefore makes a new stub, or open charges could not be closed.
 */
function withReconnect(make: () => LedgerStub): LedgerStub {
  let stub: LedgerStub | undefined
  const call = async <T>(ask: (stub: LedgerStub) => Promise<T>): Promise<T> => {
    const asked = (stub ??= make())
    try {
      return await ask(asked)
    } catch (error) {
      if (stub === asked) stub = undefined
      throw error
    }
  }
  return {
    charge: (command) => call((it) => it.charge(command)),
    dryRun: (command) => call((it) => it.dryRun(command)),
    amend: (command) => call((it) => it.amend(command)),
    describe: (command) => call((it) => it.describe(command)),
    apply: (commands) => call((it) => it.apply(commands)),
    beginSettlement: (command) => call((it) => it.beginSettlement(command)),
    endSettlement: (command) => call((it) => it.endSettlement(command)),
    keepAnswer: (command) => call((it) => it.keepAnswer(command)),
    keptAnswer: (name) => call((it) => it.keptAnswer(name)),
    grant: (command) => call((it) => it.grant(command)),
    recordStatement: (command) => call((it) => it.recordStatement(command)),
    statements: (token) => call((it) => it.statements(token)),
    read: (command) => call((it) => it.read(command)),
    order: (name, command) => call((it) => it.order(name, command)),
    history: (command) => call((it) => it.history(command)),
    erase: (command) => call((it) => it.erase(command)),
    endErase: (id) => call((it) => it.endErase(id)),
    addErased: (command) => call((it) => it.addErased(command)),
    post: (command, act) => call((it) => it.post(command, act)),
    delta: (since) => call((it) => it.delta(since)),
    keep: (command) => call((it) => it.keep(command)),
  }
}

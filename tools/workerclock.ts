/** The clock of a Worker under test: it stands ahead of the machine's by what the test has said. To be imported before the gate. */
const machine = Date.now.bind(Date)
let aheadMs = 0
Date.now = () => machine() + aheadMs

interface Entrypoint<E, C> {
  fetch(request: Request, env: E, ctx: C): Response | Promise<Response>
}

/** A Worker whose clock is moved by a request with `clock-ahead`, in seconds. */
export function drivenBy<E, C>(gate: Entrypoint<E, C>): Entrypoint<E, C> {
  return {
    fetch(request, env, ctx) {
      const seconds = new URL(request.url).searchParams.get('clock-ahead')
      if (seconds === null) return gate.fetch(request, env, ctx)
      aheadMs = Number(seconds) * 1000
      return new Response(null, { status: 204 })
    },
  }
}

interface Alarms {
  readonly storage: { setAlarm(time: number): Promise<void> }
}

/** Sets the alarms of an object by the machine's clock: so long from now as the moved clock says, however it is moved later. */
export function alarmsByMachine<S extends Alarms>(state: S): S {
  const { storage } = state
  const set = storage.setAlarm.bind(storage)
  storage.setAlarm = (time) => set(time - aheadMs)
  return state
}

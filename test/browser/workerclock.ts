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

/** A Worker behind the gate: says what it is told to, or how the request to it was signed. */
export default {
  fetch(request, { SAYS, STATUS, THROWS }) {
    if (THROWS !== undefined) throw new Error(THROWS)
    return new Response(SAYS ?? request.headers.get('faregate-assertion'), { status: Number(STATUS ?? 200) })
  },
}

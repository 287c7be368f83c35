/** The clock of a Worker under test: it stands ahead of the machine's by what the test has said. To be imported before the gate. */
const machine = Date.now.bind(Date)
let aheadMs = 0
Date.now = () => machine() + aheadMs

export function setAhead(seconds: number): void {
  aheadMs = seconds * 1000
}

/** The clock of the replay's Worker: it stands away from the machine's by what the script has said. To be imported before the gate. */
const machine = Date.now.bind(Date)
let aheadMs = 0
Date.now = () => machine() + aheadMs

/** Lets the clock show a time from now on. */
export function showTime(ms: number): void {
  aheadMs = ms - machine()
}

/** Returns the time of the machine at which the clock will show a time, unless it is moved. */
export function machineTime(ms: number): number {
  return ms - aheadMs
}

/** Returns the present time: milliseconds since 1970. What signs outside of the gate has no platform to ask. */
export const systemClock = (): number => Date.now()

/**
 * A value, or a promise of one.
 *
 * Most requests find everything they need in memory. An `async` function on that path costs a promise, and one promise costs
 * a request more than all that the gate decides. So functions on the warm path return the value itself if they have it, and a
 * promise only if they had to do I/O. Callers use `after`, or test `instanceof Promise`; `await` is correct too, but brings
 * the cost back.
 */
export type Eventually<T> = T | Promise<T>

/** Calls `goOn` with a value: immediately if the value is present, else once the promise resolves. */
export function after<T, U>(value: Eventually<T>, goOn: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value)
}

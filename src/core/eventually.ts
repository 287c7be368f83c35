/** A value that may be there already: a promise costs a request more than all that the gate decides. */
export type Eventually<T> = T | Promise<T>

/** Goes on with a value: at once where it is there. */
export function after<T, U>(value: Eventually<T>, goOn: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value)
}

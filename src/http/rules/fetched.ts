/** What an isolate knows of something that it fetches again and again. Times are in milliseconds since 1970. */
export interface Fetched {
  /** The start of the fetch of the copy; undefined if there is none. */
  readonly asOf: number | undefined
  /** Until then the copy needs no other. */
  readonly freshUntil: number
  /** The end of its use while no other can be had. */
  readonly usableUntil: number
  /** The time of the last failure; undefined after a success. */
  readonly failedAt: number | undefined
}

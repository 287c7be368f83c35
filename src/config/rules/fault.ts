/** One thing wrong with a configuration, and where: `zones[0].routes[2].price`. */
export interface Fault {
  readonly path: string
  readonly message: string
}
